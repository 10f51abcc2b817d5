package jarrah.ec2.compute;

import static jarrah.ec2.compute.ComputeFixture.ACCOUNT;
import static jarrah.ec2.compute.ComputeFixture.files;
import static jarrah.ec2.compute.ComputeFixture.request;
import static jarrah.ec2.compute.ComputeFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.machine.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that stops or dies in the middle of something goes on with it when it is started again. */
class RestartTest {
    @TempDir
    Path directory;

    private ComputeFixture cloud;
    private Image image;

    @BeforeEach
    void open() {
        cloud = new ComputeFixture(directory);
        image = cloud.image("ebs", "machine", true);
    }

    @AfterEach
    void close() {
        cloud.close();
    }

    @Test
    void aRunningMachineIsAdoptedAndNotLaunchedAgain() {
        String id = cloud.running(request(image.id()));
        long pid = cloud.hypervisor.of(id).pid();
        cloud.stopCompute();
        assertThat(cloud.hypervisor.of(id).running()).isTrue();
        cloud.startCompute();
        assertThat(cloud.instance(id).state()).isEqualTo(Instance.State.RUNNING);
        assertThat(cloud.hypervisor.launches).hasSize(1);
        assertThat(cloud.fabric.cards()).hasSize(1);
        cloud.compute.instances().stop(ACCOUNT, List.of(id), false);
        cloud.await(id, Instance.State.STOPPED);
        assertThat(cloud.hypervisor.of(id).pid()).isEqualTo(pid);
    }

    @Test
    void aLaunchThatWasRecordedOnlyIsCarriedOut() {
        cloud.stopCompute();
        String id = cloud.unstarted()
                .instances()
                .run(ACCOUNT, request(image.id()))
                .getFirst()
                .id();
        cloud.startCompute();
        cloud.await(id, Instance.State.RUNNING);
    }

    @Test
    void aLaunchThatTheStopInterruptsIsNotTakenForAFailure() {
        cloud.hypervisor.gate = new CountDownLatch(1);
        String id = cloud.compute
                .instances()
                .run(ACCOUNT, request(image.id()))
                .getFirst()
                .id();
        until(() -> files(cloud.volumes()).stream().anyMatch(name -> name.startsWith("vol-")), () -> "no volume yet");
        cloud.stopCompute();
        assertThat(cloud.unstarted().instances().require(ACCOUNT, id).state()).isEqualTo(Instance.State.PENDING);
        cloud.hypervisor.gate = null;
        cloud.startCompute();
        cloud.await(id, Instance.State.RUNNING);
        assertThat(cloud.hypervisor.launches).hasSize(1);
    }

    @Test
    void aMachineWhoseLaunchWasNotRecordedAnyMoreIsAdopted() throws IOException {
        String id = cloud.running(request(image.id()));
        cloud.compute.instances().stop(ACCOUNT, List.of(id), true);
        cloud.await(id, Instance.State.STOPPED);
        cloud.stopCompute();
        cloud.unstarted().instances().start(ACCOUNT, List.of(id));
        cloud.hypervisor.launch(
                cloud.hypervisor.of(id).spec(), cloud.instances().resolve(id));
        cloud.startCompute();
        cloud.await(id, Instance.State.RUNNING);
        assertThat(cloud.hypervisor.launches).hasSize(2);
    }

    @Test
    void aStopGoesOn() {
        String id = cloud.running(request(image.id()));
        cloud.stopCompute();
        cloud.unstarted().instances().stop(ACCOUNT, List.of(id), false);
        cloud.startCompute();
        cloud.await(id, Instance.State.STOPPED);
        assertThat(cloud.hypervisor.running()).isEmpty();
        assertThat(cloud.hypervisor.of(id).powerButtons).hasValue(1);
    }

    @Test
    void aRebootGoesOn() {
        String id = cloud.running(request(image.id()));
        cloud.stopCompute();
        cloud.unstarted().instances().reboot(ACCOUNT, List.of(id));
        cloud.startCompute();
        until(() -> cloud.hypervisor.launches.size() == 2, () -> "not launched again");
        until(() -> !cloud.instance(id).reboot(), () -> "not done");
        assertThat(cloud.instance(id).state()).isEqualTo(Instance.State.RUNNING);
    }

    @Test
    void aTerminationGoesOn() {
        String id = cloud.running(request(image.id()));
        cloud.stopCompute();
        cloud.unstarted().instances().terminate(ACCOUNT, List.of(id));
        cloud.startCompute();
        cloud.await(id, Instance.State.TERMINATED);
        assertThat(cloud.hypervisor.running()).isEmpty();
        assertThat(cloud.compute.instances().volumes(ACCOUNT)).isEmpty();
        until(() -> files(cloud.volumes()).stream().noneMatch(name -> name.startsWith("vol-")), () -> "volumes");
    }

    @Test
    void aMachineThatDiedMeanwhileLeavesAStoppedInstance() {
        String id = cloud.running(request(image.id()));
        cloud.stopCompute();
        cloud.hypervisor.of(id).end(Machine.Ending.DIED);
        cloud.startCompute();
        cloud.await(id, Instance.State.STOPPED);
        cloud.compute.instances().start(ACCOUNT, List.of(id));
        cloud.await(id, Instance.State.RUNNING);
    }

    @Test
    void aGuestThatShutItselfDownMeanwhileIsStoppedByItselfAndNotACrash() {
        String id = cloud.running(request(image.id()));
        cloud.stopCompute();
        cloud.hypervisor.of(id).end(Machine.Ending.GUEST_SHUTDOWN);
        cloud.startCompute();
        cloud.await(id, Instance.State.STOPPED);
        assertThat(cloud.instance(id).reason().orElseThrow().code()).isEqualTo("Client.InstanceInitiatedShutdown");
        assertThat(cloud.hypervisor.running()).isEmpty();
        cloud.compute.instances().start(ACCOUNT, List.of(id));
        cloud.await(id, Instance.State.RUNNING);
    }

    @Test
    void aGuestThatShutItselfDownMeanwhileIsTerminatedWhereThatIsWhatItsShutdownMeans() {
        String id = cloud.running(request(cloud.image("store", "machine", false).id()));
        cloud.stopCompute();
        cloud.hypervisor.of(id).end(Machine.Ending.GUEST_SHUTDOWN);
        cloud.startCompute();
        cloud.await(id, Instance.State.TERMINATED);
        assertThat(cloud.instance(id).reason().orElseThrow().code()).isEqualTo("Client.InstanceInitiatedShutdown");
        assertThat(cloud.hypervisor.running()).isEmpty();
    }

    @Test
    void machinesThatNobodyKnowsAreEndedAndStrangersDirectoriesLeftAlone() throws IOException {
        String id = cloud.running(request(image.id()));
        String stopped = cloud.running(request(image.id()));
        cloud.compute.instances().stop(ACCOUNT, List.of(stopped), true);
        cloud.await(stopped, Instance.State.STOPPED);
        cloud.stopCompute();
        var spec = cloud.hypervisor.of(id).spec();
        Path unknown = cloud.instances().resolve("i-00000000000000000");
        cloud.hypervisor.launch(spec, unknown);
        cloud.hypervisor.launch(spec, cloud.instances().resolve(stopped));
        Path note = Files.createDirectories(cloud.instances().resolve("notes")).resolve("mine.txt");
        Files.writeString(note, "mine");
        cloud.startCompute();
        assertThat(cloud.hypervisor.running()).singleElement().isSameAs(cloud.hypervisor.of(id));
        assertThat(unknown).doesNotExist();
        assertThat(note).exists();
        assertThat(cloud.instance(stopped).state()).isEqualTo(Instance.State.STOPPED);
    }

    @Test
    void leftoversOfACrashAreRemovedAndWhatIsNeededStays() throws IOException {
        String id = cloud.running(request(image.id()));
        cloud.stopCompute();
        List<String> needed = files(cloud.volumes());
        for (String left : List.of("vol-0123456789abcdef0.qcow2", "snap-0123456789abcdef0.digests", "vol-1.new")) {
            Files.writeString(cloud.volumes().resolve(left), "left");
        }
        Files.writeString(cloud.images().resolve("ami-0123456789abcdef0.img"), "left");
        Files.writeString(cloud.images().resolve(image.id() + ".new"), "left");
        cloud.startCompute();
        assertThat(files(cloud.volumes())).isEqualTo(needed);
        assertThat(files(cloud.images())).isEmpty();
        assertThat(cloud.instance(id).state()).isEqualTo(Instance.State.RUNNING);
    }
}
