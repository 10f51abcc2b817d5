package jarrah.storage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Gathers the checksums of a blob whose bytes pass by, in memory: 4 bytes for 64 KiB. */
final class ChunkSums {
    private final CRC32C crc = new CRC32C();
    private final List<ByteBuffer> pages = new ArrayList<>();
    private long length;

    long length() {
        return length;
    }

    void update(ByteBuffer bytes) {
        int end = bytes.limit();
        while (bytes.position() < end) {
            int room = BlobFormat.CHUNK_BYTES - (int) (length % BlobFormat.CHUNK_BYTES);
            int count = Math.min(room, end - bytes.position());
            bytes.limit(bytes.position() + count);
            crc.update(bytes);
            length += count;
            if (count == room) {
                endChunk();
            }
            bytes.limit(end);
        }
    }

    private void endChunk() {
        if (pages.isEmpty() || !pages.getLast().hasRemaining()) {
            pages.add(ByteBuffer.allocate(4_096));
        }
        pages.getLast().putInt((int) crc.getValue());
        crc.reset();
    }

    /** All of them, for the file. */
    ByteBuffer finish() {
        if (length % BlobFormat.CHUNK_BYTES != 0) {
            endChunk();
        }
        var all = ByteBuffer.allocate((int) (4 * BlobFormat.chunks(length)));
        pages.forEach(page -> all.put(page.flip()));
        return all.flip();
    }
}
