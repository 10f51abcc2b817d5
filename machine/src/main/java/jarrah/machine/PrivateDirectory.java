package jarrah.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A directory that only its owner enters: who can connect to a QMP socket owns the machine. */
final class PrivateDirectory {
    private PrivateDirectory() {}

    /** Makes it if it is missing; one that is there is left as it is, the sockets in it being their owner's to write. */
    static void make(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }
}
