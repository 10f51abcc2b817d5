package jarrah.ec2.fabric;

import jarrah.ec2.fabric.FabricState.Nic;
import jarrah.ec2.fabric.FabricState.Vpc;
import jarrah.ec2.metadata.MetadataHandler;
import jarrah.ec2.metadata.MetadataTokens;
import jarrah.http.HttpServer;
import jarrah.http.HttpServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * QEMU's user networking for each card by itself, for those who are not root: a guest has its address, its metadata and a
 * port of the host's loopback that leads to its port 22. What it lacks it says.
 *
 * <p>QEMU's address translation ({@code restrict=on}) lets a guest reach nothing but what is forwarded by name. The
 * metadata address is forwarded: the guest's network is 160.0.0.0/4, which holds 172.16.0.0/12 and 169.254.0.0/16 both,
 * since QEMU forwards addresses of the guest's network only. For each connection QEMU starts a program that joins it to
 * a unix socket of this process; the other form of forwarding, to a socket of QEMU's own, is a single connection for
 * good. Each card has a socket of its own, which tells who asks. The program is Perl, which every Debian and Ubuntu has
 * ({@code perl-base} is essential there). QEMU's sandbox must let it start programs ({@code spawn=allow}).
 */
public final class UserModeFabric implements NetworkFabric {
    private static final Ipv4Range NETWORK = Ipv4Range.parse("160.0.0.0/4");
    private static final Ipv4Range USABLE = Ipv4Range.parse("172.16.0.0/12");
    private static final String PORTS = "ports";
    private static final int MAX_SOCKET_PATH_BYTES = 107; // sockaddr_un, unix(7)
    private static final int MAX_BODY_BYTES = 1024;
    private static final String RELAY = """
            #!/usr/bin/perl
            # Joins standard input and output, a guest's connection to its metadata, to the unix socket that is named.
            use strict;
            use IO::Select;
            use IO::Socket::UNIX;
            my $server = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit 1;
            my $select = IO::Select->new(\\*STDIN, $server);
            while (my @ready = $select->can_read(60)) {
                for my $from (@ready) {
                    my $bytes;
                    my $length = sysread($from, $bytes, 65536);
                    exit 0 if !$length && $from == $server;
                    if (!$length) { $select->remove($from); $server->shutdown(1); next; }
                    my $to = $from == $server ? \\*STDOUT : $server;
                    for (my $sent = 0; $sent < $length;) {
                        my $more = syswrite($to, $bytes, $length - $sent, $sent);
                        exit 1 if !defined $more;
                        $sent += $more;
                    }
                }
            }
            """;

    private final FabricSettings settings;
    private final GuestServices guests;
    private final FabricNames names;
    private final MetadataTokens tokens;
    private final Path relay;
    private final Path sockets;

    // All below is guarded by this.
    private final Map<String, HttpServer> metadata = new HashMap<>();
    private final Map<String, Attachment> attachments = new HashMap<>();
    /** Loopback ports by card, as in the file: a machine that outlives this server keeps its port. */
    private final Properties ports = new Properties();

    private UserModeFabric(FabricSettings settings, GuestServices guests) throws IOException {
        this.settings = settings;
        this.guests = guests;
        Files.createDirectories(settings.directory());
        names = FabricNames.of(settings.directory());
        tokens = new MetadataTokens(MetadataKey.of(settings.directory()));
        relay = settings.directory().resolve("metadata-relay");
        Files.writeString(relay, RELAY);
        Files.setPosixFilePermissions(relay, PosixFilePermissions.fromString("rwx------"));
        sockets = settings.runDirectory().resolve("metadata-" + names.id());
        Files.createDirectories(sockets);
        Path file = settings.directory().resolve(PORTS);
        if (Files.exists(file)) {
            try (var in = Files.newBufferedReader(file)) {
                ports.load(in);
            }
        }
    }

    /** Opens the fabric of a directory. */
    public static UserModeFabric open(FabricSettings settings, GuestServices guests) throws IOException {
        return new UserModeFabric(settings, guests);
    }

    @Override
    public synchronized void apply(FabricState state) throws IOException {
        Map<String, Vpc> wanted = new HashMap<>();
        Map<String, Nic> cards = new HashMap<>();
        for (Vpc vpc : state.vpcs()) {
            for (Nic nic : vpc.nics()) {
                wanted.put(nic.id(), vpc);
                cards.put(nic.id(), nic);
            }
        }
        metadata.forEach((nicId, server) -> {
            if (!wanted.containsKey(nicId)) {
                server.close(Duration.ZERO);
            }
        });
        metadata.keySet().retainAll(wanted.keySet());
        boolean changed = ports.keySet().retainAll(wanted.keySet());
        attachments.keySet().retainAll(wanted.keySet());
        for (var card : cards.entrySet()) {
            Vpc vpc = wanted.get(card.getKey());
            if (vpc != null && !attachments.containsKey(card.getKey())) {
                changed |= !ports.containsKey(card.getKey());
                attachments.put(card.getKey(), connect(vpc, card.getValue()));
            }
        }
        if (changed) {
            try (var out = Files.newBufferedWriter(settings.directory().resolve(PORTS))) {
                ports.store(out, null);
            }
        }
    }

    private Attachment connect(Vpc vpc, Nic nic) throws IOException {
        if (!USABLE.contains(Ipv4Range.parseAddress(nic.address()))) {
            throw new IOException("user networking has no address " + nic.address() + ", only those of " + USABLE);
        }
        Path socket =
                sockets.resolve(FabricNames.hash(vpc.id() + " " + nic.id()).substring(0, 13));
        if (socket.toString().length() > MAX_SOCKET_PATH_BYTES) {
            throw new IOException("the run directory's path is too long for a socket: " + socket);
        }
        var handler = MetadataHandler.ofCard(vpc.id(), nic.address(), guests.instances(), tokens, guests.clock());
        var config = HttpServerConfig.of("unix", 0)
                .withMaxBodyBytes(MAX_BODY_BYTES)
                .withConnections(64, 64)
                .withEventLoops(1);
        metadata.put(nic.id(), HttpServer.startUnix(socket, config, handler));
        int port = Integer.parseInt((String) ports.computeIfAbsent(nic.id(), _ -> Integer.toString(freePort())));
        return new Attachment(
                netdev(nic, port, socket),
                List.of(),
                Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
    }

    private String netdev(Nic nic, int port, Path socket) {
        var options = new ArrayList<>(List.of(
                "user",
                "restrict=on",
                "ipv6=off",
                "net=" + NETWORK,
                "host=169.254.169.252",
                "dns=" + ServiceAddresses.NAME_SERVER,
                "dhcpstart=" + nic.address(),
                "hostname=" + nic.hostName(),
                "domainname=" + VpcServices.domain(settings.region()),
                "hostfwd=tcp:127.0.0.1:" + port + "-" + nic.address() + ":22",
                "guestfwd=tcp:" + ServiceAddresses.METADATA + ":80-cmd:" + words(relay, socket)));
        return String.join(",", options);
    }

    /** A command line for QEMU: words in quotes as a shell's, and a comma written twice. */
    private static String words(Path program, Path argument) {
        return ("'" + program + "' '" + argument + "'").replace(",", ",,");
    }

    private static int freePort() {
        try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized Attachment attachment(String nicId) throws IOException {
        Attachment attachment = attachments.get(nicId);
        if (attachment == null) {
            throw new IOException("the fabric has no card " + nicId);
        }
        return attachment;
    }

    @Override
    public Optional<String> publicPool() {
        return Optional.empty();
    }

    @Override
    public List<String> lacks() {
        return List.of(
                "Instances do not reach each other: each is alone in its network.",
                "There are no public addresses: port 22 of an instance is a port of 127.0.0.1 on this host.",
                "Security groups are kept and shown, but nothing enforces them.",
                "Instances reach neither the API nor the world outside, and find no names.",
                "Only addresses of " + USABLE + " can be used.");
    }

    @Override
    public synchronized void destroy() throws IOException {
        close();
        attachments.clear();
        ports.clear();
        Files.deleteIfExists(settings.directory().resolve(PORTS));
        Files.deleteIfExists(relay);
        try (var left = Files.list(sockets)) {
            for (Path socket : left.toList()) {
                Files.delete(socket);
            }
        }
        Files.delete(sockets);
    }

    @Override
    public synchronized void close() {
        metadata.values().forEach(server -> server.close(Duration.ZERO));
        metadata.clear();
    }
}
