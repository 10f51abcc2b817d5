package jarrah.images.bundle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.Deflater;

/** Deflates chunks, by many threads at once, into pieces that make one gzip member when they are put in a row. */
final class Deflation implements AutoCloseable {
    /** RFC 1952: deflate, no name, no time, operating system Unix. The same image gives the same bytes at any time. */
    static final byte[] GZIP_HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};

    /** zlib's own default; level 9 takes twice as long for one or two percent. */
    private static final int LEVEL = 6;

    /** Deflaters hold memory outside the heap, so they are used again and freed at the end. */
    private final ConcurrentLinkedQueue<Deflater> idle = new ConcurrentLinkedQueue<>();

    /**
     * A piece of a deflate stream.
     *
     * @param bytes the piece and room behind it
     * @param length bytes of the piece
     * @param last whether the stream ends here
     */
    record Piece(byte[] bytes, int length, boolean last) {}

    Piece deflate(byte[] chunk, int length) {
        Deflater deflater = idle.poll();
        if (deflater == null) {
            deflater = new Deflater(LEVEL, true);
        }
        try {
            deflater.setInput(chunk, 0, length);
            // What cannot be compressed is stored, with five bytes for each block and for the flush.
            byte[] out = new byte[length + length / 1_000 + 64];
            int at = 0;
            while (true) {
                int got = deflater.deflate(out, at, out.length - at, Deflater.SYNC_FLUSH);
                at += got;
                if (at < out.length) {
                    return new Piece(out, at, false);
                }
                out = Arrays.copyOf(out, out.length + 4_096);
            }
        } finally {
            deflater.reset();
            idle.add(deflater);
        }
    }

    /** The last piece: an empty block that is marked as the last (RFC 1951, 3.2.6: final, fixed codes, end of block). */
    static Piece end() {
        return new Piece(new byte[] {3, 0}, 2, true);
    }

    /** What ends a gzip member: CRC and length of what was deflated, the latter modulo 2^32. */
    static byte[] trailer(int crc32, long length) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(crc32)
                .putInt((int) length)
                .array();
    }

    @Override
    public void close() {
        idle.forEach(Deflater::end);
    }
}
