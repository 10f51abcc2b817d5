package jarrah.machine;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Machines as QEMU processes that outlive this one.
 *
 * <p>Each is started in a session of its own, so that no terminal's signal reaches it, with its output in a file and its
 * process id written by itself. A machine's directory holds:
 *
 * <pre>
 * machine.json    {@link MachineRecord}: specification, command, sockets, process
 * qemu.pid        written by QEMU, removed by {@link Machine#quit}
 * qemu.log        what QEMU says; begun anew at each launch
 * console.log     the serial line; console.log.1 is what was before, see {@link ConsoleLog}
 * </pre>
 *
 * <p>Where we are root each machine has a user of its own: QEMU opens its files, its tap and its sockets as root, before
 * the guest runs, and becomes that user. It owns nothing, and can enter no directory but its own. See
 * {@code docs/decisions/053-a-user-per-machine.md}.
 */
public final class QemuHypervisor implements Hypervisor {
    static final String PROGRAM = "qemu-system-x86_64";
    static final String CONSOLE = "console.log";
    static final String PID_FILE = "qemu.pid";

    private static final Logger log = LoggerFactory.getLogger(QemuHypervisor.class);
    private static final String QEMU_LOG = "qemu.log";

    /** From the start of the process until it answers on QMP: a tenth of a second, but hosts are busy. */
    private static final Duration START = Duration.ofSeconds(60);

    private static final Duration PROBE = Duration.ofSeconds(20);

    private final Path runDirectory;
    private final Accelerator accelerator;
    private final boolean sandbox;
    private final Optional<MachineUsers> users;
    private final ControlGroups groups;

    /**
     * A hypervisor on what this host has; KVM is probed for, which takes at most some two seconds.
     *
     * @param runDirectory for sockets; made if missing, for this user alone. Its path has at most 80 bytes or so
     * @param users whom machines run as, one each, if we are root; empty for machines of this user
     */
    public QemuHypervisor(Path runDirectory, Optional<UserRange> users) throws IOException {
        this(runDirectory, new AcceleratorProbe().probe(), users);
    }

    /** With an accelerator that was probed for before, and machines of this user. */
    public QemuHypervisor(Path runDirectory, Accelerator accelerator) throws IOException {
        this(runDirectory, accelerator, Optional.empty());
    }

    /** With an accelerator that was probed for before. Sockets that killed QEMUs have left in the run directory are removed. */
    public QemuHypervisor(Path runDirectory, Accelerator accelerator, Optional<UserRange> users) throws IOException {
        this.runDirectory = runDirectory;
        this.accelerator = accelerator;
        this.sandbox = starts(new Confinement(true, OptionalInt.empty()));
        this.users = users.filter(this::usable).map(range -> new MachineUsers(range, runDirectory));
        this.groups = ControlGroups.ofHost();
        groups.hindrance().ifPresent(why -> log.info("machines have no limits by control groups: {}", why));
        MachineSockets.sweep(runDirectory);
    }

    private boolean usable(UserRange range) {
        boolean root = MachineUsers.root();
        boolean usable = root && starts(new Confinement(sandbox, OptionalInt.of(range.last())));
        if (!usable) {
            log.info(
                    "machines run as this server's user: {}",
                    root ? "QEMU cannot become user " + range.last() + " here" : "only root can give each its own");
        }
        return usable;
    }

    /** Whether QEMU takes such a confinement: asked of one that has no machine, since there is no better list. */
    private static boolean starts(Confinement confinement) {
        var command = new ArrayList<String>(
                List.of(PROGRAM, "-machine", "none", "-nodefaults", "-display", "none", "-qmp", "stdio"));
        command.addAll(confinement.options(false));
        try {
            String talk = "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"quit\"}\n";
            return new LimitedCommand(command, PROBE).input(talk).run().exitCode() == 0;
        } catch (IOException e) {
            return false; // QEMU is missing; a launch will say so
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public String accelerator() {
        return accelerator.toString();
    }

    @Override
    public Machine launch(MachineSpec spec, Path directory) throws IOException {
        Path home = directory.toAbsolutePath().normalize();
        Files.createDirectories(home);
        PrivateDirectory.make(runDirectory);
        Optional<ProcessIdentity> running = processOf(home);
        if (running.isPresent()) {
            throw new IOException("the machine in " + home + " runs already, as process "
                    + running.get().pid());
        }
        // What QEMU starts for user networking is this user's own.
        if (users.isEmpty() || QemuArguments.spawns(spec)) {
            return launch(spec, home, new Confinement(sandbox, OptionalInt.empty()));
        }
        Lending.open(home);
        try (MachineUsers.Claim claim = users.get().take()) {
            return launch(spec, home, new Confinement(sandbox, OptionalInt.of(claim.user())));
        }
    }

    private Machine launch(MachineSpec spec, Path home, Confinement confinement) throws IOException {
        MachineSockets sockets = MachineSockets.in(runDirectory, home);
        sockets.delete();
        Files.deleteIfExists(home.resolve(PID_FILE));
        new ConsoleLog(home.resolve(CONSOLE)).trim();
        var command = new ArrayList<String>(
                spec.nic().map(MachineSpec.Nic::launchPrefix).orElse(List.of()));
        command.addAll(List.of("setsid", PROGRAM));
        command.addAll(QemuArguments.of(spec, accelerator, confinement, home, sockets));
        var record = new MachineRecord(MachineRecord.VERSION, spec, List.copyOf(command), sockets, Optional.empty());
        record.write(home);

        Process started = start(command, home);
        ProcessIdentity identity = awaitStart(started, sockets, home);
        MachineRecord complete = record.withProcess(identity);
        complete.write(home);
        var machine = new QemuMachine(home, complete, identity, groups);
        try {
            groups.enclose(
                    sockets.name(), identity.pid(), spec, QemuArguments.translatedCodeMebibytes(spec, accelerator));
            machine.connectAndRelease();
        } catch (IOException e) {
            machine.close();
            identity.kill();
            throw new IOException("QEMU did not start (" + e.getMessage() + ")" + complaint(home), e);
        }
        return machine;
    }

    private static Process start(List<String> command, Path home) throws IOException {
        File output = home.resolve(QEMU_LOG).toFile();
        var builder = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectOutput(output)
                .redirectErrorStream(true);
        // Guests are not trusted, and QEMU has no use for what our environment may hold.
        String path = builder.environment().get("PATH");
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of("PATH", path == null ? "/usr/sbin:/usr/bin:/sbin:/bin" : path, "LC_ALL", "C"));
        return builder.start();
    }

    /** Waits until QEMU has written its id and made its sockets. */
    private static ProcessIdentity awaitStart(Process started, MachineSockets sockets, Path home) throws IOException {
        long deadline = System.nanoTime() + START.toNanos();
        try {
            while (System.nanoTime() < deadline) {
                // The command's own process may be another than QEMU's, if a launch prefix forks.
                if (!started.isAlive() && started.exitValue() != 0) {
                    throw new IOException("QEMU did not start" + complaint(home));
                }
                Optional<ProcessIdentity> identity = byPidFile(home, sockets);
                if (identity.isPresent() && Files.exists(sockets.operator())) {
                    return identity.get();
                }
                Thread.sleep(Duration.ofMillis(5));
            }
            started.destroyForcibly();
            throw new IOException("QEMU did not start within " + START.toSeconds() + " s" + complaint(home));
        } catch (InterruptedException e) {
            started.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while QEMU started", e);
        }
    }

    private static String complaint(Path home) {
        try {
            String said = Files.readString(home.resolve(QEMU_LOG), StandardCharsets.ISO_8859_1)
                    .strip();
            return said.isEmpty() ? "; it said nothing" : ": " + said.substring(Math.max(0, said.length() - 2000));
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public Optional<Machine> adopt(Path directory) throws IOException {
        Path home = directory.toAbsolutePath().normalize();
        Optional<MachineRecord> record = MachineRecord.read(home);
        Optional<ProcessIdentity> process = processOf(home);
        if (record.isEmpty() || process.isEmpty()) {
            return Optional.empty();
        }
        MachineRecord complete = record.get().withProcess(process.get());
        if (!complete.equals(record.get())) {
            complete.write(home);
        }
        var machine = new QemuMachine(home, complete, process.get(), groups);
        try {
            machine.connectAndRelease();
        } catch (IOException e) {
            // It is there, and can be ended by a signal; a later call tries to connect again.
            log.warn("{} runs as process {} but does not answer on QMP: {}", home, machine.pid(), e.getMessage());
        }
        return Optional.of(machine);
    }

    /** The process of the machine in a directory, if it is alive and surely that one. */
    private static Optional<ProcessIdentity> processOf(Path home) throws IOException {
        Optional<MachineRecord> record = MachineRecord.read(home);
        if (record.isEmpty()) {
            return Optional.empty();
        }
        // Without a process on record we were interrupted between its start and the second writing of the record.
        return record.get().process().isPresent()
                ? record.get().process().filter(ProcessIdentity::alive)
                : byPidFile(home, record.get().sockets());
    }

    /** The process that QEMU's own file names, if its command line names this machine's socket. */
    private static Optional<ProcessIdentity> byPidFile(Path home, MachineSockets sockets) throws IOException {
        try {
            long pid = Long.parseLong(Files.readString(home.resolve(PID_FILE)).strip());
            Optional<ProcessIdentity> identity = ProcessIdentity.of(pid);
            String commandLine = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
            return identity.filter(
                    _ -> commandLine.contains(sockets.qmp().getFileName().toString()));
        } catch (NoSuchFileException | NumberFormatException e) {
            return Optional.empty(); // not written, half written, or the process is gone
        }
    }
}
