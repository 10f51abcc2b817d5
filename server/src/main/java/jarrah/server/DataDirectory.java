package jarrah.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The directory that holds everything a server keeps; one server at a time owns it, by a lock on {@code lock}.
 *
 * <pre>
 *   format        the version of this layout, one line
 *   lock          held while a server runs
 *   kv/           records          blobs/        bytes of objects
 *   accelerator/  cached bodies    credentials/  what clients need, per account
 *   images/       unpacked images  volumes/      volumes and snapshots
 *   instances/    machines         network/      what the fabric has made
 *   run/          the admin socket logs/         the server's log
 *   secret.key    seals stored secrets, unless a setting puts it elsewhere
 * </pre>
 */
final class DataDirectory implements AutoCloseable {
    private static final int FORMAT = 1;
    private final Path root;
    private final FileChannel lockFile;

    /** The directory cannot be used; the message is one line that says why. */
    static final class Unusable extends Exception {
        Unusable(String message) {
            super(message);
        }
    }

    private DataDirectory(Path root, FileChannel lockFile) {
        this.root = root;
        this.lockFile = lockFile;
    }

    /** Takes possession of the directory; makes it, for its owner alone, if it is missing. */
    static DataDirectory open(Path root) throws Unusable, IOException {
        if (!Files.isDirectory(root)) {
            Files.createDirectories(
                    root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        FileChannel lockFile =
                FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (tryLock(lockFile) == null) {
                throw new Unusable("the data directory " + root + " is in use by another server");
            }
            requireFormat(root);
            var directory = new DataDirectory(root, lockFile);
            for (String name : new String[] {"kv", "blobs", "accelerator", "credentials", "run", "logs"}) {
                Files.createDirectories(root.resolve(name));
            }
            // Whatever the directory around them allows: a machine enters none but its own.
            for (Path disks : List.of(directory.images(), directory.volumes(), directory.instances())) {
                Files.createDirectories(disks);
                Files.setPosixFilePermissions(disks, PosixFilePermissions.fromString("rwx------"));
            }
            return directory;
        } catch (Unusable | IOException | RuntimeException e) {
            lockFile.close();
            throw e;
        }
    }

    private static @Nullable FileLock tryLock(FileChannel lockFile) throws IOException {
        try {
            return lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static void requireFormat(Path root) throws Unusable, IOException {
        Path file = root.resolve("format");
        if (!Files.exists(file)) {
            Files.writeString(file, FORMAT + "\n");
            return;
        }
        String text = Files.readString(file, StandardCharsets.UTF_8).strip();
        if (!text.equals(Integer.toString(FORMAT))) {
            throw new Unusable("the data directory " + root + " has format " + text + "; this Jarrah reads format "
                    + FORMAT + ": use the version that made it, or a newer one");
        }
    }

    Path kv() {
        return root.resolve("kv");
    }

    Path blobs() {
        return root.resolve("blobs");
    }

    Path accelerator() {
        return root.resolve("accelerator");
    }

    /** Certificates from an authority, and their keys. */
    Path acme() {
        return root.resolve("acme");
    }

    Path images() {
        return root.resolve("images");
    }

    Path volumes() {
        return root.resolve("volumes");
    }

    Path instances() {
        return root.resolve("instances");
    }

    Path network() {
        return root.resolve("network");
    }

    Path credentials() {
        return root.resolve("credentials");
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
