package jarrah.ec2.fabric;

import static jarrah.ec2.fabric.TestFabric.ALL;
import static jarrah.ec2.fabric.TestFabric.group;
import static jarrah.ec2.fabric.TestFabric.nic;
import static jarrah.ec2.fabric.TestFabric.vpc;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.Body;
import jarrah.http.HttpServer;
import jarrah.http.HttpServerConfig;
import jarrah.http.ResponseHead;
import java.io.Closeable;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guest reaches of the host: DHCP, names, its metadata, the APIs; and nothing else. */
final class GuestReachTest {
    private static final String INSTANCE_ID = "GET /latest/meta-data/instance-id HTTP/1.0\r\n\r\n";
    private static final Optional<String> PRIVATE = Optional.empty();

    private final List<Closeable> open = new ArrayList<>();

    @TempDir
    Path directory;

    @AfterEach
    void close() throws Exception {
        for (Closeable resource : open.reversed()) {
            resource.close();
        }
    }

    private <T extends Closeable> T closing(T resource) {
        open.add(resource);
        return resource;
    }

    @Test
    void dhcpGivesTheAddressWithRoutesNamesAndMtu() throws Exception {
        var cloud = closing(new TestFabric(directory));
        cloud.apply(vpc("vpc-1", List.of(), nic(5, PRIVATE)));
        var guest = cloud.guest("vpc-1", 5);

        assertThat(guest.dhcp("-B")) // by broadcast, as well as to the address before it is set
                .contains("ip=10.0.0.5\n", "subnet=255.255.255.0\n", "router=10.0.0.1\n", "dns=10.0.0.2\n")
                .contains("hostname=ip-10-0-0-5\n", "domain=us-east-1.compute.internal\n", "mtu=1500\n")
                .contains("staticroutes=169.254.169.254/32 10.0.0.1 0.0.0.0/0 10.0.0.1\n", "lease=3600\n");
        assertThat(guest.dhcp("-r", "10.0.0.99")).as("asking for another").contains("ip=10.0.0.5\n");
    }

    @Test
    void eachGuestReadsItsOwnMetadataAlsoWhereVpcsOverlap() throws Exception {
        var cloud = closing(new TestFabric(directory));
        cloud.apply(
                vpc("vpc-1", List.of(), nic(5, PRIVATE), nic(6, PRIVATE)), vpc("vpc-2", List.of(), nic(5, PRIVATE)));

        assertThat(cloud.guest("vpc-1", 5).http("169.254.169.254", 80, INSTANCE_ID))
                .endsWith("i-vpc-1-10.0.0.5");
        assertThat(cloud.guest("vpc-1", 6).http("169.254.169.254", 80, INSTANCE_ID))
                .endsWith("i-vpc-1-10.0.0.6");
        assertThat(cloud.guest("vpc-2", 5).http("169.254.169.254", 80, INSTANCE_ID))
                .endsWith("i-vpc-2-10.0.0.5");
    }

    @Test
    void aContainerBehindAGuestReadsMetadataButGetsNoTokenPastTheHopLimit() throws Exception {
        var cloud = closing(new TestFabric(directory));
        cloud.apply(vpc("vpc-1", List.of(), nic(5, PRIVATE)));
        var guest = cloud.guest("vpc-1", 5);
        var container = cloud.closing(PretendGuest.behind(guest, directory));
        String put = "PUT /latest/api/token HTTP/1.0\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n";

        assertThat(guest.http("169.254.169.254", 80, put)).contains(" 200 ");
        assertThat(container.http("169.254.169.254", 80, INSTANCE_ID)).endsWith("i-vpc-1-10.0.0.5");
        assertThat(container.http("169.254.169.254", 80, put)).doesNotContain(" 200 ");
    }

    @Test
    void theApisOfTheRegionAndOfPeersAnswerByName() throws Exception {
        TestFabric.assumeRoot();
        var peer = HttpServer.start(
                HttpServerConfig.of("127.0.0.1", 0),
                exchange -> exchange.send(
                        ResponseHead.of(200),
                        Body.of("peer for " + exchange.request().host())),
                null);
        closing(peer::close);
        var peers = List.of(new FabricSettings.Peer("eu-west-1", "127.0.0.1", peer.port()));
        var cloud = closing(new TestFabric(directory, "us-east-1", peers, false));
        cloud.apply(vpc("vpc-1", List.of(), nic(5, PRIVATE)));
        var guest = cloud.guest("vpc-1", 5);

        assertThat(apiByName(guest, "api.us-east-1.jarrah.internal"))
                .endsWith("API of us-east-1 for api.us-east-1.jarrah.internal");
        assertThat(apiByName(guest, "bucket.s3.api.us-east-1.jarrah.internal"))
                .endsWith("API of us-east-1 for bucket.s3.api.us-east-1.jarrah.internal");
        assertThat(apiByName(guest, "api.eu-west-1.jarrah.internal"))
                .endsWith("peer for api.eu-west-1.jarrah.internal");
    }

    private static String apiByName(PretendGuest guest, String name) throws Exception {
        return guest.http(guest.resolve(name, "10.0.0.2"), 8773, "GET / HTTP/1.0\r\nHost: " + name + "\r\n\r\n");
    }

    @Test
    void namesOfInstancesAreKnownAndNoOthers() throws Exception {
        var cloud = closing(new TestFabric(directory));
        cloud.apply(vpc("vpc-1", List.of(), nic(5, PRIVATE), nic(6, PRIVATE)));
        var guest = cloud.guest("vpc-1", 5);

        assertThat(guest.resolve("ip-10-0-0-6.us-east-1.compute.internal", "10.0.0.2"))
                .isEqualTo("10.0.0.6");
        assertThat(guest.run("busybox", "nslookup", "10.0.0.6", "169.254.169.253"))
                .contains("ip-10-0-0-6.us-east-1.compute.internal");
        assertThat(guest.run("busybox", "nslookup", "example.com", "10.0.0.2")).contains("NXDOMAIN");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noOtherPortOfTheHostIsInReach(boolean egress) throws Exception {
        var cloud = closing(new TestFabric(directory, "us-east-1", List.of(), egress));
        // A guest with a public address, and every rule open: the most that a guest can be given.
        cloud.apply(vpc("vpc-1", List.of(group("sg-1", ALL)), nic(5, Optional.of(cloud.publicAddress(10)), "sg-1")));
        var guest = cloud.guest("vpc-1", 5);
        var everywhere = closing(new ServerSocket(0, 10, InetAddress.getByName("0.0.0.0")));
        var loopback = closing(new ServerSocket(0, 10, InetAddress.getLoopbackAddress()));
        Thread.ofVirtual().start(() -> greet(everywhere));
        Thread.ofVirtual().start(() -> greet(loopback));
        assertThat(Callers.ask(cloud.publicAddress(1), everywhere.getLocalPort()))
                .isEqualTo("hello");

        var addresses = new ArrayList<>(List.of("127.0.0.1", cloud.publicAddress(1), cloud.publicAddress(2)));
        java.net.NetworkInterface.networkInterfaces()
                .flatMap(java.net.NetworkInterface::inetAddresses)
                .filter(java.net.Inet4Address.class::isInstance)
                .forEach(address -> addresses.add(address.getHostAddress()));
        addresses.addAll(List.of("10.0.0.1", "10.0.0.2", "169.254.169.254", "169.254.169.250", "169.254.64.1"));
        Map<String, Future<String>> answers = new TreeMap<>();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String address : addresses) {
                for (ServerSocket server : List.of(everywhere, loopback)) {
                    int port = server.getLocalPort();
                    answers.put(address + ":" + port, callers.submit(() -> guest.ask(address, port)));
                }
            }
        }
        for (var answer : answers.entrySet()) {
            assertThat(answer.getValue().get()).as(answer.getKey()).isEmpty();
        }
        // The guest's own loopback out of the way, so that the packet does go to the fabric.
        guest.ip(
                "link set dev lo down", "addr flush dev lo", "route replace 127.0.0.1/32 via 10.0.0.1 dev eth0 onlink");
        assertThat(guest.ask("127.0.0.1", loopback.getLocalPort())).isEmpty();
    }

    private static void greet(ServerSocket server) {
        while (!server.isClosed()) {
            try (var caller = server.accept()) {
                caller.getOutputStream().write("hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            } catch (java.io.IOException e) {
                // Closed, or a caller that left.
            }
        }
    }

    @Test
    void twoRegionsStandSideBySideAndDoNotReachEachOther() throws Exception {
        var east = closing(new TestFabric(directory, "us-east-1", List.of(), false));
        var west = closing(new TestFabric(directory, "us-west-2", List.of(), false));
        assertThat(east.fabric.publicPool()).isNotEqualTo(west.fabric.publicPool());
        var groups = List.of(group("sg-1", ALL));
        east.apply(vpc("vpc-1", groups, nic(5, Optional.of(east.publicAddress(10)), "sg-1")));
        west.apply(vpc("vpc-1", groups, nic(5, Optional.of(west.publicAddress(10)), "sg-1")));
        var inEast = east.guest("vpc-1", 5);
        var inWest = west.guest("vpc-1", 5);
        east.closing(inEast.serve(22, "east"));
        west.closing(inWest.serve(22, "west"));

        assertThat(Callers.ask(east.publicAddress(10), 22)).isEqualTo("east");
        assertThat(Callers.ask(west.publicAddress(10), 22)).isEqualTo("west");
        assertThat(inEast.ask(west.publicAddress(10), 22)).isEmpty();
    }

    /** A thread born in a namespace stays there; were a carrier of virtual threads among them, this would fail. */
    @Test
    void theServersOwnConnectionsStayOutsideTheNamespaces() throws Exception {
        var cloud = closing(new TestFabric(directory));
        cloud.apply(vpc("vpc-1", List.of(), nic(5, PRIVATE)));
        cloud.guest("vpc-1", 5).http("169.254.169.254", 80, INSTANCE_ID);
        String own = java.nio.file.Files.readSymbolicLink(Path.of("/proc/self/ns/net"))
                .toString();
        try (var tasks = java.nio.file.Files.list(Path.of("/proc/self/task"))) {
            for (Path task : tasks.toList()) {
                String namespace;
                try {
                    namespace = java.nio.file.Files.readSymbolicLink(task.resolve("ns/net"))
                            .toString();
                } catch (java.io.IOException e) {
                    continue; // it ended meanwhile
                }
                assertThat(namespace).as(task.toString()).isEqualTo(own);
            }
        }
    }
}
