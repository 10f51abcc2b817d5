package jarrah.it;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Let's Encrypt's authority for tests, Pebble, with names of its own: all of them are this machine.
 *
 * @param directory the URL of its directory
 * @param trust certificate of those who vouch for that URL
 * @param management the base URL that tells its own certificates
 */
record Pebble(Process authority, Process names, URI directory, Path trust, URI management) implements AutoCloseable {
    /**
     * Starts one.
     *
     * @param work a directory of its own
     * @param httpPort where it looks for the answers to its questions
     * @param validity of what it gives
     */
    static Pebble start(Path work, int httpPort, Duration validity) throws IOException, InterruptedException {
        int port = freePort();
        int managementPort = freePort();
        int dns = freePort();
        run(
                work,
                ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=pebble"
                                + " -addext subjectAltName=IP:127.0.0.1 -keyout pebble.key -out pebble.pem")
                        .split(" "));
        Path config = Files.writeString(
                work.resolve("pebble.json"), """
                {"pebble": {
                  "listenAddress": "127.0.0.1:%d",
                  "managementListenAddress": "127.0.0.1:%d",
                  "certificate": "%3$s/pebble.pem",
                  "privateKey": "%3$s/pebble.key",
                  "httpPort": %4$d,
                  "tlsPort": 1,
                  "certificateValidityPeriod": %5$d
                }}
                """.formatted(port, managementPort, work, httpPort, validity.toSeconds()));
        Process names = background(
                work,
                "names.log",
                Map.of(),
                "pebble-challtestsrv",
                "-defaultIPv6",
                "",
                "-dns01",
                "127.0.0.1:" + dns,
                "-http01",
                "",
                "-https01",
                "",
                "-tlsalpn01",
                "",
                "-management",
                "127.0.0.1:" + freePort());
        Process authority = background(
                work,
                "pebble.log",
                // No made-up delays; but a tenth of all nonces is refused, which clients must bear.
                Map.of("PEBBLE_VA_NOSLEEP", "1", "PEBBLE_WFE_NONCEREJECT", "10"),
                "pebble",
                "-config",
                config.toString(),
                "-dnsserver",
                "127.0.0.1:" + dns);
        var pebble = new Pebble(
                authority,
                names,
                URI.create("https://127.0.0.1:" + port + "/dir"),
                work.resolve("pebble.pem"),
                URI.create("https://127.0.0.1:" + managementPort));
        await(port);
        return pebble;
    }

    /** A port of the loopback address that nobody has now. */
    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void await(int port) throws IOException, InterruptedException {
        for (int tries = 0; ; tries++) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return;
            } catch (IOException e) {
                if (tries == 300) {
                    throw e;
                }
                Thread.sleep(100);
            }
        }
    }

    private static Process background(Path work, String log, Map<String, String> environment, String... command)
            throws IOException {
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(work.resolve(log).toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Runs a command; it must succeed. What it said. */
    static String run(Path work, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .start();
        String said;
        try (InputStream in = process.getInputStream()) {
            said = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (process.waitFor() != 0) {
            throw new AssertionError(List.of(command) + ": " + said);
        }
        return said;
    }

    /** The certificate that all it gives goes back to, for clients to trust. */
    Path root(Path work) throws IOException, InterruptedException {
        String pem = run(work, "curl", "-sS", "--noproxy", "*", "--cacert", trust.toString(), management + "/roots/0");
        return Files.writeString(work.resolve("root.pem"), pem);
    }

    @Override
    public void close() {
        authority.destroyForcibly();
        names.destroyForcibly();
    }
}
