package jarrah.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Disks plugged into, and copied from, a running machine; its guest knows nothing of them. */
final class MachineDisksTest {
    private static final long MEBIBYTE = 1 << 20;

    @TempDir
    Path temp;

    private QemuHypervisor hypervisor;
    private final List<Machine> machines = new ArrayList<>();

    @BeforeEach
    void needQemu() throws IOException {
        Programs.need(MachineDisksTest.class, "qemu-system-x86_64", "qemu-img", "setsid");
        // Where we are root they have a user of their own, and open files the harder way.
        hypervisor = new QemuHypervisor(temp.resolve("run"), Accelerator.tcg("test"), Optional.of(UserRange.DEFAULT));
    }

    @AfterEach
    void end() throws IOException {
        for (Machine machine : machines) {
            machine.quit();
            machine.close();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NITRO", "VIRTIO", "LEGACY"})
    void aDiskIsPluggedInWhileTheMachineRuns(DeviceProfile profile) throws Exception {
        Machine machine = launch(profile);

        machine.attach(data("vol1"));

        assertThat(machine.spec().disks()).extracting(MachineSpec.Disk::serial).containsExactly("root", "vol1");
        assertThatThrownBy(() -> machine.attach(data("vol1"))).isInstanceOf(QmpException.class);
        assertThat(machine.spec().disks()).hasSize(2);
    }

    @Test
    void asManyDisksAsThereAreSparePortsAndNoMore() throws Exception {
        Machine machine = launch(DeviceProfile.NITRO);
        for (int i = 0; i < QemuArguments.SPARE_PORTS; i++) {
            machine.attach(data("vol" + i));
        }

        assertThatThrownBy(() -> machine.attach(data("one-more"))).hasMessageContaining("ports for disks are taken");
    }

    @Test
    void ideMachinesTakeNoDisksWhileTheyRun() throws Exception {
        Machine machine = launch(DeviceProfile.IDE);

        assertThatThrownBy(() -> machine.attach(data("vol1"))).hasMessageContaining("IDE");
    }

    @Test
    void aDiskThatIsNotThereIsRefusedAndLeavesNothingBehind() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);
        MachineSpec.Disk disk = data("vol1");
        Files.delete(disk.file());

        assertThatThrownBy(() -> machine.attach(disk)).hasMessageContaining("No such file");

        machine.attach(data("vol1"));
    }

    @Test
    void aGuestThatDoesNotLetGoKeepsItsDisk() throws Exception {
        Machine machine = launch(DeviceProfile.NITRO); // a boot sector serves no hot-plug events
        machine.attach(data("vol1"));

        assertThatThrownBy(() -> machine.detach("vol1", Duration.ofMillis(300))).hasMessageContaining("did not let go");

        assertThat(machine.spec().disks()).hasSize(2);
    }

    @Test
    void aCopyIsWhatTheDiskHoldsWithHolesForZeroes() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);
        MachineSpec.Disk disk = data("vol1");
        byte[] bytes = new byte[(int) MEBIBYTE];
        new Random(45).nextBytes(bytes);
        try (var file = new RandomAccessFile(disk.file().toFile(), "rw")) {
            file.setLength(64 * MEBIBYTE);
            file.seek(32 * MEBIBYTE);
            file.write(bytes);
            file.write(new byte[(int) MEBIBYTE]); // written zeroes are zeroes
        }
        machine.attach(disk);

        machine.copyDisk("vol1", temp.resolve("copy.raw"));

        assertThat(Files.mismatch(disk.file(), temp.resolve("copy.raw"))).isEqualTo(-1);
        QemuImg.Info info = new QemuImg().info(temp.resolve("copy.raw"), MachineSpec.DiskFormat.RAW);
        assertThat(info.actualBytes()).isLessThan(2 * MEBIBYTE);
    }

    @Test
    void theDiskOfAnOverlayIsCopiedWhole() throws Exception {
        Path base = BootSector.disk(temp.resolve("base.raw"), 4 * MEBIBYTE);
        Path overlay = temp.resolve("overlay.qcow2");
        new QemuImg().overlay(overlay, base, MachineSpec.DiskFormat.RAW, java.util.OptionalLong.of(8 * MEBIBYTE));
        Machine machine =
                launch(DeviceProfile.NITRO, new MachineSpec.Disk("root", overlay, MachineSpec.DiskFormat.QCOW2, false));

        machine.copyDisk("root", temp.resolve("copy.raw"));

        assertThat(Files.size(temp.resolve("copy.raw"))).isEqualTo(8 * MEBIBYTE);
        assertThat(Files.mismatch(base, temp.resolve("copy.raw"))).isEqualTo(4 * MEBIBYTE);
    }

    @Test
    void aCopyThatFailsLeavesNoFile() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);
        Path target = temp.resolve("copy.raw");

        assertThatThrownBy(() -> machine.copyDisk("vol1", target)).hasMessageContaining("has no disk");

        assertThat(target).doesNotExist();
    }

    @Test
    void aFileThatIsThereIsNotOverwrittenByACopy() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);
        Path target = Files.writeString(temp.resolve("copy.raw"), "precious");

        assertThatThrownBy(() -> machine.copyDisk("root", target)).isInstanceOf(IOException.class);

        assertThat(target).hasContent("precious");
    }

    @Test
    void anAdoptedMachineKnowsTheDisksThatWerePluggedIn() throws Exception {
        Machine before = launch(DeviceProfile.NITRO);
        before.attach(data("vol1"));
        machines.clear();
        before.close();

        Machine machine = new QemuHypervisor(temp.resolve("run"), Accelerator.tcg("test"))
                .adopt(temp.resolve("m"))
                .orElseThrow();
        machines.add(machine);

        assertThat(machine.spec().disks()).extracting(MachineSpec.Disk::serial).containsExactly("root", "vol1");
        machine.attach(data("vol2"));
        machine.copyDisk("vol1", temp.resolve("copy.raw"));
    }

    private Machine launch(DeviceProfile profile) throws IOException {
        Path disk = BootSector.disk(temp.resolve("disk.raw"), MEBIBYTE);
        return launch(profile, new MachineSpec.Disk("root", disk, MachineSpec.DiskFormat.RAW, false));
    }

    private Machine launch(DeviceProfile profile, MachineSpec.Disk root) throws IOException {
        Machine machine = hypervisor.launch(
                new MachineSpec(
                        "i-1",
                        profile,
                        1,
                        64,
                        List.of(root),
                        Optional.empty(),
                        Optional.empty(),
                        "ec2e1916-9099-7caf-fd21-012345abcdef"),
                temp.resolve("m"));
        machines.add(machine);
        return machine;
    }

    private MachineSpec.Disk data(String serial) throws IOException {
        Path file = temp.resolve(serial + ".raw");
        try (var disk = new RandomAccessFile(file.toFile(), "rw")) {
            disk.setLength(MEBIBYTE);
        }
        return new MachineSpec.Disk(serial, file, MachineSpec.DiskFormat.RAW, false);
    }
}
