package jarrah.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real QEMU processes, from launch to every kind of end. */
final class MachineLifeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path temp;

    private final List<Machine> machines = new ArrayList<>();
    private QemuHypervisor hypervisor;

    @BeforeEach
    void needQemu() throws IOException {
        Programs.need(MachineLifeTest.class, "qemu-system-x86_64", "setsid");
        hypervisor = another();
    }

    @AfterEach
    void endAll() throws IOException {
        for (Machine machine : machines) {
            machine.close();
        }
        for (String name : List.of("m", "n")) {
            Optional<Machine> left = another().adopt(home(name));
            if (left.isPresent()) {
                left.get().quit();
                left.get().close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyProfileBootsFromItsDisk(DeviceProfile profile) throws Exception {
        Machine machine = launch(profile);

        awaitConsole(machine, "GUEST-UP", 1);

        assertThat(machine.running()).isTrue();
    }

    @Test
    void thePowerButtonReachesTheGuestAndItsShutdownIsTheEnd() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);
        CompletableFuture<Machine.Ending> ending = ending(machine);
        awaitConsole(machine, "GUEST-UP", 1);

        machine.powerDown();

        assertThat(ending.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(Machine.Ending.GUEST_SHUTDOWN);
        assertThat(machine.running()).isFalse();
        assertThat(console(machine)).contains("GUEST-OFF");
    }

    @Test
    void aGuestThatPowersItselfOffIsTheEnd() throws Exception {
        Machine machine = launch(DeviceProfile.NITRO);
        CompletableFuture<Machine.Ending> ending = ending(machine);
        awaitConsole(machine, "GUEST-UP", 1);

        // The line stays open: QEMU drops what it has not read yet from a connection that was closed.
        try (var line = consoleLine("m")) {
            line.write(ByteBuffer.wrap(new byte[] {'x'}));
            awaitConsole(machine, "GUEST-HEARD", 1);
            line.write(ByteBuffer.wrap(new byte[] {'o'}));
            assertThat(machine.awaitEnd(PATIENCE)).isTrue();
        }
        assertThat(ending.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(Machine.Ending.GUEST_SHUTDOWN);
    }

    @Test
    void aResetBootsTheSameProcessAnewAndItsConsoleGoesOn() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);
        long pid = machine.pid();
        awaitConsole(machine, "GUEST-UP", 1);

        machine.reset();

        awaitConsole(machine, "GUEST-UP", 2);
        assertThat(machine.pid()).isEqualTo(pid);
        assertThat(machine.running()).isTrue();
    }

    @Test
    void quitEndsItAtOnce() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);
        CompletableFuture<Machine.Ending> ending = ending(machine);

        machine.quit();

        assertThat(machine.running()).isFalse();
        assertThat(ending.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(Machine.Ending.QUIT);
        assertThat(another().adopt(home("m"))).isEmpty();
    }

    @Test
    void aKilledProcessIsReportedAsDied() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);
        CompletableFuture<Machine.Ending> ending = ending(machine);

        ProcessHandle.of(machine.pid()).orElseThrow().destroyForcibly();

        assertThat(ending.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(Machine.Ending.DIED);
        assertThat(machine.awaitEnd(PATIENCE)).isTrue();
        assertThat(machine.running()).isFalse();
    }

    @Test
    void socketsThatAKilledProcessLeftAreRemovedAndThoseOfTheLivingKept() throws Exception {
        Path disk = BootSector.disk(temp.resolve("other.raw"), 1 << 20);
        Machine dead = keep(hypervisor.launch(spec(DeviceProfile.VIRTIO, disk), home("n")));
        launch(DeviceProfile.VIRTIO);
        MachineSockets left = MachineRecord.read(home("n")).orElseThrow().sockets();
        MachineSockets living = MachineRecord.read(home("m")).orElseThrow().sockets();
        Path strange = Files.createFile(temp.resolve("run").resolve("notes.q"));
        ProcessHandle.of(dead.pid()).orElseThrow().destroyForcibly();
        assertThat(dead.awaitEnd(PATIENCE)).isTrue();
        assertThat(List.of(left.qmp(), left.operator(), left.console())).allMatch(Files::exists);

        another();

        assertThat(List.of(left.qmp(), left.operator(), left.console())).noneMatch(Files::exists);
        assertThat(List.of(living.qmp(), living.operator(), living.console(), strange))
                .allMatch(Files::exists);
        assertThat(another().adopt(home("m")).map(this::keep)).isPresent();
    }

    @Test
    void aStoppedProcessThatDoesNotAnswerIsKilledByQuit() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);
        signal(machine.pid(), "STOP");

        machine.quit();

        assertThat(machine.running()).isFalse();
    }

    @Test
    void anotherHypervisorAdoptsTheSameProcessAndRulesIt() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);
        awaitConsole(machine, "GUEST-UP", 1);
        machine.close();

        Machine adopted = keep(another().adopt(home("m")).orElseThrow());
        CompletableFuture<Machine.Ending> ending = ending(adopted);

        assertThat(adopted.pid()).isEqualTo(machine.pid());
        assertThat(adopted.spec()).isEqualTo(machine.spec());
        assertThat(console(adopted)).contains("GUEST-UP");
        adopted.powerDown();
        assertThat(ending.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(Machine.Ending.GUEST_SHUTDOWN);
    }

    @Test
    void aGuestThatPoweredItselfOffWhileNobodyWatchedIsFoundSo() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);
        awaitConsole(machine, "GUEST-UP", 1);
        machine.close();
        try (var line = consoleLine("m");
                var operator = QmpClient.connect(
                        MachineRecord.read(home("m")).orElseThrow().sockets().operator(), PATIENCE)) {
            var shutdown = operator.next(event -> event.name().equals("SHUTDOWN"));
            line.write(ByteBuffer.wrap(new byte[] {'o'}));
            shutdown.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        Machine adopted = keep(another().adopt(home("m")).orElseThrow());

        assertThat(ending(adopted).get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isEqualTo(Machine.Ending.GUEST_SHUTDOWN);
        assertThat(adopted.running()).isFalse();
        adopted.quit();
        assertThat(another().adopt(home("m"))).isEmpty();
    }

    @Test
    void aNumberThatIsUsedAgainIsNotAdopted() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);
        machine.quit();
        MachineRecord record = MachineRecord.read(home("m")).orElseThrow();
        ProcessIdentity gone = record.process().orElseThrow();
        long ourselves = ProcessHandle.current().pid();

        record.withProcess(new ProcessIdentity(ourselves, gone.startTicks(), gone.bootId()))
                .write(home("m"));

        assertThat(another().adopt(home("m"))).isEmpty();
        new ProcessIdentity(ourselves, gone.startTicks(), gone.bootId()).kill(); // and would not be killed: we are here
    }

    @Test
    void aProcessOfAnEarlierBootOfTheHostIsNotAdopted() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);
        MachineRecord record = MachineRecord.read(home("m")).orElseThrow();
        ProcessIdentity true_ = record.process().orElseThrow();

        record.withProcess(new ProcessIdentity(true_.pid(), true_.startTicks(), "another-boot"))
                .write(home("m"));

        assertThat(another().adopt(home("m"))).isEmpty();
        record.write(home("m"));
        assertThat(machine.running()).isTrue();
    }

    @Test
    void aLaunchThatWasInterruptedBeforeTheProcessWasOnRecordIsFound() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);
        machine.close();
        MachineRecord record = MachineRecord.read(home("m")).orElseThrow();
        new MachineRecord(record.version(), record.spec(), record.command(), record.sockets(), Optional.empty())
                .write(home("m"));

        Machine adopted = keep(another().adopt(home("m")).orElseThrow());

        assertThat(adopted.pid()).isEqualTo(machine.pid());
    }

    @Test
    void aMachineThatRunsIsNotLaunchedAgain() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);

        assertThatThrownBy(() -> hypervisor.launch(machine.spec(), home("m")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("runs already");
    }

    @Test
    void itIsLaunchedAgainAfterItsEndAndTheConsoleIsContinued() throws Exception {
        Machine first = launch(DeviceProfile.VIRTIO);
        awaitConsole(first, "GUEST-UP", 1);
        first.quit();

        Machine second = keep(hypervisor.launch(first.spec(), home("m")));

        awaitConsole(second, "GUEST-UP", 2);
    }

    @Test
    void whatQemuComplainsOfIsInTheMessage() {
        MachineSpec spec = spec(DeviceProfile.VIRTIO, temp.resolve("there-is-no-such-disk"));

        assertThatThrownBy(() -> hypervisor.launch(spec, home("m")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there-is-no-such-disk")
                .hasMessageContaining("No such file");
    }

    @Test
    void twoMachinesDoNotShareADiskThatIsWrittenTo() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);

        assertThatThrownBy(() -> hypervisor.launch(machine.spec(), home("n"))).hasMessageContaining("lock");
    }

    @Test
    void aLongDataDirectoryIsNoHindranceToSockets() throws Exception {
        Path deep = temp.resolve("d".repeat(100)).resolve("e".repeat(100));
        Path disk = BootSector.disk(temp.resolve("disk.raw"), 1 << 20);

        Machine machine = keep(hypervisor.launch(spec(DeviceProfile.VIRTIO, disk), deep));

        awaitConsole(machine, "GUEST-UP", 1);
        machine.quit();
    }

    @Test
    void itHasASessionOfItsOwn() throws Exception {
        Machine machine = launch(DeviceProfile.VIRTIO);

        String stat = Files.readString(Path.of("/proc/" + machine.pid() + "/stat"));
        String session = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[3];

        assertThat(session).isEqualTo(String.valueOf(machine.pid()));
    }

    private QemuHypervisor another() throws IOException {
        return new QemuHypervisor(temp.resolve("run"), Accelerator.tcg("test"));
    }

    private Machine launch(DeviceProfile profile) throws IOException {
        Path disk = BootSector.disk(temp.resolve("disk.raw"), 1 << 20);
        return keep(hypervisor.launch(spec(profile, disk), home("m")));
    }

    private static MachineSpec spec(DeviceProfile profile, Path disk) {
        return new MachineSpec(
                "i-0123456789abcdef0",
                profile,
                1,
                64,
                List.of(new MachineSpec.Disk("vol0123", disk, MachineSpec.DiskFormat.RAW, false)),
                Optional.empty(),
                Optional.empty(),
                "ec2e1916-9099-7caf-fd21-012345abcdef");
    }

    private Machine keep(Machine machine) {
        machines.add(machine);
        return machine;
    }

    private Path home(String name) {
        return temp.resolve(name);
    }

    private static CompletableFuture<Machine.Ending> ending(Machine machine) {
        var ending = new CompletableFuture<Machine.Ending>();
        machine.onEnd(ending::complete);
        return ending;
    }

    private SocketChannel consoleLine(String name) throws IOException {
        Path console = MachineRecord.read(home(name)).orElseThrow().sockets().console();
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(console));
        return channel;
    }

    private static String console(Machine machine) throws IOException {
        return new String(machine.console(64 << 10), StandardCharsets.ISO_8859_1);
    }

    private static void awaitConsole(Machine machine, String marker, int times) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (console(machine).split(marker, -1).length - 1 < times) {
            assertThat(System.nanoTime()).as("console: %s", console(machine)).isLessThan(deadline);
            assertThat(machine.awaitEnd(Duration.ofMillis(20)))
                    .as("it ended; console: %s", console(machine))
                    .isFalse();
        }
    }

    private static void signal(long pid, String name) throws Exception {
        new LimitedCommand(List.of("kill", "-" + name, String.valueOf(pid)), PATIENCE).succeed();
    }
}
