package jarrah.ec2.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jarrah.ec2.fabric.FabricState.Nic;
import jarrah.ec2.fabric.FabricState.Subnet;
import jarrah.ec2.fabric.FabricState.Vpc;
import jarrah.ec2.metadata.Instances;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The network without root: what a card is given, and that QEMU's network does bring metadata to a guest. */
final class UserModeFabricTest {
    @TempDir
    Path directory;

    private UserModeFabric fabric;

    @BeforeEach
    void open() throws IOException {
        fabric = reopened();
    }

    private UserModeFabric reopened() throws IOException {
        var settings = new FabricSettings(
                directory.resolve("fabric"), directory.resolve("run"), "us-east-1", List.of(), false, Optional.empty());
        return UserModeFabric.open(
                settings,
                new GuestServices(
                        _ -> {},
                        (vpc, address) -> Optional.of(Instances.full("i-" + vpc + "-" + address, address, false)),
                        Clock.systemUTC()));
    }

    @AfterEach
    void close() throws IOException {
        fabric.close();
    }

    private static FabricState state(String... addresses) {
        var nics = new ArrayList<Nic>();
        for (String address : addresses) {
            nics.add(new Nic(
                    "eni-" + nics.size(),
                    "i-1",
                    "subnet-1",
                    "02:00:00:00:00:05",
                    address,
                    Optional.empty(),
                    List.of(),
                    "host"));
        }
        return new FabricState(List.of(
                new Vpc("vpc-1", "172.31.0.0/16", List.of(new Subnet("subnet-1", "172.31.0.0/20")), nics, List.of())));
    }

    @Test
    void aCardHasItsAddressAndAPortThatLeadsToIt() throws IOException {
        fabric.apply(state("172.31.0.5"));
        var attachment = fabric.attachment("eni-0");

        assertThat(attachment.netdev())
                .startsWith("user,restrict=on,")
                .contains(",dhcpstart=172.31.0.5,", ",guestfwd=tcp:169.254.169.254:80-cmd:")
                .contains(",hostfwd=tcp:127.0.0.1:"
                        + attachment.sshRelay().orElseThrow().getPort() + "-172.31.0.5:22,");
        assertThat(attachment.sshRelay().orElseThrow().getAddress().isLoopbackAddress())
                .isTrue();
        assertThat(fabric.publicPool()).isEmpty();
        assertThat(fabric.lacks()).isNotEmpty();
    }

    @Test
    void aCardKeepsItsPortAcrossARestart() throws IOException {
        fabric.apply(state("172.31.0.5", "172.31.0.6"));
        var before = fabric.attachment("eni-1");
        fabric.close();
        fabric = reopened();
        fabric.apply(state("172.31.0.5", "172.31.0.6"));
        assertThat(fabric.attachment("eni-1")).isEqualTo(before);
        assertThat(fabric.attachment("eni-0").sshRelay()).isNotEqualTo(before.sshRelay());
    }

    @Test
    void anAddressThatUserNetworkingCannotHaveIsRefused() {
        assertThatThrownBy(() -> fabric.apply(state("10.0.0.5"))).hasMessageContaining("172.16.0.0/12");
    }

    @Test
    void aGuestGetsItsAddressAndReadsItsMetadataOverAndOver() throws Exception {
        TestFabric.assumeRoot(); // for the pretend guest alone
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/qemu-system-x86_64")), "needs qemu-system-x86_64");
        fabric.apply(state("172.31.0.5"));
        try (var guest = PretendGuest.alone(directory);
                var qemu = new UserNetwork(guest, fabric.attachment("eni-0").netdev())) {
            assertThat(guest.dhcp()).contains("ip=172.31.0.5\n");
            for (int i = 0; i < 3; i++) {
                assertThat(guest.http(
                                "169.254.169.254",
                                80,
                                "GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                        .endsWith("i-vpc-1-172.31.0.5");
            }
            assertThat(guest.ask("169.254.169.252", 22)).isEmpty();
            assertThat(qemu.isAlive()).isTrue();
        }
    }

    /** QEMU without a machine: its user network joined to a tap that is the guest's card. */
    private static final class UserNetwork implements AutoCloseable {
        private final Process process;

        UserNetwork(PretendGuest guest, String netdev) throws IOException {
            guest.ip(
                    "tuntap add dev eth0 mode tap",
                    "link set dev eth0 address 02:00:00:00:00:05",
                    "link set dev eth0 up");
            var line = new ArrayList<>(guest.namespace().prefix());
            line.addAll(List.of("qemu-system-x86_64", "-M", "none", "-nodefaults", "-display", "none"));
            line.addAll(List.of("-netdev", netdev + ",id=user0"));
            line.addAll(List.of("-netdev", "tap,id=tap0,ifname=eth0,script=no,downscript=no"));
            line.addAll(List.of("-netdev", "hubport,id=port0,hubid=0,netdev=user0"));
            line.addAll(List.of("-netdev", "hubport,id=port1,hubid=0,netdev=tap0"));
            process = new ProcessBuilder(line).inheritIO().start();
        }

        boolean isAlive() {
            return process.isAlive();
        }

        @Override
        public void close() throws IOException {
            process.destroy();
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
