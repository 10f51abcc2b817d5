package jarrah.ec2.fabric;

import static jarrah.ec2.fabric.TestFabric.ALL;
import static jarrah.ec2.fabric.TestFabric.group;
import static jarrah.ec2.fabric.TestFabric.nic;
import static jarrah.ec2.fabric.TestFabric.tcp;
import static jarrah.ec2.fabric.TestFabric.vpc;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.ec2.fabric.FabricState.Group;
import jarrah.ec2.fabric.FabricState.Peer;
import jarrah.ec2.fabric.FabricState.Rule;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups, public addresses and isolation, tried with real packets. */
final class SecurityGroupsTest {
    private static final Optional<String> PRIVATE = Optional.empty();
    private static final Rule PING = new Rule(1, 8, -1, new Peer.Cidr("0.0.0.0/0"));

    private TestFabric cloud;

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
        cloud = new TestFabric(directory);
    }

    @AfterEach
    void close() throws Exception {
        if (cloud != null) {
            cloud.close();
        }
    }

    private Optional<String> pub(int n) {
        return Optional.of(cloud.publicAddress(n));
    }

    @Test
    void whatNoRuleAllowsIsDropped() throws Exception {
        cloud.apply(vpc("vpc-1", List.of(group("sg-1")), nic(5, pub(10), "sg-1"), nic(6, PRIVATE, "sg-1")));
        var one = cloud.guest("vpc-1", 5);
        var other = cloud.guest("vpc-1", 6);
        cloud.closing(one.serve(22, "open"));

        assertThat(Callers.ask(cloud.publicAddress(10), 22)).isEmpty();
        assertThat(other.ask("10.0.0.5", 22)).isEmpty();
        assertThat(other.pings("10.0.0.5")).isFalse();
    }

    @Test
    void aRuleForARangeAllowsThatRangeAlone() throws Exception {
        String host = cloud.publicAddress(1) + "/32";
        cloud.apply(
                vpc("vpc-1", List.of(group("sg-1", tcp(22, host))), nic(5, pub(10), "sg-1"), nic(6, PRIVATE, "sg-1")));
        var one = cloud.guest("vpc-1", 5);
        var other = cloud.guest("vpc-1", 6);
        cloud.closing(one.serve(22, "open"));
        cloud.closing(one.serve(23, "shut"));

        assertThat(Callers.ask(cloud.publicAddress(10), 22)).isEqualTo("open");
        assertThat(Callers.ask(cloud.publicAddress(10), 23)).isEmpty();
        assertThat(other.ask("10.0.0.5", 22)).isEmpty();
    }

    @Test
    void aRuleForAGroupAllowsItsMembersAlone() throws Exception {
        var fromWeb = new Rule(6, 22, 22, new Peer.Members("sg-web"));
        cloud.apply(vpc(
                "vpc-1",
                List.of(group("sg-web"), group("sg-db", fromWeb)),
                nic(5, PRIVATE, "sg-db"),
                nic(6, PRIVATE, "sg-web"),
                nic(7, PRIVATE, "sg-db")));
        var database = cloud.guest("vpc-1", 5);
        var web = cloud.guest("vpc-1", 6);
        var stranger = cloud.guest("vpc-1", 7);
        cloud.closing(database.serve(22, "rows"));

        assertThat(web.ask("10.0.0.5", 22)).isEqualTo("rows");
        assertThat(stranger.ask("10.0.0.5", 22)).isEmpty();
    }

    @Test
    void aRevokedRuleAllowsNoNewConnection() throws Exception {
        var card = nic(5, pub(10), "sg-1");
        cloud.apply(vpc("vpc-1", List.of(group("sg-1", tcp(22, "0.0.0.0/0"))), card));
        cloud.closing(cloud.guest("vpc-1", 5).serve(22, "open"));
        assertThat(Callers.ask(cloud.publicAddress(10), 22)).isEqualTo("open");

        cloud.apply(vpc("vpc-1", List.of(group("sg-1")), card));

        assertThat(Callers.ask(cloud.publicAddress(10), 22)).isEmpty();
    }

    @Test
    void aMessageOfIcmpNeedsItsTypeAllowed() throws Exception {
        cloud.apply(vpc(
                "vpc-1",
                List.of(group("sg-1", PING), group("sg-2")),
                nic(5, PRIVATE, "sg-1"),
                nic(6, PRIVATE, "sg-2")));
        var one = cloud.guest("vpc-1", 5);
        var other = cloud.guest("vpc-1", 6);

        assertThat(other.pings("10.0.0.5")).isTrue();
        assertThat(one.pings("10.0.0.6")).isFalse();
    }

    @Test
    void egressRulesBoundWhatAGuestMayBegin() throws Exception {
        var onlyPort22 = new Group("sg-out", List.of(), List.of(tcp(22, "10.0.0.0/16")));
        cloud.apply(vpc(
                "vpc-1",
                List.of(group("sg-in", ALL), onlyPort22),
                nic(5, PRIVATE, "sg-in"),
                nic(6, PRIVATE, "sg-out")));
        var server = cloud.guest("vpc-1", 5);
        var client = cloud.guest("vpc-1", 6);
        cloud.closing(server.serve(22, "open"));
        cloud.closing(server.serve(23, "shut"));

        assertThat(client.ask("10.0.0.5", 22)).isEqualTo("open");
        assertThat(client.ask("10.0.0.5", 23)).isEmpty();
    }

    @Test
    void aGuestThatClaimsAnotherAddressOrCardIsNotHeard() throws Exception {
        cloud.apply(vpc("vpc-1", List.of(group("sg-1", ALL)), nic(5, PRIVATE, "sg-1"), nic(6, PRIVATE, "sg-1")));
        var honest = cloud.guest("vpc-1", 5);
        var forger = cloud.guest("vpc-1", 6);
        cloud.closing(honest.serve(22, "open"));
        assertThat(forger.ask("10.0.0.5", 22)).isEqualTo("open");

        forger.ip("addr del 10.0.0.6/24 dev eth0", "addr add 10.0.0.77/24 dev eth0");
        assertThat(forger.ask("10.0.0.5", 22)).isEmpty();
        forger.ip("route add 169.254.169.254 dev eth0");
        assertThat(forger.http("169.254.169.254", 80, "GET / HTTP/1.0\r\n\r\n")).doesNotContain("HTTP/1.");

        forger.ip(
                "addr del 10.0.0.77/24 dev eth0",
                "addr add 10.0.0.6/24 dev eth0",
                "route replace 169.254.169.254 dev eth0");
        assertThat(forger.http("169.254.169.254", 80, "GET / HTTP/1.0\r\n\r\n")).contains("HTTP/1.");
        assertThat(forger.ask("10.0.0.5", 22)).isEqualTo("open");
        forger.ip("link set dev eth0 address 02:00:00:00:00:99");
        assertThat(forger.ask("10.0.0.5", 22)).isEmpty();
    }

    @Test
    void vpcsOfTheSameAddressesMeetAtTheirPublicAddressesOnly() throws Exception {
        var open = List.of(group("sg-1", tcp(22, "0.0.0.0/0")));
        cloud.apply(
                vpc("vpc-1", open, nic(5, pub(10), "sg-1"), nic(6, PRIVATE, "sg-1")),
                vpc("vpc-2", open, nic(5, pub(11), "sg-1"), nic(7, PRIVATE, "sg-1")));
        var one = cloud.guest("vpc-1", 5);
        var two = cloud.guest("vpc-2", 5);
        var hidden = cloud.guest("vpc-2", 7);
        cloud.closing(one.serve(22, "one"));
        cloud.closing(two.serve(22, "two"));
        cloud.closing(hidden.serve(22, "hidden"));

        assertThat(Callers.ask(cloud.publicAddress(10), 22)).isEqualTo("one");
        assertThat(Callers.ask(cloud.publicAddress(11), 22)).isEqualTo("two");
        assertThat(one.ask(cloud.publicAddress(11), 22)).isEqualTo("two");
        assertThat(one.ask(cloud.publicAddress(10), 22))
                .as("its own public address")
                .isEqualTo("one");
        assertThat(one.ask("10.0.0.7", 22)).isEmpty();
        assertThat(hidden.ask(cloud.publicAddress(10), 22))
                .as("without a public address there is no way out")
                .isEmpty();
    }

    @Test
    void aPublicAddressThatMovesTakesItsConnectionsFromTheOldGuest() throws Exception {
        var open = List.of(group("sg-1", tcp(22, "0.0.0.0/0")));
        cloud.apply(vpc("vpc-1", open, nic(5, pub(10), "sg-1"), nic(6, PRIVATE, "sg-1")));
        var one = cloud.guest("vpc-1", 5);
        var other = cloud.guest("vpc-1", 6);
        cloud.closing(one.serve(22, "one"));
        cloud.closing(other.serve(22, "other"));
        var held = cloud.closing(one.echo(24));
        cloud.apply(vpc(
                "vpc-1",
                List.of(group("sg-1", tcp(22, "0.0.0.0/0"), tcp(24, "0.0.0.0/0"))),
                nic(5, pub(10), "sg-1"),
                nic(6, PRIVATE, "sg-1")));
        try (var socket = new java.net.Socket(cloud.publicAddress(10), 24)) {
            socket.setSoTimeout(1500);
            assertThat(Callers.echoed(socket, 'a')).isTrue();

            cloud.apply(vpc("vpc-1", open, nic(5, PRIVATE, "sg-1"), nic(6, pub(10), "sg-1")));

            assertThat(Callers.ask(cloud.publicAddress(10), 22)).isEqualTo("other");
            assertThat(Callers.echoed(socket, 'b')).isFalse();
        }
        assertThat(held.isOpen()).isTrue();
    }
}
