package jarrah.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which process it is, beyond the number: numbers are used again, so the start time and the host's boot are kept too.
 *
 * @param pid the process id
 * @param startTicks field 22 of {@code /proc/PID/stat}: clock ticks from the host's boot to the process's start
 * @param bootId {@code /proc/sys/kernel/random/boot_id}: another value after each boot of the host
 */
record ProcessIdentity(long pid, long startTicks, String bootId) {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /** The process that has this number now; empty if there is none, or it has ended and only waits to be asked how. */
    static Optional<ProcessIdentity> of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            // The second field is the program's name in parentheses and may itself hold blanks and parentheses.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            boolean zombie = fields[0].equals("Z") || fields[0].equals("X");
            // Its first thread may be one while others still hold files and memory: field 20 counts them.
            if (zombie && Long.parseLong(fields[17]) <= 1) {
                return Optional.empty();
            }
            return Optional.of(new ProcessIdentity(
                    pid, Long.parseLong(fields[19]), Files.readString(BOOT_ID).strip()));
        } catch (IOException e) {
            return Optional.empty(); // no such process; the kernel also answers ESRCH to a read when it ends meanwhile
        }
    }

    /** Whether that very process is still there. */
    boolean alive() {
        return of(pid).filter(this::equals).isPresent();
    }

    /** Sends SIGKILL, to that very process only. */
    void kill() {
        // The handle remembers the start time of what has the number now, and compares again when it kills: between our
        // own comparison and the signal the number cannot come to mean another process unseen.
        Optional<ProcessHandle> handle = ProcessHandle.of(pid);
        if (handle.isPresent() && alive()) {
            handle.get().destroyForcibly();
        }
    }
}
