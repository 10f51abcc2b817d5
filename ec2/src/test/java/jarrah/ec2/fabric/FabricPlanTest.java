package jarrah.ec2.fabric;

import static jarrah.ec2.fabric.TestFabric.group;
import static jarrah.ec2.fabric.TestFabric.nic;
import static jarrah.ec2.fabric.TestFabric.tcp;
import static jarrah.ec2.fabric.TestFabric.vpc;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.ec2.fabric.FabricState.Group;
import jarrah.ec2.fabric.FabricState.Nic;
import jarrah.ec2.fabric.FabricState.Peer;
import jarrah.ec2.fabric.FabricState.Rule;
import jarrah.ec2.fabric.FabricState.Vpc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is to be in the kernel for a state, word for word.
 *
 * <p>The expected texts are resources beside this class; with the system property {@code golden.write} set they are written
 * anew into the directory that it names, to be read before they are committed.
 */
final class FabricPlanTest {
    private static final FabricNames NAMES = new FabricNames("0123abcd");
    private static final Ipv4Range POOL = Ipv4Range.parse("198.18.7.0/24");
    private static final Vpc VPC = vpc(
            "vpc-1",
            List.of(
                    group(
                            "sg-web",
                            tcp(80, "0.0.0.0/0"),
                            new Rule(6, 8000, 8999, new Peer.Cidr("192.168.1.77/24")),
                            new Rule(1, 8, -1, new Peer.Cidr("0.0.0.0/0")),
                            new Rule(1, 3, 4, new Peer.Cidr("0.0.0.0/0"))),
                    new Group(
                            "sg-db",
                            List.of(
                                    new Rule(6, 5432, 5432, new Peer.Members("sg-web")),
                                    new Rule(-1, -1, -1, new Peer.Members("sg-db")),
                                    new Rule(-1, -1, -1, new Peer.Members("sg-of-another-vpc"))),
                            List.of(
                                    new Rule(17, 0, 65_535, new Peer.Cidr("10.0.0.0/16")),
                                    new Rule(47, -1, -1, new Peer.Cidr("10.0.0.0/16"))))),
            nic(5, Optional.of("198.18.7.10"), "sg-web"),
            nic(6, Optional.empty(), "sg-db", "sg-web"),
            nic(7, Optional.empty()));

    private static FabricPlan plan(boolean egress, Vpc... vpcs) {
        var settings = new FabricSettings(
                Path.of("/x"),
                Path.of("/run"),
                "us-east-1",
                List.of(new FabricSettings.Peer("eu-west-1", "192.0.2.1", 8773)),
                egress,
                Optional.empty());
        return FabricPlan.of(new FabricState(List.of(vpcs)), NAMES, POOL, settings, Map.of("vpc-1", 1, "vpc-2", 2));
    }

    private static void assertGolden(String name, String text) throws IOException {
        String directory = System.getProperty("golden.write");
        if (directory != null) {
            Files.writeString(Path.of(directory, name), text);
        }
        try (var in = Objects.requireNonNull(FabricPlanTest.class.getResourceAsStream(name), name)) {
            assertThat(text).isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static String filter(FabricPlan plan, String namespace) {
        return Objects.requireNonNull(plan.filters().get(namespace), namespace);
    }

    private static String parts(FabricPlan plan) {
        return plan.parts().stream().map(part -> part.line() + "\n").collect(Collectors.joining());
    }

    @Test
    void aVpcBecomesThesePartsAndRules() throws IOException {
        FabricPlan plan = plan(false, VPC);
        assertGolden("vpc.parts", parts(plan));
        assertGolden("vpc.nft", filter(plan, NAMES.namespace("vpc-1")));
        assertGolden("router.nft", filter(plan, NAMES.router()));
    }

    @Test
    void egressAddsAWayOutThroughATableOfTheHost() throws IOException {
        FabricPlan plan = plan(true, VPC);
        assertThat(parts(plan)).isEqualTo(parts(plan(false, VPC)) + "host-table jarrah_0123abcd\n");
        assertGolden("vpc-egress.nft", filter(plan, NAMES.namespace("vpc-1")));
        assertGolden("router-egress.nft", filter(plan, NAMES.router()));
        assertGolden("host-egress.nft", filter(plan, ""));
    }

    @Test
    void namesOfDevicesFitTheKernelAndDifferBetweenVpcsAndFabrics() {
        var other = new FabricNames("4567abcd");
        assertThat(List.of(
                        NAMES.hostDevice(),
                        other.hostDevice(),
                        NAMES.routerDevice("vpc-1"),
                        NAMES.routerDevice("vpc-2"),
                        NAMES.tap("vpc-1", "eni-1"),
                        NAMES.tap("vpc-2", "eni-1"),
                        other.tap("vpc-1", "eni-1")))
                .doesNotHaveDuplicates()
                .allMatch(name -> name.length() <= 15);
    }

    @Test
    void everyPartIsReadFromTheLedgerAsItWasWritten() {
        for (Part part : plan(false, VPC, vpc("vpc-2", List.of())).parts()) {
            assertThat(Part.parse(part.line())).isEqualTo(part);
        }
    }

    @Test
    void theLedgerKeepsPoolLinksAndParts(@TempDir Path directory) throws IOException {
        var parts = new java.util.LinkedHashSet<>(plan(false, VPC).parts());
        var ledger = Ledger.EMPTY
                .withPool("198.18.7.0/24")
                .withLinks(List.of("vpc-1", "vpc-2"))
                .withParts(parts);
        ledger.write(directory.resolve("ledger"));
        assertThat(Ledger.read(directory.resolve("ledger"))).isEqualTo(ledger);
    }

    @Test
    void aVpcKeepsItsLinkAndAGoingOnesIsNotGivenAwayAtOnce() {
        var ledger = Ledger.EMPTY.withLinks(List.of("vpc-1", "vpc-2"));
        assertThat(ledger.links()).isEqualTo(Map.of("vpc-1", 1, "vpc-2", 2));
        var next = ledger.withLinks(List.of("vpc-2", "vpc-3"));
        assertThat(next.links()).isEqualTo(Map.of("vpc-2", 2, "vpc-3", 3));
        assertThat(next.withLinks(List.of("vpc-2", "vpc-3", "vpc-4")).links()).containsEntry("vpc-4", 1);
    }

    /** Nothing that a caller says gets into a rule or a command as it is. */
    @ParameterizedTest
    @ValueSource(strings = {"sg-1; flush ruleset", "sg 1", "", "sg\n1", "sg-1}"})
    void aWordThatIsNoIdIsRefused(String id) {
        assertThatThrownBy(() -> plan(false, vpc("vpc-1", List.of(group(id)), nic(5, Optional.empty(), id))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> plan(false, vpc(id, List.of()))).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.5; drop", "10.0.0", "10.0.0.256", "::1", "", "010.0.0.0005"})
    void anAddressThatIsNoneIsRefused(String address) {
        var card = new Nic("eni-5", "i-5", "subnet-1", "02:00:00:00:00:05", address, Optional.empty(), List.of(), "h");
        assertThatThrownBy(() -> plan(false, vpc("vpc-1", List.of(), card)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPublicAddressOutsideThePoolIsRefused() {
        assertThatThrownBy(() -> plan(false, vpc("vpc-1", List.of(), nic(5, Optional.of("198.18.8.10")))))
                .hasMessageContaining("198.18.8.10");
        assertThatThrownBy(() -> plan(false, vpc("vpc-1", List.of(), nic(5, Optional.of("198.18.7.2")))))
                .hasMessageContaining("198.18.7.2");
    }
}
