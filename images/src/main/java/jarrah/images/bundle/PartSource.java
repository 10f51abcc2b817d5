package jarrah.images.bundle;

import java.io.IOException;
import java.io.InputStream;

/** Where the parts of a bundle lie. */
@FunctionalInterface
public interface PartSource {
    /**
     * Opens a part; called in the order of the parts, one at a time, from one thread.
     *
     * @return its bytes; the caller closes it
     * @throws IOException if it is not there; what is thrown here reaches the caller of the unbundler as it is
     */
    InputStream open(Manifest.Part part) throws IOException;

    /** Parts that lie in a directory. */
    static PartSource directory(java.nio.file.Path directory) {
        return part -> {
            try {
                return java.nio.file.Files.newInputStream(directory.resolve(part.fileName()));
            } catch (java.nio.file.NoSuchFileException e) {
                throw new ImageException.WrongPart(part.fileName(), "is missing in " + directory);
            }
        };
    }
}
