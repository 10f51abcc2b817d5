package jarrah.images.tiny;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Directories with all that is in them; symbolic links are not followed. */
final class FileTree {
    private FileTree() {}

    /** Everything below a directory, parents first; none if it is missing. */
    static List<Path> below(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(path -> !path.equals(directory)).sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    static void delete(Path directory) throws IOException {
        List<Path> deepestFirst =
                below(directory).stream().sorted(Comparator.reverseOrder()).toList();
        for (Path path : deepestFirst) {
            Files.delete(path);
        }
        Files.deleteIfExists(directory);
    }

    /** The first file of that name below a directory. */
    static Optional<Path> find(Path directory, String name) throws IOException {
        return below(directory).stream()
                .filter(path -> path.getFileName().toString().equals(name) && Files.isRegularFile(path))
                .findFirst();
    }
}
