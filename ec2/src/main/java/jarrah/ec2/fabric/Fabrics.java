package jarrah.ec2.fabric;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the fabric that this process can have. */
public final class Fabrics {
    private static final Logger LOG = LoggerFactory.getLogger(Fabrics.class);
    private static final Path TUN = Path.of("/dev/net/tun");

    private Fabrics() {}

    /** Opens the best fabric there is, and says in the log which and why. */
    public static NetworkFabric open(FabricSettings settings, GuestServices guests) throws IOException {
        Optional<String> obstacle = obstacle();
        if (obstacle.isEmpty()) {
            NamespaceFabric fabric = NamespaceFabric.open(settings, guests);
            LOG.info(
                    "network: namespaces, public addresses of {}",
                    fabric.publicPool().orElse("none"));
            return fabric;
        }
        LOG.warn("network: QEMU's user networking, since {}", obstacle.get());
        return UserModeFabric.open(settings, guests);
    }

    /** Takes down what the fabric of a directory has made; nobody may be serving it. */
    public static void destroy(FabricSettings settings, Clock clock) throws IOException {
        // No guest is served: nothing is applied.
        var nobody = new GuestServices(exchange -> exchange.abort(), (_, _) -> Optional.empty(), clock);
        try (NetworkFabric fabric = open(settings, nobody)) {
            fabric.destroy();
        }
    }

    /** Why there can be no namespaces and taps; empty if there can. */
    public static Optional<String> obstacle() {
        try {
            int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            if (uid != 0) {
                return Optional.of("this process is not root");
            }
        } catch (IOException e) {
            return Optional.of("/proc cannot be read: " + e.getMessage());
        }
        for (String program : List.of("ip", "nft", "nsenter")) {
            if (!onPath(program)) {
                return Optional.of("there is no program " + program);
            }
        }
        try {
            int readWrite = 2;
            Libc.close(Libc.open(TUN.toString(), readWrite));
            return namespaceObstacle();
        } catch (IOException e) {
            return Optional.of(TUN + " cannot be opened: " + e.getMessage());
        }
    }

    /** A root without the right to make namespaces, as in many containers. */
    private static Optional<String> namespaceObstacle() {
        try {
            Commands.run(List.of("unshare", "--net", "true"), "", false);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("no network namespace can be made: " + e.getMessage());
        }
    }

    private static boolean onPath(String program) {
        String path = System.getenv("PATH");
        return path != null
                && Arrays.stream(path.split(":")).anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }
}
