package jarrah.machine;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gives each machine of this host a user of its own, whichever server launches it.
 *
 * <p>A user is taken while a process has it, and nothing else is owned by it, so that the kernel's own table of processes
 * tells which are free. Between the choice and QEMU's change to the user there is a lock on {@code user-UID.lock} in the run
 * directory, which servers share; the kernel drops it with the process that holds it.
 */
final class MachineUsers {
    private static final Pattern STATUS = Pattern.compile("(?m)^Uid:\\s+(\\d+)\\s+(\\d+)\\s+(\\d+)\\s+(\\d+)$");

    /** Of a process that has ended with all its threads, and which its parent has yet to ask for. */
    private static final Pattern ENDED = Pattern.compile("(?ms)^State:\\s+[ZX].*^Threads:\\s+[01]$");

    private final UserRange range;
    private final Path runDirectory;

    MachineUsers(UserRange range, Path runDirectory) {
        this.range = range;
        this.runDirectory = runDirectory;
    }

    /** A user that nobody else takes until this is closed, or ever while a process has it. */
    record Claim(int user, FileChannel lock) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            lock.close();
        }
    }

    /** Whether this process may become other users; a user namespace or missing capabilities may forbid it nevertheless. */
    static boolean root() {
        try {
            Matcher own = STATUS.matcher(Files.readString(Path.of("/proc/self/status")));
            return own.find() && own.group(2).equals("0");
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Takes the first free user.
     *
     * @throws IOException if all are taken
     */
    Claim take() throws IOException {
        PrivateDirectory.make(runDirectory);
        // Held while locks are tried and removed: else somebody might lock a file that has just lost its name.
        synchronized (MachineUsers.class) {
            try (var guard = FileChannel.open(
                            runDirectory.resolve("users.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = guard.lock()) {
                sweep();
                Set<Integer> taken = taken();
                for (int user = range.first(); user <= range.last(); user++) {
                    if (!taken.contains(user)) {
                        FileChannel lock = tryLock(runDirectory.resolve("user-" + user + ".lock"));
                        if (lock.isOpen()) {
                            return new Claim(user, lock);
                        }
                    }
                }
            }
        }
        throw new IOException("all users of the range " + range + " have a machine");
    }

    /** The file's lock; a closed channel if somebody has it. */
    private static FileChannel tryLock(Path file) throws IOException {
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                channel.close();
            }
        } catch (OverlappingFileLockException e) {
            channel.close(); // held in this process
        }
        return channel;
    }

    /** Removes the files of claims that are over. */
    private void sweep() throws IOException {
        try (var files = Files.newDirectoryStream(runDirectory, "user-*.lock")) {
            for (Path file : files) {
                try (FileChannel channel = tryLock(file)) {
                    if (channel.isOpen()) {
                        Files.delete(file);
                    }
                }
            }
        }
    }

    /** The users of the range that a process has, in any of its four ids; one that has ended has none any more. */
    private Set<Integer> taken() throws IOException {
        var taken = new HashSet<Integer>();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    String status = Files.readString(process.resolve("status"), StandardCharsets.ISO_8859_1);
                    Matcher ids = STATUS.matcher(status);
                    boolean found = ids.find() && !ENDED.matcher(status).find();
                    for (int i = 1; found && i <= ids.groupCount(); i++) {
                        long id = Long.parseLong(ids.group(i));
                        if (id >= range.first() && id <= range.last()) {
                            taken.add((int) id);
                        }
                    }
                } catch (IOException e) {
                    // it ended meanwhile
                }
            }
        }
        return taken;
    }
}
