package jarrah.ec2.fabric;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

/** The key that seals metadata tokens: kept in a file of mode 0600, so that tokens outlive a restart. */
final class MetadataKey {
    private static final int BYTES = 32;

    private MetadataKey() {}

    static byte[] of(Path directory) throws IOException {
        Path file = directory.resolve("metadata.key");
        try {
            byte[] key = Files.readAllBytes(file);
            if (key.length == BYTES) {
                return key;
            }
        } catch (NoSuchFileException e) {
            // Made below.
        }
        var key = new byte[BYTES];
        new SecureRandom().nextBytes(key);
        Path made = Files.createTempFile(
                directory,
                "metadata",
                ".key",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(made, key);
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return key;
    }
}
