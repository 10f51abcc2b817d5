package jarrah.images.bundle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A run of an image's bytes that are not all zero.
 *
 * @param offset of its first byte
 * @param length number of bytes
 */
record Extent(long offset, long length) {
    /**
     * Zeros are left out in blocks of this size. Larger than a file system's block, so that the map of a fragmented image
     * stays small: at most 80,000 runs for 10 GiB, 2 MB of tar headers.
     */
    private static final int BLOCK_BYTES = 64 * 1024;

    private static final byte[] ZEROS = new byte[BLOCK_BYTES];

    /** Whether these bytes are all zero; at most 64 KiB of them. */
    static boolean isZero(byte[] bytes, int from, int length) {
        return java.util.Arrays.mismatch(bytes, from, from + length, ZEROS, 0, length) < 0;
    }

    /** The whole of an image. */
    static List<Extent> whole(long size) {
        return size == 0 ? List.of() : List.of(new Extent(0, size));
    }

    /** Reads an image once and finds what is not zero; a file's holes are zeros to its readers. */
    static List<Extent> scan(FileChannel image) throws IOException {
        var extents = new ArrayList<Extent>();
        long size = image.size();
        var block = new byte[BLOCK_BYTES];
        long start = -1;
        for (long at = 0; at < size; at += BLOCK_BYTES) {
            int length = (int) Math.min(BLOCK_BYTES, size - at);
            readFully(image, at, block, length);
            boolean zero = isZero(block, 0, length);
            if (!zero && start < 0) {
                start = at;
            } else if (zero && start >= 0) {
                extents.add(new Extent(start, at - start));
                start = -1;
            }
        }
        if (start >= 0) {
            extents.add(new Extent(start, size - start));
        }
        return extents;
    }

    private static void readFully(FileChannel image, long position, byte[] into, int length) throws IOException {
        var target = ByteBuffer.wrap(into, 0, length);
        while (target.hasRemaining()) {
            if (image.read(target, position + target.position()) < 0) {
                throw new IOException("the image became shorter while it was read");
            }
        }
    }
}
