package jarrah.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A machine's serial console as a file that QEMU itself appends to, since it outlives us, kept within bounds by us.
 *
 * <p>QEMU opens it with {@code O_APPEND}: after the file is cut to nothing its next byte is the first. So {@link #trim}
 * puts the last half of the bound aside as {@code console.log.1} and cuts. Bytes that the guest writes between these two
 * are lost: some microseconds of a console that had just written half a mebibyte.
 */
final class ConsoleLog {
    /** Above this the log is trimmed; both files together stay below one and a half of it, plus one interval of writing. */
    static final long MAX_BYTES = 1 << 20;

    private final Path file;
    private final Path older;

    ConsoleLog(Path file) {
        this.file = file;
        this.older = file.resolveSibling(file.getFileName() + ".1");
    }

    Path file() {
        return file;
    }

    /** Keeps the last bytes and gives the rest back to the file system, if there are too many. */
    synchronized void trim() throws IOException {
        if (size(file) <= MAX_BYTES) {
            return;
        }
        Path half = older.resolveSibling(older.getFileName() + ".new");
        try (var log = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            byte[] kept = last(log, (int) MAX_BYTES / 2);
            Files.write(half, kept);
            log.truncate(0);
        }
        Files.move(half, older, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The last bytes, at most so many; none if nothing was ever written. */
    synchronized byte[] tail(int atMostBytes) throws IOException {
        byte[] now = last(file, atMostBytes);
        byte[] before = last(older, atMostBytes - now.length);
        return ByteBuffer.allocate(before.length + now.length)
                .put(before)
                .put(now)
                .array();
    }

    private static byte[] last(Path file, int atMostBytes) throws IOException {
        try (var log = FileChannel.open(file, StandardOpenOption.READ)) {
            return last(log, atMostBytes);
        } catch (NoSuchFileException e) {
            return new byte[0];
        }
    }

    private static byte[] last(FileChannel log, int atMostBytes) throws IOException {
        long size = log.size();
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(size, atMostBytes));
        long position = size - bytes.capacity();
        while (bytes.hasRemaining()) {
            int read = log.read(bytes, position + bytes.position());
            if (read < 0) {
                break;
            }
        }
        byte[] read = new byte[bytes.position()];
        bytes.flip().get(read);
        return read;
    }

    private static long size(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }
}
