package jarrah.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits of machines by control groups of version 2 (the kernel's {@code admin-guide/cgroup-v2.rst}): a group
 * {@code jarrah/NAME} each, so that a machine cannot take the host's memory or its process ids, whatever its guest does to
 * QEMU.
 */
final class ControlGroups {
    private static final Logger log = LoggerFactory.getLogger(ControlGroups.class);

    /** What QEMU takes beside guest memory and translated code: 100 to 200 MiB measured; a limit that is met kills. */
    private static final long OVERHEAD_MEBIBYTES = 512;

    /** Threads and processes: virtual processors, up to 64 workers for disks, programs of user networking. */
    private static final int MAX_TASKS = 512;

    private static final String CONTROLLERS = "+memory +pids";
    private static final int ATTEMPTS = 3;
    private static final Duration EMPTY = Duration.ofSeconds(1);

    private final Path parent;
    private final Optional<String> hindrance;

    private ControlGroups(Path parent, Optional<String> hindrance) {
        this.parent = parent;
        this.hindrance = hindrance;
    }

    /** Those of this host. */
    static ControlGroups ofHost() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
                String[] words = line.split(" ");
                if (words.length > 2 && words[2].equals("cgroup2")) {
                    return at(Path.of(words[1]));
                }
            }
            return new ControlGroups(Path.of("/"), Optional.of("cgroup v2 is not mounted"));
        } catch (IOException e) {
            return new ControlGroups(Path.of("/"), Optional.of(String.valueOf(e.getMessage())));
        }
    }

    /** Those below a mount point. What groups machines have left empty is removed. */
    static ControlGroups at(Path mount) {
        Path parent = mount.resolve("jarrah");
        try {
            String controllers = Files.readString(mount.resolve("cgroup.controllers"));
            var known = Arrays.asList(controllers.strip().split(" "));
            if (!known.contains("memory") || !known.contains("pids")) {
                return new ControlGroups(
                        parent, Optional.of("cgroup v2 at " + mount + " has no controllers for memory and processes"));
            }
            write(mount.resolve("cgroup.subtree_control"), CONTROLLERS);
            Files.createDirectories(parent);
            write(parent.resolve("cgroup.subtree_control"), CONTROLLERS);
            sweep(parent);
            return new ControlGroups(parent, Optional.empty());
        } catch (IOException e) {
            return new ControlGroups(parent, Optional.of("cgroup v2 at " + mount + " cannot be written: " + e));
        }
    }

    /** Why machines have no limits; empty if they have. */
    Optional<String> hindrance() {
        return hindrance;
    }

    /** Puts a machine's process into its group, made with its limits. Without groups nothing is done. */
    void enclose(String name, long pid, MachineSpec spec, long translatedCodeMebibytes) throws IOException {
        if (hindrance.isPresent()) {
            return;
        }
        Path group = parent.resolve(name);
        for (int attempt = 1; ; attempt++) {
            try {
                Files.createDirectories(group);
                long mebibytes = spec.memoryMebibytes() + translatedCodeMebibytes + OVERHEAD_MEBIBYTES;
                write(group.resolve("memory.max"), String.valueOf(mebibytes << 20));
                write(group.resolve("pids.max"), String.valueOf(MAX_TASKS));
                write(group.resolve("cgroup.procs"), String.valueOf(pid));
                return;
            } catch (IOException e) {
                // Another server that starts removes groups that are empty, and this one may have been.
                if (attempt == ATTEMPTS || Files.isDirectory(group)) {
                    throw new IOException("QEMU cannot be put into the control group " + group + ": " + e, e);
                }
            }
        }
    }

    /** Removes a machine's group once its process is gone; one that stays is removed at a later start. */
    void remove(String name) throws InterruptedException {
        long deadline = System.nanoTime() + EMPTY.toNanos();
        while (hindrance.isEmpty() && !removed(parent.resolve(name)) && System.nanoTime() < deadline) {
            Thread.sleep(Duration.ofMillis(10)); // the kernel needs a moment after the process is gone
        }
    }

    /** A group is removed like an empty directory, if nobody is in it; the kernel refuses otherwise. */
    private static boolean removed(Path group) {
        try {
            Files.deleteIfExists(group);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void sweep(Path parent) throws IOException {
        try (var groups = Files.newDirectoryStream(parent, Files::isDirectory)) {
            for (Path group : groups) {
                if (!removed(group)) {
                    log.debug("{} is in use", group);
                }
            }
        }
    }

    private static void write(Path file, String text) throws FileSystemException, IOException {
        Files.write(
                file, text.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }
}
