package jarrah.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each machine has a user of its own, which has nothing but what it was given. */
final class MachineUserTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Of numbers that nobody has: those after the default range. */
    private static final UserRange TWO = new UserRange(1_880_100_000, 1_880_100_001);

    @TempDir
    Path temp;

    private QemuHypervisor hypervisor;
    private final List<Machine> machines = new ArrayList<>();

    @BeforeEach
    void needQemu() throws IOException {
        Programs.need(MachineUserTest.class, "qemu-system-x86_64", "qemu-img", "setsid", "setpriv");
        Programs.needRoot(MachineUserTest.class);
        hypervisor = hypervisor();
    }

    @AfterEach
    void end() throws IOException {
        for (Machine machine : machines) {
            machine.quit();
            machine.close();
        }
    }

    private QemuHypervisor hypervisor() throws IOException {
        return new QemuHypervisor(temp.resolve("run"), Accelerator.tcg("test"), Optional.of(TWO));
    }

    private Path home(String name) throws IOException {
        Path instances = temp.resolve("instances");
        if (!Files.isDirectory(instances)) {
            Files.createDirectory(
                    instances, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return Files.createDirectories(instances.resolve(name));
    }

    private Machine launch(QemuHypervisor by, String name) throws IOException {
        Path disk = BootSector.disk(home(name).resolve("root.raw"), 1 << 20);
        var spec = new MachineSpec(
                "i-0123456789abcdef0",
                DeviceProfile.VIRTIO,
                1,
                64,
                List.of(new MachineSpec.Disk("root", disk, MachineSpec.DiskFormat.RAW, false)),
                Optional.empty(),
                Optional.empty(),
                "ec2e1916-9099-7caf-fd21-012345abcdef");
        Machine machine = by.launch(spec, home(name));
        machines.add(machine);
        return machine;
    }

    private void letGo(Machine machine) {
        machine.close();
        machines.remove(machine);
    }

    private static String status(Machine machine, String field) throws IOException {
        Matcher line = Pattern.compile("(?m)^" + field + ":\\s+(.*)$")
                .matcher(Files.readString(Path.of("/proc/" + machine.pid() + "/status")));
        assertThat(line.find()).as(field).isTrue();
        return line.group(1);
    }

    private static int user(Machine machine) throws IOException {
        String[] ids = status(machine, "Uid").split("\\s+");
        assertThat(ids).as("real, effective, saved, of files").containsOnly(ids[0]);
        assertThat(status(machine, "Gid").split("\\s+")).containsOnly(ids[0]);
        return Integer.parseInt(ids[0]);
    }

    private static int readBy(int user, Path file) throws IOException, InterruptedException {
        String id = String.valueOf(user);
        return new LimitedCommand(
                        List.of("setpriv", "--reuid", id, "--regid", id, "--clear-groups", "cat", file.toString()),
                        PATIENCE)
                .run()
                .exitCode();
    }

    @Test
    void twoMachinesHaveTwoUsersWithoutPrivilegesOrEachOthersDisks() throws Exception {
        Machine one = launch(hypervisor, "one");
        Machine two = launch(hypervisor, "two");

        assertThat(List.of(user(one), user(two))).containsExactlyInAnyOrder(TWO.first(), TWO.last());
        for (Machine machine : machines) {
            assertThat(status(machine, "CapEff")).matches("0+");
            assertThat(status(machine, "CapPrm")).matches("0+");
            assertThat(status(machine, "NoNewPrivs")).isEqualTo("1");
            assertThat(status(machine, "Seccomp")).isEqualTo("2");
            assertThat(status(machine, "Groups").strip()).isEqualTo(String.valueOf(user(machine)));
        }
        assertThat(readBy(user(one), home("two").resolve("root.raw"))).isNotZero();
        assertThat(readBy(user(one), home("two").resolve("console.log"))).isNotZero();
        assertThat(readBy(
                        user(one),
                        MachineRecord.read(home("two")).orElseThrow().sockets().qmp()))
                .isNotZero();
    }

    @Test
    void aUserIsTakenWhicheverServerGaveItAndFreeWhenItsMachineHasEnded() throws Exception {
        Machine one = launch(hypervisor, "one");
        launch(hypervisor(), "two");

        assertThatThrownBy(() -> launch(hypervisor, "three"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("all users of the range " + TWO);
        int user = user(one);
        one.quit();
        assertThat(user(launch(hypervisor, "three"))).isEqualTo(user);
    }

    @Test
    void aProcessThatHasEndedTakesNoUserHoweverLongItsParentDoesNotAsk() throws Exception {
        String start = "setpriv --reuid " + TWO.first() + " --clear-groups true & echo $!; exec sleep 60";
        Process parent = new ProcessBuilder("sh", "-c", start).start();
        try (var output = parent.inputReader()) {
            String status = "/proc/" + output.readLine() + "/status";
            Instant deadline = Instant.now().plus(PATIENCE);
            while (!Files.readString(Path.of(status)).contains("State:\tZ")) {
                assertThat(Instant.now()).isBefore(deadline);
                Thread.sleep(1);
            }
            assertThat(Files.readString(Path.of(status))).contains("Uid:\t" + TWO.first());

            assertThat(user(launch(hypervisor, "one"))).isEqualTo(TWO.first());
        } finally {
            parent.destroyForcibly().waitFor();
        }
    }

    @Test
    void anAdoptedMachineTakesAndCopiesDisksWithoutSeeingWhereTheyAre() throws Exception {
        letGo(launch(hypervisor, "one"));
        Machine adopted = hypervisor().adopt(home("one")).orElseThrow();
        machines.add(adopted);
        Path volumes = Files.createDirectory(temp.resolve("volumes"));
        var img = new QemuImg();
        Path below = volumes.resolve("snap-1.qcow2");
        Path volume = volumes.resolve("vol-1.qcow2");
        img.create(below, MachineSpec.DiskFormat.QCOW2, 1 << 20);
        img.overlay(volume, below, MachineSpec.DiskFormat.QCOW2, OptionalLong.empty());

        adopted.attach(new MachineSpec.Disk("vol1", volume, MachineSpec.DiskFormat.QCOW2, false));
        Path copy = temp.resolve("copy.raw");
        adopted.copyDisk("root", copy);

        assertThat(Files.mismatch(copy, home("one").resolve("root.raw"))).isEqualTo(-1);
        for (Path file : List.of(below, volume, copy)) {
            assertThat(Files.getAttribute(file, "unix:uid")).as(file.toString()).isEqualTo(0);
        }
        try (var left = Files.newDirectoryStream(home("one"), "*.new")) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aCopyGoesToAnotherFileSystemToo() throws Exception {
        Path elsewhere = Path.of("/dev/shm");
        if (!Files.isWritable(elsewhere) || Files.getFileStore(elsewhere).equals(Files.getFileStore(temp))) {
            org.junit.jupiter.api.Assumptions.abort("no second file system");
        }
        Machine machine = launch(hypervisor, "one");
        Path copy = elsewhere.resolve("jarrah-" + temp.getFileName() + ".raw");
        try {
            machine.copyDisk("root", copy);
            assertThat(Files.mismatch(copy, home("one").resolve("root.raw"))).isEqualTo(-1);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    @Test
    void whatACrashLeftOfACopyIsRemovedAtTheNextAdoption() throws Exception {
        letGo(launch(hypervisor, "one"));
        Path left = home("one").resolve("copy-0123.new");
        try (var file = new RandomAccessFile(left.toFile(), "rw")) {
            file.setLength(1 << 20);
        }
        machines.add(hypervisor().adopt(home("one")).orElseThrow());
        assertThat(left).doesNotExist();
    }

    @Test
    void aMachineThatWasToldToQuitLeavesNoSocketsAndNoProcessId() throws Exception {
        Machine machine = launch(hypervisor, "one");
        MachineSockets sockets = MachineRecord.read(home("one")).orElseThrow().sockets();
        assertThat(sockets.qmp()).exists();
        machine.quit();
        assertThat(List.of(
                        sockets.qmp(),
                        sockets.console(),
                        sockets.operator(),
                        home("one").resolve("qemu.pid")))
                .allSatisfy(file -> assertThat(file).doesNotExist());
    }

    @Test
    void rangesAreReadAsTheyAreWritten() {
        assertThat(UserRange.parse(UserRange.DEFAULT.toString())).isEqualTo(UserRange.DEFAULT);
        for (String wrong : List.of("", "5", "0-5", "9-5", "1-2147483647", "1-99999999999", "a-b")) {
            assertThatThrownBy(() -> UserRange.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("range of user ids");
        }
    }
}
