package jarrah.ec2.compute;

import static jarrah.ec2.compute.ComputeFixture.ACCOUNT;
import static jarrah.ec2.compute.ComputeFixture.OTHER;
import static jarrah.ec2.compute.ComputeFixture.PLAIN;
import static jarrah.ec2.compute.ComputeFixture.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What RunInstances makes, and what it refuses. */
class LaunchTest {
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

    private List<Instance> run(RunRequest request) {
        return cloud.compute.instances().run(ACCOUNT, request);
    }

    private RunRequest withToken(String token, String digest) {
        return request(image.id(), 1, 2, Optional.of(token), digest, List.of(), PLAIN);
    }

    private RunRequest mapped(Image.Mapping... mappings) {
        return request(image.id(), 1, 1, Optional.empty(), "", List.of(mappings), PLAIN);
    }

    static void refused(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Ec2Exception.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void theSameTokenGivesTheSameInstancesAndOtherParametersAreRefused() {
        List<Instance> first = run(withToken("token", "a"));
        assertThat(first).hasSize(2);
        assertThat(run(withToken("token", "a")).stream().map(Instance::id))
                .isEqualTo(first.stream().map(Instance::id).toList());
        refused("IdempotentParameterMismatch", () -> run(withToken("token", "b")));
        assertThat(run(withToken("another", "b"))).isNotEqualTo(first);
        assertThat(cloud.compute.instances().list(ACCOUNT)).hasSize(4);
    }

    @Test
    void aTokenIsAnsweredEvenIfItsImageIsGoneAndForgottenWithItsInstances() {
        String id = run(withToken("token", "a")).getFirst().id();
        cloud.compute.images().deregister(ACCOUNT, image.id());
        cloud.compute.instances().check(ACCOUNT, withToken("token", "a"));
        assertThat(run(withToken("token", "a")).getFirst().id()).isEqualTo(id);
        List<String> all = cloud.compute.instances().list(ACCOUNT).stream()
                .map(Instance::id)
                .toList();
        cloud.compute.instances().terminate(ACCOUNT, all);
        all.forEach(one -> cloud.await(one, Instance.State.TERMINATED));
        cloud.clock.advance(Duration.ofMinutes(61));
        cloud.compute.keepHouse();
        refused("InvalidAMIID.NotFound", () -> run(withToken("token", "a")));
    }

    @Test
    void asManyAsFitAreLaunchedButNotFewerThanTheMinimum() {
        refused(
                "InsufficientInstanceCapacity",
                () -> run(request(image.id(), 9, 9, Optional.empty(), "", List.of(), PLAIN)));
        assertThat(cloud.compute.instances().list(ACCOUNT)).isEmpty();
        List<Instance> launched = run(request(image.id(), 1, 20, Optional.empty(), "", List.of(), PLAIN));
        assertThat(launched).hasSize(8);
        assertThat(launched.stream().map(one -> one.launch().reservationId()).distinct())
                .hasSize(1);
        assertThat(launched.stream().map(one -> one.network().privateAddress()).distinct())
                .hasSize(8);
        refused("InsufficientInstanceCapacity", () -> run(request(image.id())));
    }

    @Test
    void whatIsStartedAgainMustFitToo() {
        String id = cloud.running(request(image.id()));
        cloud.compute.instances().stop(ACCOUNT, List.of(id), true);
        cloud.await(id, Instance.State.STOPPED);
        assertThat(run(request(image.id(), 8, 8, Optional.empty(), "", List.of(), PLAIN)))
                .hasSize(8);
        refused("InsufficientInstanceCapacity", () -> cloud.compute.instances().start(ACCOUNT, List.of(id)));
        assertThat(cloud.instance(id).state()).isEqualTo(Instance.State.STOPPED);
    }

    @Test
    void countsAndTypesMustMakeSense() {
        refused("InvalidParameterValue", () -> run(request(image.id(), 0, 1, Optional.empty(), "", List.of(), PLAIN)));
        refused("InvalidParameterValue", () -> run(request(image.id(), 2, 1, Optional.empty(), "", List.of(), PLAIN)));
        refused(
                "InstanceLimitExceeded",
                () -> run(request(image.id(), 65, 65, Optional.empty(), "", List.of(), PLAIN)));
    }

    @Test
    void onlyAvailableMachineImagesThatTheAccountMayLaunchAreLaunched() {
        Image kernel = cloud.image("kernel", "kernel", false);
        refused("InvalidParameterValue", () -> run(request(kernel.id())));
        refused("InvalidAMIID.NotFound", () -> run(request("ami-0123456789abcdef0")));
        refused("InvalidAMIID.Malformed", () -> run(request("ami-x")));
        refused("InvalidAMIID.NotFound", () -> cloud.compute.instances().run(OTHER, request(image.id())));
        cloud.compute.images().launchPermission(ACCOUNT, image.id(), Optional.empty(), Set.of(OTHER), Set.of());
        assertThat(cloud.compute.instances().run(OTHER, request(image.id()))).hasSize(1);
    }

    @Test
    void aKernelMustBeThereAndBeOne() {
        refused("InvalidKernelId.NotFound", () -> run(withKernel("aki-0123456789abcdef0")));
        refused("InvalidKernelId.NotFound", () -> run(withKernel(image.id())));
        Image kernel = cloud.image("kernel", "kernel", false);
        assertThat(run(withKernel(kernel.id())).getFirst().launch().kernelId()).contains(kernel.id());
    }

    private RunRequest withKernel(String kernelId) {
        RunRequest plain = request(image.id());
        return new RunRequest(
                plain.imageId(),
                1,
                1,
                plain.type(),
                plain.keyName(),
                plain.groupIds(),
                plain.subnetId(),
                plain.zone(),
                plain.privateAddress(),
                plain.associatePublicAddress(),
                Optional.of(kernelId),
                Optional.empty(),
                plain.mappings(),
                PLAIN,
                Optional.empty(),
                "",
                plain.instanceTags(),
                plain.volumeTags(),
                plain.nicTags(),
                "");
    }

    private static Image.Mapping volume(String device, Optional<String> snapshot, int size, String type) {
        return new Image.Mapping(device, Optional.empty(), Optional.of(new Image.Ebs(snapshot, size, type, true)));
    }

    @Test
    void theRequestsBlockDevicesAreLaidOverTheImages() {
        var without = new Image.Mapping("/dev/sdb", Optional.empty(), Optional.empty());
        Instance instance = run(mapped(
                        volume("/dev/sda1", Optional.empty(), 9, ""),
                        without,
                        volume("/dev/sdf", Optional.empty(), 2, "gp2")))
                .getFirst();
        assertThat(instance.devices().stream().map(Instance.Device::device)).containsExactly("/dev/sda1", "/dev/sdf");
        List<Volume> volumes = cloud.compute.instances().volumes(ACCOUNT);
        assertThat(volumes).extracting(Volume::sizeGibibytes).containsExactlyInAnyOrder(9, 2);
        assertThat(volumes).extracting(Volume::type).containsExactlyInAnyOrder("standard", "gp2");
        assertThat(volumes.stream().filter(volume -> volume.snapshotId().isPresent()))
                .hasSize(1);
    }

    @Test
    void aVolumeOfASnapshotHasTheSnapshotsSizeUnlessALargerOneIsAskedFor() {
        String snapshot = cloud.compute.images().snapshots(ACCOUNT).getFirst().id();
        run(mapped(volume("/dev/sdf", Optional.of(snapshot), 0, "gp2")));
        assertThat(cloud.compute.instances().volumes(ACCOUNT))
                .hasSize(2)
                .allSatisfy(volume -> assertThat(volume.sizeGibibytes()).isEqualTo(1));
    }

    @Test
    void devicesThatCannotBeMadeAreRefused() {
        var noRoot = new Image.Mapping("/dev/sda1", Optional.empty(), Optional.empty());
        refused("InvalidBlockDeviceMapping", () -> run(mapped(noRoot)));
        refused("InvalidBlockDeviceMapping", () -> run(mapped(volume("/dev/sdf", Optional.empty(), 0, ""))));
        refused("InvalidBlockDeviceMapping", () -> run(mapped(volume("/dev/sdf", Optional.empty(), 99_999, ""))));
        refused("InvalidParameterValue", () -> run(mapped(volume("/dev/sdf", Optional.empty(), 1, "gp9"))));
        refused(
                "InvalidSnapshot.NotFound",
                () -> run(mapped(volume("/dev/sdf", Optional.of("snap-0123456789abcdef0"), 1, ""))));
        assertThat(cloud.compute.instances().volumes(ACCOUNT)).isEmpty();
    }
}
