package jarrah.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Launches machines, and finds them again. */
public interface Hypervisor {
    /**
     * Launches a machine. Its directory keeps the specification, QEMU's argument list, process id with start time and boot
     * id, and the console's log, so that {@link #adopt} finds it after a restart.
     *
     * @param directory the machine's own; made if missing. A console log that is there is continued
     * @throws IOException if QEMU does not start; the message says why, in QEMU's words
     */
    Machine launch(MachineSpec spec, Path directory) throws IOException;

    /** The machine that was launched into this directory, if its process is still there and is the same one. */
    Optional<Machine> adopt(Path directory) throws IOException;

    /** What runs the guests' code: {@code kvm}, or {@code tcg} with the reason why not KVM. For people to read. */
    String accelerator();
}
