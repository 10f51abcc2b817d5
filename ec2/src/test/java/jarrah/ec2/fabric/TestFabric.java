package jarrah.ec2.fabric;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jarrah.ec2.fabric.FabricState.Group;
import jarrah.ec2.fabric.FabricState.Nic;
import jarrah.ec2.fabric.FabricState.Peer;
import jarrah.ec2.fabric.FabricState.Rule;
import jarrah.ec2.fabric.FabricState.Subnet;
import jarrah.ec2.fabric.FabricState.Vpc;
import jarrah.ec2.metadata.InstanceLookup;
import jarrah.ec2.metadata.Instances;
import jarrah.http.Body;
import jarrah.http.ResponseHead;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** A fabric in real namespaces, with pretend guests; takes everything down when it closes. */
final class TestFabric implements Closeable {
    static final Rule ALL = new Rule(-1, -1, -1, new Peer.Cidr("0.0.0.0/0"));

    private final Path directory;
    final FabricSettings settings;
    final FabricNames names;
    NamespaceFabric fabric;
    private final Deque<Closeable> open = new ArrayDeque<>();

    TestFabric(Path directory, String region, List<FabricSettings.Peer> peers, boolean egress) throws IOException {
        assumeRoot();
        this.directory = directory;
        settings = new FabricSettings(
                directory.resolve(region), directory.resolve("run"), region, peers, egress, Optional.empty());
        names = FabricNames.of(settings.directory());
        fabric = NamespaceFabric.open(settings, guests());
    }

    TestFabric(Path directory) throws IOException {
        this(directory, "us-east-1", List.of(), false);
    }

    /** Says why these tests cannot run here, where they cannot. */
    static void assumeRoot() {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root: network namespaces");
        assumeTrue(Files.isWritable(Path.of("/dev/net/tun")), "needs /dev/net/tun");
        for (String program : List.of("ip", "nft", "nsenter", "busybox")) {
            boolean found = Arrays.stream(System.getenv("PATH").split(":"))
                    .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
            assumeTrue(found, "needs the program " + program);
        }
        try {
            new ProcessBuilder("ip", "netns", "add", "jrtest-probe").start().waitFor();
            boolean made = Files.exists(Path.of("/run/netns/jrtest-probe"));
            new ProcessBuilder("ip", "netns", "del", "jrtest-probe").start().waitFor();
            assumeTrue(made, "this kernel makes no network namespaces");
        } catch (IOException | InterruptedException e) {
            assumeTrue(false, "ip cannot be run: " + e);
        }
    }

    /** The API says its region and path; instances are named after VPC and address. */
    GuestServices guests() {
        InstanceLookup lookup =
                (vpc, address) -> Optional.of(Instances.full("i-" + vpc + "-" + address, address, false));
        return new GuestServices(
                exchange -> exchange.send(
                        ResponseHead.of(200),
                        Body.of("API of " + settings.region() + " for "
                                + exchange.request().host())),
                lookup,
                Clock.systemUTC());
    }

    /** The same directory opened again, as after a restart of the server. */
    void restart() throws IOException {
        fabric.close();
        fabric = NamespaceFabric.open(settings, guests());
    }

    /** The n-th address of the public pool. */
    String publicAddress(int n) {
        return Ipv4Range.format(
                Ipv4Range.parse(fabric.publicPool().orElseThrow()).plus(n));
    }

    void apply(Vpc... vpcs) throws IOException {
        fabric.apply(new FabricState(List.of(vpcs)));
    }

    /** A VPC of 10.0.0.0/16 with one subnet. */
    static Vpc vpc(String id, List<Group> groups, Nic... nics) {
        return new Vpc(id, "10.0.0.0/16", List.of(new Subnet("subnet-1", "10.0.0.0/24")), List.of(nics), groups);
    }

    /** A card at 10.0.0.N. */
    static Nic nic(int n, Optional<String> publicAddress, String... groups) {
        return new Nic(
                "eni-" + n,
                "i-" + n,
                "subnet-1",
                "02:00:00:00:00:%02x".formatted(n),
                "10.0.0." + n,
                publicAddress,
                List.of(groups),
                "ip-10-0-0-" + n);
    }

    static Group group(String id, Rule... ingress) {
        return new Group(id, List.of(ingress), List.of(ALL));
    }

    static Rule tcp(int port, String cidr) {
        return new Rule(6, port, port, new Peer.Cidr(cidr));
    }

    /** A guest at the card 10.0.0.N of a VPC, with its address from DHCP. */
    PretendGuest guest(String vpcId, int n) throws IOException {
        PretendGuest guest =
                PretendGuest.plugIn(names, vpcId, "eni-" + n, "02:00:00:00:00:%02x".formatted(n), directory);
        open.push(guest);
        guest.dhcp();
        return guest;
    }

    /** Everything of this fabric that the host shows: namespaces, and devices of the host. */
    List<String> traces() throws IOException {
        var traces = new ArrayList<String>();
        Commands.run(List.of("ip", "netns", "list"), "", false)
                .lines()
                .filter(line -> line.contains(names.router()))
                .forEach(traces::add);
        Commands.run(List.of("ip", "-o", "link"), "", false)
                .lines()
                .filter(line -> line.contains(names.hostDevice()))
                .forEach(traces::add);
        Commands.run(List.of("nft", "list", "tables"), "", false)
                .lines()
                .filter(line -> line.contains(names.hostTable()))
                .forEach(traces::add);
        return traces;
    }

    <T extends Closeable> T closing(T resource) {
        open.push(resource);
        return resource;
    }

    @Override
    public void close() throws IOException {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        try {
            fabric.destroy();
        } finally {
            fabric.close();
        }
    }
}
