package jarrah.ec2.compute;

import static jarrah.ec2.compute.ComputeFixture.ACCOUNT;
import static jarrah.ec2.compute.ComputeFixture.files;
import static jarrah.ec2.compute.ComputeFixture.request;
import static jarrah.ec2.compute.ComputeFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.machine.Machine;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances from their launch to their end. */
class LifecycleTest {
    @TempDir
    Path directory;

    private ComputeFixture cloud;
    private Image ebs;
    private Image store;

    @BeforeEach
    void open() {
        cloud = new ComputeFixture(directory);
        ebs = cloud.image("ebs", "machine", true);
        store = cloud.image("store", "machine", false);
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    private List<Instances.Transition> stop(String id, boolean force) {
        return cloud.compute.instances().stop(ACCOUNT, List.of(id), force);
    }

    private void terminate(String id) {
        cloud.compute.instances().terminate(ACCOUNT, List.of(id));
    }

    @Test
    void anEbsBackedInstanceStopsKeepsItsVolumeAndStartsWithItAgain() {
        String id = cloud.running(request(ebs.id()));
        Instance first = cloud.instance(id);
        assertThat(first.network().publicAddress()).isPresent();
        assertThat(cloud.fabric.cards()).hasSize(1);

        assertThat(stop(id, false))
                .containsExactly(new Instances.Transition(id, Instance.State.RUNNING, Instance.State.STOPPING));
        cloud.await(id, Instance.State.STOPPED);
        Instance stopped = cloud.instance(id);
        assertThat(stopped.reason().orElseThrow().code()).isEqualTo("Client.UserInitiatedShutdown");
        assertThat(stopped.network().publicAddress()).isEmpty();
        assertThat(stopped.network().privateAddress()).isEqualTo(first.network().privateAddress());
        assertThat(cloud.hypervisor.of(id).powerButtons).hasValue(1);
        assertThat(cloud.compute.instances().volumes(ACCOUNT)).hasSize(1);
        until(() -> cloud.fabric.cards().isEmpty(), () -> "the card is still connected");

        cloud.compute.instances().start(ACCOUNT, List.of(id));
        cloud.await(id, Instance.State.RUNNING);
        assertThat(cloud.instance(id).reason()).isEmpty();
        assertThat(cloud.instance(id).network().publicAddress()).isPresent();
        assertThat(cloud.hypervisor.launches).hasSize(2);
        assertThat(cloud.hypervisor.launches.get(1).disks())
                .isEqualTo(cloud.hypervisor.launches.get(0).disks());
    }

    @Test
    void aGuestThatDoesNotAnswerIsWaitedForUnlessForceIsAskedFor() {
        cloud.hypervisor.obedient = false;
        String id = cloud.running(request(ebs.id()));
        stop(id, false);
        until(() -> cloud.hypervisor.of(id).powerButtons.get() == 1, () -> "the power button was not pressed");
        assertThat(cloud.instance(id).state()).isEqualTo(Instance.State.STOPPING);
        stop(id, true);
        cloud.await(id, Instance.State.STOPPED);
        assertThat(cloud.hypervisor.running()).isEmpty();
    }

    @Test
    void aTerminationDoesNotWaitForAStopOrARebootThatIsUnderWay() {
        cloud.hypervisor.obedient = false;
        String stopping = cloud.running(request(ebs.id()));
        String rebooting = cloud.running(request(ebs.id()));
        stop(stopping, false);
        cloud.compute.instances().reboot(ACCOUNT, List.of(rebooting));
        for (String id : List.of(stopping, rebooting)) {
            until(() -> cloud.hypervisor.of(id).powerButtons.get() == 1, () -> "the power button was not pressed");
        }
        cloud.hypervisor.obedient = true;
        terminate(stopping);
        terminate(rebooting);
        cloud.await(stopping, Instance.State.TERMINATED);
        cloud.await(rebooting, Instance.State.TERMINATED);
        assertThat(cloud.hypervisor.launches).hasSize(2);
    }

    @Test
    void terminationLeavesNothingButTheRecordAndTheConsole() {
        String one = cloud.running(request(ebs.id()));
        String two = cloud.running(request(store.id()));
        assertThat(files(cloud.instances())).contains("root.qcow2");
        terminate(one);
        terminate(two);
        cloud.await(one, Instance.State.TERMINATED);
        cloud.await(two, Instance.State.TERMINATED);
        until(() -> !files(cloud.instances()).contains("root.qcow2"), () -> files(cloud.instances()) + "");
        until(() -> files(cloud.volumes()).stream().noneMatch(name -> name.startsWith("vol-")), () -> "volumes");
        until(() -> cloud.fabric.cards().isEmpty(), () -> "cards");
        assertThat(cloud.compute.instances().volumes(ACCOUNT)).isEmpty();
        assertThat(cloud.hypervisor.running()).isEmpty();
        assertThat(cloud.compute.instances().list(ACCOUNT)).hasSize(2);
        assertThat(files(cloud.instances())).contains("console.log");
    }

    @Test
    void aVolumeThatIsToBeKeptOutlivesItsInstance() {
        var kept = new Image.Mapping(
                "/dev/sdf", Optional.empty(), Optional.of(new Image.Ebs(Optional.empty(), 3, "gp2", false)));
        String id = cloud.running(request(ebs.id(), 1, 1, Optional.empty(), "", List.of(kept), ComputeFixture.PLAIN));
        terminate(id);
        cloud.await(id, Instance.State.TERMINATED);
        assertThat(cloud.compute.instances().volumes(ACCOUNT)).singleElement().satisfies(volume -> {
            assertThat(volume.state()).isEqualTo("available");
            assertThat(volume.sizeGibibytes()).isEqualTo(3);
            assertThat(files(cloud.volumes())).contains(volume.id() + ".qcow2");
        });
    }

    @Test
    void theGuestsOwnShutdownStopsOrTerminatesAsTheInstanceWasLaunched() {
        String stops = cloud.running(request(ebs.id()));
        var terminating = new Instance.Options(Optional.empty(), true, false, false, false, 1, false);
        String terminates = cloud.running(request(ebs.id(), 1, 1, Optional.empty(), "", List.of(), terminating));
        String hasNoVolume = cloud.running(request(store.id()));
        for (String id : List.of(stops, terminates, hasNoVolume)) {
            cloud.hypervisor.of(id).end(Machine.Ending.GUEST_SHUTDOWN);
        }
        cloud.await(stops, Instance.State.STOPPED);
        cloud.await(terminates, Instance.State.TERMINATED);
        cloud.await(hasNoVolume, Instance.State.TERMINATED);
        assertThat(cloud.instance(stops).reason().orElseThrow().code()).isEqualTo("Client.InstanceInitiatedShutdown");
    }

    @Test
    void aMachineThatDiesStopsItsInstanceAndNeverTerminatesOneWithAVolume() {
        var terminating = new Instance.Options(Optional.empty(), true, false, false, false, 1, false);
        String id = cloud.running(request(ebs.id(), 1, 1, Optional.empty(), "", List.of(), terminating));
        cloud.hypervisor.of(id).end(Machine.Ending.DIED);
        cloud.await(id, Instance.State.STOPPED);
        assertThat(cloud.instance(id).reason().orElseThrow().code()).isEqualTo("Server.InternalError");
    }

    @Test
    void aRebootPressesTheButtonAndLaunchesTheSameAgain() {
        String id = cloud.running(request(ebs.id()));
        cloud.compute.instances().reboot(ACCOUNT, List.of(id));
        until(() -> cloud.hypervisor.launches.size() == 2, () -> "not launched again");
        until(() -> !cloud.instance(id).reboot(), () -> "the reboot is not done");
        assertThat(cloud.instance(id).state()).isEqualTo(Instance.State.RUNNING);
        assertThat(cloud.hypervisor.running()).hasSize(1);
    }

    @Test
    void aRebootWhoseLaunchFailsIsNotDescribedAsRunning() {
        String id = cloud.running(request(ebs.id()));
        cloud.hypervisor.refusal = "no memory";
        cloud.compute.instances().reboot(ACCOUNT, List.of(id));
        cloud.await(id, Instance.State.STOPPED);
        assertThat(cloud.instance(id).reason().orElseThrow().message()).contains("no memory");
    }

    @Test
    void aFirstLaunchThatFailsTerminatesAndLeavesNothing() {
        cloud.hypervisor.refusal = "QEMU did not start";
        String id = cloud.compute
                .instances()
                .run(ACCOUNT, request(ebs.id()))
                .getFirst()
                .id();
        cloud.await(id, Instance.State.TERMINATED);
        assertThat(cloud.instance(id).reason().orElseThrow().message()).contains("QEMU did not start");
        assertThat(cloud.compute.instances().volumes(ACCOUNT)).isEmpty();
        until(() -> files(cloud.volumes()).stream().noneMatch(name -> name.startsWith("vol-")), () -> "volumes");
        until(() -> cloud.fabric.cards().isEmpty(), () -> "cards");
    }

    @Test
    void aStartThatFailsStopsAgainAndKeepsTheVolume() {
        String id = cloud.running(request(ebs.id()));
        stop(id, true);
        cloud.await(id, Instance.State.STOPPED);
        until(() -> cloud.fabric.cards().isEmpty(), () -> "cards"); // else there is nothing that a start has to ask for
        cloud.fabric.broken = true;
        cloud.compute.instances().start(ACCOUNT, List.of(id));
        cloud.await(id, Instance.State.STOPPED);
        until(() -> cloud.instance(id).reason().isPresent(), () -> "no reason");
        assertThat(cloud.instance(id).reason().orElseThrow().code()).isEqualTo("Server.InternalError");
        assertThat(cloud.compute.instances().volumes(ACCOUNT)).hasSize(1);
    }

    @Test
    void whatCannotBeAskedOfAStateIsRefused() {
        String id = cloud.running(request(ebs.id()));
        String withoutVolume = cloud.running(request(store.id()));
        assertThatThrownBy(() -> stop(withoutVolume, false)).hasMessageContaining("'ebs' root device type");
        terminate(id);
        cloud.await(id, Instance.State.TERMINATED);
        terminate(id);
        assertThatThrownBy(() -> stop(id, false)).hasMessageContaining("terminated");
        assertThatThrownBy(() -> cloud.compute.instances().start(ACCOUNT, List.of(id)))
                .hasMessageContaining("terminated");
        assertThatThrownBy(() -> cloud.compute.instances().reboot(ACCOUNT, List.of(id)))
                .hasMessageContaining("terminated");
        assertThatThrownBy(() -> cloud.compute.instances().terminate(ComputeFixture.OTHER, List.of(withoutVolume)))
                .hasMessageContaining("does not exist");
    }

    @Test
    void aTerminatedInstanceIsForgottenAfterAnHour() {
        String id = cloud.running(request(ebs.id()));
        terminate(id);
        cloud.await(id, Instance.State.TERMINATED);
        cloud.clock.advance(Duration.ofMinutes(59));
        cloud.compute.keepHouse();
        assertThat(cloud.compute.instances().list(ACCOUNT)).hasSize(1);
        assertThat(cloud.compute.tags().of(ACCOUNT, id)).isNotEmpty();
        cloud.clock.advance(Duration.ofMinutes(2));
        cloud.compute.keepHouse();
        assertThat(cloud.compute.instances().list(ACCOUNT)).isEmpty();
        assertThat(cloud.compute.tags().all(ACCOUNT)).isEmpty();
        assertThat(files(cloud.instances())).isEmpty();
    }

    @Test
    void aRegionWithoutInstancesMakesNoNetwork() {
        cloud.compute.keepHouse();
        cloud.compute.groups().create(ACCOUNT, "web", "web", Optional.empty(), java.util.Map.of());
        assertThat(cloud.fabric.applied).hasValue(0);
        cloud.running(request(ebs.id()));
        assertThat(cloud.fabric.applied).hasPositiveValue();
    }

    @Test
    void theConsoleCanBeReadAfterTheEnd() throws Exception {
        String id = cloud.running(request(ebs.id()));
        terminate(id);
        cloud.await(id, Instance.State.TERMINATED);
        assertThat(new String(cloud.compute.console(cloud.instance(id)).output(), StandardCharsets.UTF_8))
                .isEqualTo("hello from " + id + "\n");
    }
}
