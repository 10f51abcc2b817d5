package jarrah.ec2.fabric;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A namespace that plays a guest at the far end of a real tap, with busybox for its programs. */
final class PretendGuest implements Closeable {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final String BUSYBOX = "busybox";

    private final NetworkNamespace namespace;
    private final @Nullable TapWire wire;
    private final Path directory;

    private PretendGuest(NetworkNamespace namespace, @Nullable TapWire wire, Path directory) {
        this.namespace = namespace;
        this.wire = wire;
        this.directory = directory;
    }

    /** One without a card. */
    static PretendGuest alone(Path directory) throws IOException {
        var guest = named();
        ipIn(guest.name(), "link set dev lo up");
        return new PretendGuest(guest, null, directory);
    }

    /** A container of a guest, behind the guest's own address translation. */
    static PretendGuest behind(PretendGuest guest, Path directory) throws IOException {
        var container = alone(directory);
        String name = container.namespace().name();
        guest.ip(
                "link add inner type veth peer name eth0 netns " + name,
                "link set dev inner up",
                "addr add 192.168.9.1/24 dev inner");
        container.ip("link set dev eth0 up", "addr add 192.168.9.2/24 dev eth0", "route add default via 192.168.9.1");
        guest.namespace().set(java.util.Map.of("ipv4/ip_forward", "1"));
        Commands.nft(guest.namespace().name(), """
                table ip inner {
                  chain out {
                    type nat hook postrouting priority 100
                    oifname "eth0" masquerade
                  }
                }
                """);
        return container;
    }

    private static NetworkNamespace named() throws IOException {
        var guest = new NetworkNamespace("jrtest-" + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet());
        ipIn("", "netns add " + guest.name());
        return guest;
    }

    /** Plugs one in; it has no address yet. */
    static PretendGuest plugIn(FabricNames names, String vpcId, String nicId, String mac, Path directory)
            throws IOException {
        NetworkNamespace guest = named();
        var vpc = new NetworkNamespace(names.namespace(vpcId));
        var wire = TapWire.between(vpc, names.tap(vpcId, nicId), guest, "eth0");
        var plugged = new PretendGuest(guest, wire, directory);
        ipIn(guest.name(), "link set dev lo up", "link set dev eth0 address " + mac, "link set dev eth0 up");
        return plugged;
    }

    NetworkNamespace namespace() {
        return namespace;
    }

    private static void ipIn(String namespace, String... lines) throws IOException {
        Commands.ip(
                List.of(lines).stream()
                        .map(line -> new Part.Command(namespace, line))
                        .toList(),
                false);
    }

    /** Changes addresses and routes by hand. */
    void ip(String... lines) throws IOException {
        ipIn(namespace.name(), lines);
    }

    /** Asks for an address as a guest does, and uses it. Gives what the server said, as shell variables. */
    String dhcp(String... options) throws IOException {
        Path lease = Files.createTempFile(directory, "lease", ".txt");
        Path script = Files.createTempFile(directory, "dhcp", ".sh");
        Files.writeString(script, """
                #!/bin/sh
                case "$1" in bound|renew)
                  env > LEASE
                  ip addr replace $ip/$mask dev eth0
                  set -- $staticroutes
                  while [ -n "$1" ]; do ip route replace $1 via $2 dev eth0 onlink; shift 2; done
                esac
                """.replace("LEASE", lease.toString()));
        Files.setPosixFilePermissions(script, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        var line = new ArrayList<>(List.of(BUSYBOX, "udhcpc", "-i", "eth0", "-q", "-n", "-f", "-t", "5", "-T", "1"));
        line.addAll(List.of("-O", "mtu", "-O", "staticroutes", "-s", script.toString()));
        line.addAll(List.of(options));
        run(line.toArray(String[]::new));
        return Files.readString(lease);
    }

    /** Runs a program inside to its end and gives what it wrote, whatever its status. */
    String run(String... line) throws IOException {
        var all = new ArrayList<>(namespace.prefix());
        all.addAll(List.of(line));
        return Commands.run(all, "", true);
    }

    /** A TCP server inside that says its words to each caller; listens when this returns. */
    ServerSocketChannel serve(int port, String words) throws IOException {
        return listen(port, caller -> caller.write(ByteBuffer.wrap(words.getBytes(StandardCharsets.UTF_8))));
    }

    /** A TCP server inside that says again what it hears. */
    ServerSocketChannel echo(int port) throws IOException {
        return listen(port, caller -> {
            var buffer = ByteBuffer.allocate(1);
            while (caller.read(buffer) > 0) {
                caller.write(buffer.flip());
                buffer.clear();
            }
        });
    }

    private interface Service {
        void serve(SocketChannel caller) throws IOException;
    }

    private ServerSocketChannel listen(int port, Service service) throws IOException {
        var server = namespace.call(ServerSocketChannel::open);
        server.bind(new InetSocketAddress("0.0.0.0", port));
        Thread.ofVirtual().start(() -> {
            while (server.isOpen()) {
                try (var caller = server.accept()) {
                    service.serve(caller);
                } catch (IOException e) {
                    // Closed, or a caller that left.
                }
            }
        });
        return server;
    }

    /** What a TCP server says to this guest; empty if there is no connection. */
    String ask(String address, int port) throws IOException {
        return Callers.ask(namespace.call(SocketChannel::open).socket(), address, port);
    }

    /** The address of a name; empty if the name server has none. */
    String resolve(String name, String server) throws IOException {
        String[] answer = run(BUSYBOX, "nslookup", name, server).split("\n\n", 2);
        var found = Pattern.compile("Address: (\\S+)").matcher(answer.length < 2 ? "" : answer[1]);
        return found.find() ? found.group(1) : "";
    }

    /** Whether an ICMP echo is answered. */
    boolean pings(String address) throws IOException {
        return run(BUSYBOX, "ping", "-c", "1", "-W", "1", address).contains("1 packets received");
    }

    /** Sends an HTTP request and gives the whole answer. */
    String http(String address, int port, String request) throws IOException {
        var all = new ArrayList<>(namespace.prefix());
        all.addAll(List.of("timeout", "5", BUSYBOX, "nc", address, Integer.toString(port)));
        return Commands.run(all, request, true);
    }

    @Override
    public void close() throws IOException {
        if (wire != null) {
            wire.close();
        }
        ipIn("", "netns del " + namespace.name());
    }
}
