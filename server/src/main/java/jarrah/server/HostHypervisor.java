package jarrah.server;

import jarrah.machine.Hypervisor;
import jarrah.machine.Machine;
import jarrah.machine.MachineSpec;
import jarrah.machine.QemuHypervisor;
import jarrah.machine.QemuPrograms;
import jarrah.machine.UserRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** QEMU of this host, opened when a machine is first asked for: a start without machines does not probe for KVM. */
final class HostHypervisor implements Hypervisor {
    private static final String PROGRAM = "qemu-system-x86_64";
    private final Path runDirectory;
    private final Optional<UserRange> users;
    private @Nullable QemuHypervisor qemu;

    /**
     * Of the host.
     *
     * @param users whom machines run as, where we are root; empty for this user
     */
    HostHypervisor(Path runDirectory, Optional<UserRange> users) {
        this.runDirectory = runDirectory;
        this.users = users;
    }

    /** What is missing for machines to run here. */
    static List<String> lacks() {
        return QemuPrograms.onPath(PROGRAM).isPresent()
                        && QemuPrograms.onPath("qemu-img").isPresent()
                ? List.of()
                : List.of("Instances cannot run: QEMU is missing (apt-get install qemu-system-x86 qemu-utils).");
    }

    private synchronized QemuHypervisor qemu() throws IOException {
        if (qemu == null) {
            if (!lacks().isEmpty()) {
                throw new IOException(lacks().getFirst());
            }
            qemu = new QemuHypervisor(runDirectory, users);
        }
        return qemu;
    }

    @Override
    public Machine launch(MachineSpec spec, Path directory) throws IOException {
        return qemu().launch(spec, directory);
    }

    @Override
    public Optional<Machine> adopt(Path directory) throws IOException {
        return Files.isDirectory(directory) ? qemu().adopt(directory) : Optional.empty();
    }

    @Override
    public String accelerator() {
        try {
            return qemu().accelerator();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
