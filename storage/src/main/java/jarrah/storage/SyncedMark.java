package jarrah.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A file that remembers the last change of the map that was synced, so that a damaged log cannot pass for a torn one.
 *
 * <p>The end of a log after a crash is allowed to be torn: that was never acknowledged. But damage in the last records
 * looks just the same, and RocksDB then drops acknowledged records in silence. The mark tells the two apart.
 *
 * <pre>
 * file `synced`, 12 bytes, written in place:
 *   8  sequence number of the last synced change, big-endian
 *   4  CRC32C of the 8
 * </pre>
 *
 * <p>It is written after each sync, so a killed process leaves it exact, in the page cache. It is synced itself once in a
 * second of writing, so a power loss may leave it a second older than the log, never newer: damage in the changes of that
 * last second passes for the torn tail that a power loss leaves anyway. A mark that is missing or itself damaged claims
 * nothing; RocksDB is then asked to refuse damage by its own checksums as far as it can.
 */
final class SyncedMark implements AutoCloseable {
    static final String NAME = "synced";
    private static final int BYTES = 12;

    private static final long SYNC_NANOS = 1_000_000_000L;

    private final FileChannel file;
    private long syncedNanos = System.nanoTime();
    private boolean dirty;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);

    private SyncedMark(FileChannel file) {
        this.file = file;
    }

    /** Opens the mark for writing; the file is made if it is not there. */
    static SyncedMark open(Path directory) throws IOException {
        return new SyncedMark(FileChannel.open(
                directory.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    /** The sequence number that is marked; -1 if there is no mark, or a damaged one. */
    static long read(Path directory) throws IOException {
        Path path = directory.resolve(NAME);
        if (!Files.exists(path)) {
            return -1;
        }
        var bytes = ByteBuffer.wrap(Files.readAllBytes(path));
        if (bytes.remaining() != BYTES) {
            return -1;
        }
        long sequence = bytes.getLong();
        return bytes.getInt() == crc(sequence) ? sequence : -1;
    }

    /** Marks a change that is on the disk. */
    void write(long sequence) throws IOException {
        buffer.clear();
        buffer.putLong(sequence).putInt(crc(sequence)).flip();
        file.write(buffer, 0);
        dirty = true;
        if (System.nanoTime() - syncedNanos > SYNC_NANOS) {
            sync();
        }
    }

    /** Makes the mark durable, if it was written since. */
    void sync() throws IOException {
        if (dirty) {
            file.force(false);
            dirty = false;
            syncedNanos = System.nanoTime();
        }
    }

    private static int crc(long sequence) {
        var crc = new CRC32C();
        crc.update(ByteBuffer.allocate(8).putLong(sequence).flip());
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        sync();
        file.close();
    }
}
