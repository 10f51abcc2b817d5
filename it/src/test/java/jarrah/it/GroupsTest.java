package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Packets between guests, to the metadata service and to the host: what groups allow passes, and nothing else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GroupsTest {
    /** Where this host comes from: the public pool. Guests of a VPC see each other by private addresses. */
    private static final String FROM_HOST = " --protocol tcp --port 22 --cidr 198.18.0.0/15";

    private static final String CLIENT_IP = "172.31.0.10";
    private static final String SERVER_IP = "172.31.0.11";
    private static final String OTHER_IP = "172.31.0.12";

    private final Region region;
    private final Shell shell;
    private final Shell strangers;
    private final Guests guests;
    private final Guests strangersGuests;
    private final String clientGroup;
    private final String serverGroup;
    private final String client;
    private final String server;
    private final String other;
    private final String stranger;

    GroupsTest(@TempDir Path directory) throws Exception {
        Guests.require("GroupsTest");
        region = Region.start(directory.resolve("data"));
        shell = new Shell(region, directory);
        guests = new Guests(region, shell, directory);
        boolean ready = false;
        try {
            String image = Guests.tiny(region, "GroupsTest");
            guests.keyPair("me");
            String access = group(shell, "access");
            shell.run("aws ec2 authorize-security-group-ingress --group-name access" + FROM_HOST);
            clientGroup = group(shell, "client");
            serverGroup = group(shell, "server");
            client = run(guests, image, CLIENT_IP, access + " " + clientGroup);
            server = run(guests, image, SERVER_IP, access + " " + serverGroup);
            other = run(guests, image, OTHER_IP, access);

            AccountCommands.run(region, "account", "create", "team-b");
            strangers = new Shell(region.credentials().resolve("team-b").resolve("jarrahrc"), directory);
            strangersGuests = new Guests(region, strangers, directory);
            strangers.run("ssh-keygen -y -f me.pem > me.pub; aws ec2 import-key-pair --key-name me"
                    + " --public-key-material fileb://me.pub");
            String strangersAccess = group(strangers, "access");
            strangers.run("aws ec2 authorize-security-group-ingress --group-name access" + FROM_HOST);
            stranger = run(strangersGuests, image, CLIENT_IP, strangersAccess);
            for (String id : List.of(client, server, other)) {
                guests.awaitReady(id, 1);
            }
            strangersGuests.awaitReady(stranger, 1);
            ready = true;
        } finally {
            if (!ready) {
                guests.destroy();
            }
        }
    }

    @AfterAll
    void destroy() throws Exception {
        guests.destroy();
    }

    private static String group(Shell shell, String name) throws IOException, InterruptedException {
        return shell.run("aws ec2 create-security-group --group-name " + name + " --description test --query GroupId"
                        + " --output text")
                .strip();
    }

    private static String run(Guests guests, String image, String address, String groups)
            throws IOException, InterruptedException {
        return guests.run(image, "--key-name me --private-ip-address " + address + " --security-group-ids " + groups);
    }

    private static String in(Guests guests, String id, String command) throws IOException, InterruptedException {
        return guests.ssh("me", guests.publicAddress(id), command);
    }

    /** Whether the server's ssh answers a guest. */
    private boolean reaches(Guests of, String id) throws IOException, InterruptedException {
        return in(of, id, "nc -w 3 " + SERVER_IP + " 22 </dev/null 2>/dev/null | head -c 7; echo")
                .startsWith("SSH-2.0");
    }

    private void rule(String action, String peer) throws IOException, InterruptedException {
        shell.run("aws ec2 " + action + "-security-group-ingress --group-id " + serverGroup
                + " --protocol tcp --port 22 " + peer);
    }

    @Test
    void whatNoRuleAllowsIsDroppedAndRulesComeAndGoAtOnce() throws Exception {
        assertThat(reaches(guests, client)).as("no rule").isFalse();

        rule("authorize", "--cidr " + CLIENT_IP + "/32");
        assertThat(reaches(guests, client)).as("allowed by address").isTrue();
        assertThat(reaches(guests, other)).as("another address").isFalse();
        assertThat(reaches(strangersGuests, stranger))
                .as("the same address in another VPC")
                .isFalse();
        rule("revoke", "--cidr " + CLIENT_IP + "/32");
        assertThat(reaches(guests, client)).as("revoked").isFalse();

        rule("authorize", "--source-group " + clientGroup);
        assertThat(reaches(guests, client)).as("a member").isTrue();
        assertThat(reaches(guests, other)).as("no member").isFalse();
        shell.run("aws ec2 modify-instance-attribute --instance-id " + other + " --groups " + clientGroup + " "
                + guests.attribute(other, "SecurityGroups[0].GroupId"));
        assertThat(reaches(guests, other)).as("a member since now").isTrue();
        rule("revoke", "--source-group " + clientGroup);
        assertThat(reaches(guests, client)).as("revoked").isFalse();
        assertThat(reaches(guests, other)).as("revoked").isFalse();
    }

    @Test
    void everyGuestReadsItsOwnMetadata() throws Exception {
        String ask = "curl -s http://169.254.169.254/latest/meta-data/instance-id";
        for (String id : List.of(client, server, other)) {
            assertThat(in(guests, id, ask)).isEqualTo(id);
        }
        assertThat(strangersGuests.attribute(stranger, "PrivateIpAddress")).isEqualTo(CLIENT_IP);
        assertThat(in(strangersGuests, stranger, ask)).isEqualTo(stranger);
        assertThat(in(guests, client, ask.replace("instance-id", "local-ipv4"))).isEqualTo(CLIENT_IP);
        assertThat(
                        in(
                                guests,
                                client,
                                "curl -s -o /dev/null -w '%{http_code}' -H 'X-Forwarded-For: 1.1.1.1' -X PUT"
                                        + " -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token"))
                .isEqualTo("403");
    }

    @Test
    void ofTheHostAGuestReachesNothingButItsServices() throws Exception {
        String publicAddress = guests.publicAddress(client);
        String pool = publicAddress.substring(0, publicAddress.lastIndexOf('.') + 1);
        try (var loopback = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var outside = new ServerSocket(0, 50, InetAddress.getByName(pool + "1"))) {
            try (var _ = new Socket(InetAddress.getByName(pool + "1"), outside.getLocalPort())) {
                // it listens indeed, for the host
            }
            var ports = new TreeSet<>(List.of(
                    22,
                    53,
                    80,
                    8773,
                    loopback.getLocalPort(),
                    outside.getLocalPort(),
                    region.apiPort(),
                    region.acceleratorPort(),
                    region.operationsPort()));
            shell.run("ss -Hltn | awk '{print $4}' | sed 's/.*://'")
                    .lines()
                    .map(Integer::valueOf)
                    .forEach(ports::add);
            var targets = new TreeSet<>(List.of(
                    "172.31.0.1",
                    "172.31.0.2",
                    "169.254.169.250",
                    "169.254.169.253",
                    "169.254.169.254",
                    pool + "1",
                    pool + "2"));
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> address.getAddress().length == 4 && !address.isLoopbackAddress())
                    .forEach(address -> targets.add(address.getHostAddress()));
            String scan = "for t in " + String.join(" ", targets) + "; do for p in "
                    + String.join(" ", ports.stream().map(String::valueOf).toList())
                    + "; do (nc -w 3 $t $p </dev/null >/dev/null 2>&1 && echo $t $p) & done; wait; done";
            assertThat(in(guests, client, scan).lines())
                    .containsExactlyInAnyOrder(
                            "169.254.169.254 80", "169.254.169.250 8773", "169.254.169.253 53", "172.31.0.2 53");
        }
    }
}
