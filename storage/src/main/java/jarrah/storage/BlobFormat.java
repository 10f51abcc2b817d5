package jarrah.storage;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/**
 * A blob's file.
 *
 * <pre>
 *   n            the bytes of the blob, plain, so that sendfile can send them
 *   4 * chunks   CRC32C of each 64 KiB of them, the last one shorter; big-endian, as all numbers
 *  24            footer:
 *                  8  magic, "JRBLOB" 0 1
 *                  8  n
 *                  4  bytes of a chunk, 65,536
 *                  4  CRC32C of the 20 bytes before
 * </pre>
 *
 * <p>The checksums come last because they are known last: the file is written front to back, once, and synced whole. A
 * crash before its renaming leaves a file under `tmp/`, which the next start removes; one after it finds the whole file,
 * since bytes are synced before the name is given. The size follows from n, so that a file cut short or grown is
 * refused on opening. The table needs no checksum of its own: damage there reads as damage of its chunk.
 */
final class BlobFormat {
    static final int CHUNK_BYTES = 64 * 1024;
    static final int FOOTER_BYTES = 24;
    private static final long MAGIC = 0x4a52_424c_4f42_0001L;

    private BlobFormat() {}

    static long chunks(long length) {
        return (length + CHUNK_BYTES - 1) / CHUNK_BYTES;
    }

    /** Bytes of the file of a blob. */
    static long fileBytes(long length) {
        return length + 4 * chunks(length) + FOOTER_BYTES;
    }

    static ByteBuffer footer(long length) {
        var footer = ByteBuffer.allocate(FOOTER_BYTES);
        footer.putLong(MAGIC).putLong(length).putInt(CHUNK_BYTES);
        return footer.putInt(crc(footer.duplicate().flip())).flip();
    }

    /** The blob's length by the file's footer. */
    static long readLength(FileChannel file, String id) throws IOException {
        long size = file.size();
        if (size < FOOTER_BYTES) {
            throw new BlobException.Corrupt("Blob %s is cut off: its file has %,d bytes".formatted(id, size));
        }
        var footer = ByteBuffer.allocate(FOOTER_BYTES);
        readFully(file, footer, size - FOOTER_BYTES);
        long length = footer.getLong(8);
        if (footer.getInt(20) != crc(footer.slice(0, 20))
                || footer.getLong(0) != MAGIC
                || footer.getInt(16) != CHUNK_BYTES
                || fileBytes(length) != size) {
            throw new BlobException.Corrupt("Blob %s has a damaged footer".formatted(id));
        }
        return length;
    }

    /** The checksums of some chunks of a blob. */
    static ByteBuffer readSums(FileChannel file, long length, long firstChunk, int count) throws IOException {
        var sums = ByteBuffer.allocate(4 * count);
        readFully(file, sums, length + 4 * firstChunk);
        return sums.flip();
    }

    /** Fills the buffer from the position on. */
    static void readFully(FileChannel file, ByteBuffer into, long position) throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int read = file.read(into, at);
            if (read < 0) {
                throw new EOFException("The file ends at " + at);
            }
            at += read;
        }
    }

    static int crc(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
