package jarrah.ec2.fabric;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A namespace that plays a guest at the far end of a real tap, with busybox for its programs. */
final class PretendGuest implements AutoCloseable {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final String BUSYBOX = "busybox";

    private final NetworkNamespace namespace;
    private final TapWire wire;
    private final Path directory;
    private final List<Process> started = new ArrayList<>();

    private PretendGuest(NetworkNamespace namespace, TapWire wire, Path directory) {
        this.namespace = namespace;
        this.wire = wire;
        this.directory = directory;
    }

    /** Plugs one in; it has no address yet. */
    static PretendGuest plugIn(FabricNames names, String vpcId, String nicId, String mac, Path directory)
            throws IOException {
        var guest = new NetworkNamespace("jrtest-" + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet());
        ipIn("", "netns add " + guest.name());
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
    java.nio.channels.ServerSocketChannel serve(int port, String words) throws IOException {
        var server = namespace.call(() ->
                java.nio.channels.ServerSocketChannel.open().bind(new java.net.InetSocketAddress("0.0.0.0", port)));
        Thread.ofVirtual().start(() -> {
            while (server.isOpen()) {
                try (var caller = server.accept()) {
                    caller.write(java.nio.ByteBuffer.wrap(words.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
                } catch (IOException e) {
                    // Closed, or a caller that left.
                }
            }
        });
        return server;
    }

    /** What a TCP server says to this guest; empty if there is no connection within a second and a half. */
    String ask(String address, int port) throws IOException {
        var socket = namespace.call(() -> new java.net.Socket(java.net.Proxy.NO_PROXY) {
            {
                bind(null); // makes the socket here and now
            }
        });
        return Callers.ask(socket, address, port);
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
        started.forEach(Process::destroy);
        wire.close();
        ipIn("", "netns del " + namespace.name());
    }
}
