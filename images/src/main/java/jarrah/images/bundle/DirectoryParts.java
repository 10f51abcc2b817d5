package jarrah.images.bundle;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Puts parts into a directory: under hidden names while they are written, since their own depend on how many there will be,
 * and renamed at the end. Files of the same names are replaced.
 */
public final class DirectoryParts implements PartSink {
    private final Path directory;
    private final List<Path> written = new ArrayList<>();

    public DirectoryParts(Path directory) {
        this.directory = directory;
    }

    @Override
    public OutputStream open(int index) throws IOException {
        // Not createTempFile: parts are for others to read, as far as the umask lets them.
        Path file = directory.resolve(".jarrah-part-" + index + "-" + UUID.randomUUID() + ".bundling");
        OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        written.add(file);
        return out;
    }

    @Override
    public void complete(List<Manifest.Part> parts) throws IOException {
        for (Manifest.Part part : parts) {
            Files.move(
                    written.get(part.index()),
                    directory.resolve(part.fileName()),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            written.set(part.index(), directory.resolve(part.fileName()));
        }
    }

    @Override
    public void discard() {
        for (Path file : written) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                // What made bundling fail is reported; a file that cannot be deleted besides is not.
            }
        }
    }
}
