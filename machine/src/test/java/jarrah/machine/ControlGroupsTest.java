package jarrah.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits by control groups, against a directory that looks like the kernel's: few test machines have one to write to. */
final class ControlGroupsTest {
    private static final MachineSpec SPEC = new MachineSpec(
            "i-0123456789abcdef0",
            DeviceProfile.VIRTIO,
            1,
            512,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            "ec2e1916-9099-7caf-fd21-012345abcdef");

    @TempDir
    Path mount;

    private ControlGroups groups(String controllers) throws IOException {
        Files.writeString(mount.resolve("cgroup.controllers"), controllers + "\n");
        return ControlGroups.at(mount);
    }

    @Test
    void aMachineIsHeldToItsMemoryWithRoomForQemuAndToANumberOfTasks() throws Exception {
        ControlGroups groups = groups("cpuset cpu io memory pids");
        assertThat(groups.hindrance()).isEmpty();
        groups.enclose("0123456789abcdef", 4711, SPEC, 128);

        assertThat(mount.resolve("cgroup.subtree_control")).content().isEqualTo("+memory +pids");
        assertThat(mount.resolve("jarrah/cgroup.subtree_control")).content().isEqualTo("+memory +pids");
        Path group = mount.resolve("jarrah/0123456789abcdef");
        assertThat(group.resolve("memory.max")).content().isEqualTo(String.valueOf((512L + 128 + 512) << 20));
        assertThat(group.resolve("pids.max")).content().isEqualTo("512");
        assertThat(group.resolve("cgroup.procs")).content().isEqualTo("4711");
    }

    @Test
    void aGroupGoesWithItsMachineAndEmptyOnesAtTheNextStart() throws Exception {
        ControlGroups groups = groups("memory pids");
        Path ended = Files.createDirectories(mount.resolve("jarrah/ended"));
        groups.remove("ended");
        groups.remove("never-there");
        assertThat(ended).doesNotExist();

        Path left = Files.createDirectory(mount.resolve("jarrah/left"));
        Path used = Files.createDirectory(mount.resolve("jarrah/used"));
        Files.createFile(used.resolve("a-process")); // the kernel refuses to remove a group that is in use
        groups("memory pids");
        assertThat(left).doesNotExist();
        assertThat(used).exists();
    }

    @Test
    void aLimitThatCannotBeSetIsAnErrorAndNoSilence() throws Exception {
        ControlGroups groups = groups("memory pids");
        Files.createDirectories(mount.resolve("jarrah/m/cgroup.procs"));
        assertThatThrownBy(() -> groups.enclose("m", 4711, SPEC, 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be put into the control group");
    }

    @Test
    void withoutTheControllersOrTheRightToWriteThereAreNoGroupsAndItSaysWhy() throws Exception {
        ControlGroups without = groups("hugetlb");
        assertThat(without.hindrance())
                .hasValueSatisfying(why -> assertThat(why).contains("no controllers"));
        without.enclose("m", 4711, SPEC, 0);
        assertThat(mount.resolve("jarrah")).doesNotExist();

        Files.createDirectory(mount.resolve("cgroup.subtree_control")); // nobody can write to that
        assertThat(groups("memory pids").hindrance())
                .hasValueSatisfying(why -> assertThat(why).contains("cannot be written"));
        assertThat(ControlGroups.at(mount.resolve("elsewhere")).hindrance()).isPresent();
    }
}
