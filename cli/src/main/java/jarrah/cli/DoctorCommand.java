package jarrah.cli;

import jarrah.machine.Accelerator;
import jarrah.machine.AcceleratorProbe;
import jarrah.machine.QemuPrograms;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code jarrah doctor}: what this machine has and lacks, each finding with its remedy. */
@Command(
        name = "doctor",
        description = "Check this machine: Java, memory, disk, ports, QEMU, network, clients. Changes nothing.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  jarrah doctor", "  jarrah doctor --data /srv/jarrah", "", "Exit code 1 if something will not work."
        })
final class DoctorCommand implements Callable<Integer> {
    private static final long MIB = 1024 * 1024;
    private static final int[] PORTS = {8773, 8080, 8774};
    private static final String[] CLIENTS = {"aws", "s3cmd", "rclone", "curl"};
    private static final int SYNCS = 10;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private DataDirectoryOption data = new DataDirectoryOption();

    private enum Verdict {
        OK,
        NOTE,
        FAIL
    }

    private record Finding(Verdict verdict, String subject, String text) {}

    private final List<Finding> findings = new ArrayList<>();

    @Override
    public Integer call() {
        machine();
        disk(data.directory());
        ports(Files.exists(DataDirectoryOption.adminSocket(data.directory())));
        machines();
        clients();
        PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
        for (Finding finding : findings) {
            out.printf("%-5s %-12s %s%n", word(finding.verdict()), finding.subject(), finding.text());
        }
        return findings.stream().anyMatch(finding -> finding.verdict() == Verdict.FAIL) ? 1 : 0;
    }

    private static String word(Verdict verdict) {
        return switch (verdict) {
            case OK -> "ok";
            case NOTE -> "note";
            case FAIL -> "FAIL";
        };
    }

    private void machine() {
        add(Verdict.OK, "java", Runtime.version() + " in " + System.getProperty("java.home"));
        var system = ManagementFactory.getOperatingSystemMXBean();
        boolean supported = system.getName().equals("Linux") && system.getArch().equals("amd64");
        add(
                supported ? Verdict.OK : Verdict.FAIL,
                "system",
                system.getName() + " " + system.getVersion() + " on " + system.getArch() + ", "
                        + system.getAvailableProcessors() + " processors"
                        + (supported ? "" : ": Jarrah runs on Linux on x86-64"));
        if (system instanceof com.sun.management.OperatingSystemMXBean memory) {
            long total = memory.getTotalMemorySize() / MIB;
            add(total >= 1_024 ? Verdict.OK : Verdict.NOTE, "memory", total + " MiB; a region takes up to 512 MiB");
        }
    }

    private void disk(Path directory) {
        Path there = directory;
        while (!Files.isDirectory(there) && there.getParent() != null) {
            there = there.getParent();
        }
        try {
            long free = Files.getFileStore(there).getUsableSpace() / MIB;
            add(
                    free >= 1_024 ? Verdict.OK : Verdict.NOTE,
                    "disk",
                    directory + ": " + free + " MiB free on "
                            + Files.getFileStore(there).type());
            if (!Files.isWritable(there)) {
                add(Verdict.FAIL, "disk", there + " cannot be written by this user: choose another with --data");
                return;
            }
            add(Verdict.OK, "fsync", syncMicros(there) + " us for 4 KiB, the mean of " + SYNCS);
        } catch (IOException e) {
            add(Verdict.FAIL, "disk", there + ": " + e.getMessage());
        }
    }

    /** What a durable write of one block costs here: the floor of every acknowledged PUT. */
    private static long syncMicros(Path directory) throws IOException {
        Path probe = Files.createTempFile(directory, ".jarrah-doctor", "");
        try (FileChannel file = FileChannel.open(probe, StandardOpenOption.WRITE)) {
            long start = System.nanoTime();
            for (int i = 0; i < SYNCS; i++) {
                file.write(ByteBuffer.allocate(4_096));
                file.force(false);
            }
            return (System.nanoTime() - start) / SYNCS / 1_000;
        } finally {
            Files.delete(probe);
        }
    }

    private void ports(boolean running) {
        for (int port : PORTS) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                add(Verdict.OK, "port " + port, "free");
            } catch (IOException e) {
                add(
                        running ? Verdict.OK : Verdict.NOTE,
                        "port " + port,
                        running
                                ? "in use; a server runs with this data directory"
                                : "in use by another program: choose another (jarrah up --help)");
            }
        }
    }

    /** What instances need; a region without it serves everything else. */
    private void machines() {
        QemuPrograms programs = QemuPrograms.find();
        add(
                programs.system().isPresent() ? Verdict.OK : Verdict.NOTE,
                "qemu",
                programs.system()
                        .orElse("missing, so instances cannot run: apt-get install qemu-system-x86 qemu-utils"));
        if (programs.system().isPresent()) {
            Accelerator accelerator = new AcceleratorProbe().probe();
            add(
                    accelerator.kvm() ? Verdict.OK : Verdict.NOTE,
                    "kvm",
                    accelerator.kvm() ? "works" : "instances are emulated: " + accelerator.reason());
        }
        boolean tun = Files.isWritable(Path.of("/dev/net/tun")) && Files.isWritable(Path.of("/run"));
        boolean tools = onPath("ip") != null && onPath("nft") != null;
        add(
                tun && tools ? Verdict.OK : Verdict.NOTE,
                "network",
                !tools
                        ? "no networks for instances: apt-get install iproute2 nftables"
                        : tun
                                ? "instances can have networks of their own"
                                : "not root, or no /dev/net/tun: instances have QEMU's user networking alone");
    }

    private void clients() {
        for (String client : CLIENTS) {
            Path found = onPath(client);
            add(
                    found == null ? Verdict.NOTE : Verdict.OK,
                    client,
                    found == null ? "not installed (a client; the server does not need it)" : found.toString());
        }
    }

    private static @Nullable Path onPath(String command) {
        String path = System.getenv("PATH");
        for (String directory : (path == null ? "" : path).split(":")) {
            Path candidate = Path.of(directory, command);
            if (!directory.isEmpty() && Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    private void add(Verdict verdict, String subject, String text) {
        findings.add(new Finding(verdict, subject, text));
    }
}
