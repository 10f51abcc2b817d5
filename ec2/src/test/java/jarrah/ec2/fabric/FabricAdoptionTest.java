package jarrah.ec2.fabric;

import static jarrah.ec2.fabric.TestFabric.group;
import static jarrah.ec2.fabric.TestFabric.nic;
import static jarrah.ec2.fabric.TestFabric.tcp;
import static jarrah.ec2.fabric.TestFabric.vpc;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import jarrah.ec2.fabric.FabricState.Vpc;
import jarrah.testkit.Deadlines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the fabric when its server restarts, when the state shrinks, and at the end. */
final class FabricAdoptionTest {
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

    private Vpc oneGuest() {
        var open = List.of(group("sg-1", tcp(22, "0.0.0.0/0"), tcp(24, "0.0.0.0/0")));
        return vpc("vpc-1", open, nic(5, Optional.of(cloud.publicAddress(10)), "sg-1"));
    }

    @Test
    void aRestartKeepsTapsPoolAndOpenConnections() throws Exception {
        cloud.apply(oneGuest());
        var guest = cloud.guest("vpc-1", 5);
        cloud.closing(guest.serve(22, "open"));
        cloud.closing(guest.echo(24));
        String pool = cloud.fabric.publicPool().orElseThrow();
        String before = devices();
        try (var socket = new java.net.Socket(cloud.publicAddress(10), 24)) {
            assertThat(Callers.echoed(socket, 'a')).isTrue();

            cloud.restart();
            assertThat(Callers.echoed(socket, 'b'))
                    .as("while the server is away")
                    .isTrue();
            cloud.apply(oneGuest());

            assertThat(Callers.echoed(socket, 'c')).isTrue();
        }
        assertThat(devices()).isEqualTo(before);
        assertThat(cloud.fabric.publicPool()).contains(pool);
        assertThat(Callers.ask(cloud.publicAddress(10), 22)).isEqualTo("open");
        assertThat(guest.dhcp()).contains("ip=10.0.0.5\n");
    }

    /** Devices with their numbers, which a device that was made again would not keep. */
    private String devices() throws IOException {
        String namespace = cloud.names.namespace("vpc-1");
        return Commands.run(List.of("ip", "-netns", namespace, "-br", "link"), "", false)
                + Commands.run(List.of("ip", "-netns", namespace, "-o", "link"), "", false)
                        .lines()
                        .map(line -> line.substring(0, line.indexOf(' ')))
                        .toList();
    }

    @Test
    void whatTheStateLosesIsTakenDownAlsoAcrossARestart() throws Exception {
        cloud.apply(oneGuest(), vpc("vpc-2", List.of(), nic(5, Optional.empty())));
        cloud.restart();
        cloud.apply(vpc("vpc-1", List.of()));

        assertThat(cloud.traces()).noneMatch(trace -> trace.contains("vpc-2"));
        assertThat(new NetworkNamespace(cloud.names.namespace("vpc-1")).devices())
                .containsExactlyInAnyOrder("lo", "uplink");
        assertThatThrownBy(() -> cloud.fabric.attachment("eni-5")).isInstanceOf(IOException.class);
    }

    @Test
    void whatVanishedFromTheHostIsMadeAgain() throws Exception {
        cloud.apply(oneGuest());
        Commands.run(List.of("ip", "netns", "del", cloud.names.namespace("vpc-1")), "", false);
        Commands.run(List.of("ip", "link", "del", cloud.names.hostDevice()), "", false);
        cloud.restart();

        cloud.apply(oneGuest());

        cloud.closing(cloud.guest("vpc-1", 5).serve(22, "open"));
        assertThat(Callers.ask(cloud.publicAddress(10), 22)).isEqualTo("open");
    }

    @Test
    void destroyLeavesNothing() throws Exception {
        cloud.apply(oneGuest(), vpc("vpc-2", List.of(), nic(5, Optional.empty())));
        assertThat(cloud.traces()).isNotEmpty();

        cloud.fabric.destroy();

        assertThat(cloud.traces()).isEmpty();
        assertThat(Ledger.read(cloud.settings.directory().resolve("ledger")).parts())
                .isEmpty();
    }

    @Test
    void theTableOfTheHostIsThereWithEgressOnlyAndGoesWithIt(@TempDir Path directory) throws Exception {
        try (var outgoing = new TestFabric(directory, "us-east-1", List.of(), true)) {
            outgoing.apply(vpc("vpc-1", List.of()));
            assertThat(outgoing.traces()).contains("table inet " + outgoing.names.hostTable());
            outgoing.fabric.destroy();
            assertThat(outgoing.traces()).isEmpty();
        }
        cloud.apply(vpc("vpc-1", List.of()));
        assertThat(cloud.traces()).noneMatch(trace -> trace.startsWith("table"));
    }

    @Test
    void aCardIsAttachedByItsTapWithinItsNamespace() throws Exception {
        cloud.apply(oneGuest());
        var attachment = cloud.fabric.attachment("eni-5");
        assertThat(attachment.netdev())
                .isEqualTo("tap,ifname=" + cloud.names.tap("vpc-1", "eni-5") + ",script=no,downscript=no");
        var line = new java.util.ArrayList<>(attachment.launchPrefix());
        line.addAll(List.of("ip", "-o", "link", "show", cloud.names.tap("vpc-1", "eni-5")));
        assertThat(Commands.run(line, "", false)).contains(cloud.names.tap("vpc-1", "eni-5"));
    }

    @Test
    void qemuStartsByTheAttachmentAndHoldsTheTapWhileTheServerRestarts() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/qemu-system-x86_64")), "needs qemu-system-x86_64");
        cloud.apply(oneGuest());
        var attachment = cloud.fabric.attachment("eni-5");
        var line = new ArrayList<>(attachment.launchPrefix());
        line.addAll(List.of("qemu-system-x86_64", "-M", "none", "-nodefaults", "-display", "none"));
        line.addAll(List.of("-netdev", attachment.netdev() + ",id=net0"));
        Process qemu = new ProcessBuilder(line).inheritIO().start();
        try {
            awaitCarrier();
            cloud.restart();
            cloud.apply(oneGuest());
            awaitCarrier();
            assertThat(qemu.isAlive()).isTrue();
        } finally {
            qemu.destroy();
            qemu.waitFor(10, TimeUnit.SECONDS);
        }
    }

    private void awaitCarrier() throws IOException {
        String namespace = cloud.names.namespace("vpc-1");
        long end = System.nanoTime() + Deadlines.STEP.toNanos();
        while (!Commands.run(
                        List.of("ip", "-netns", namespace, "link", "show", cloud.names.tap("vpc-1", "eni-5")),
                        "",
                        false)
                .contains("LOWER_UP")) {
            assertThat(System.nanoTime()).as("QEMU has not opened the tap").isLessThan(end);
        }
    }
}
