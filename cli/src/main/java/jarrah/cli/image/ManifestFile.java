package jarrah.cli.image;

import jarrah.cli.CommandFailed;
import jarrah.images.bundle.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Manifests in files. */
final class ManifestFile {
    private ManifestFile() {}

    /** The bytes; not more than a manifest can have. */
    static byte[] read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new CommandFailed("there is no manifest " + file);
        }
        if (Files.size(file) > Manifest.MAX_BYTES) {
            throw new CommandFailed(file + " is too long for a manifest");
        }
        return Files.readAllBytes(file);
    }

    /** Writes it whole or not at all; replaces a file of that name. */
    static void write(Path file, byte[] document) throws IOException {
        Path temporary = file.resolveSibling("." + file.getFileName() + ".new");
        try {
            Files.write(temporary, document);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** The directory that a manifest lies in. */
    static Path directory(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }
}
