package jarrah.images.bundle;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

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
        Path file = Files.createTempFile(directory, ".jarrah-part-" + index + "-", ".bundling");
        written.add(file);
        return Files.newOutputStream(file);
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
