package jarrah.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * What blobs need of a file system, small enough that a test can stand in for it and fail, tear and forget.
 *
 * <p>Nothing is durable before it is synced: a file's bytes by {@link FileChannel#force}, its name (created, renamed or
 * deleted) by {@link #syncDirectory} of the directory it is in.
 */
public interface Disk {
    /** Makes a file that is not there yet, for writing and reading. */
    FileChannel create(Path file) throws IOException;

    /**
     * Opens a file for reading.
     *
     * @throws java.nio.file.NoSuchFileException if it is not there
     */
    FileChannel open(Path file) throws IOException;

    /** Gives a file another name at one instant, on the same file system; a file of that name is replaced. */
    void rename(Path from, Path to) throws IOException;

    /** Removes a file; false if it was not there. */
    boolean delete(Path file) throws IOException;

    /** Makes a directory and those above it, where they are missing. */
    void createDirectories(Path directory) throws IOException;

    /** Makes durable which names are in a directory. */
    void syncDirectory(Path directory) throws IOException;

    /** The names in a directory, in no order. */
    List<String> list(Path directory) throws IOException;

    /** When the file's bytes last changed, nanoseconds since 1970. */
    long modifiedNanos(Path file) throws IOException;

    /** Bytes that may still be written to the file system of the directory. */
    long usableBytes(Path directory) throws IOException;
}
