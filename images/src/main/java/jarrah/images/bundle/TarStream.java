package jarrah.images.bundle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The tar of a bundle as it is made: header, what of the image is not zero, zeros to the end of the record. */
final class TarStream {
    private final byte[] header;
    private final List<Extent> extents;
    private final Source source;
    private final long dataBytes;
    private final long totalBytes;

    private long position;
    private int extent;
    private long inExtent;

    /** Where the image's bytes come from. */
    @FunctionalInterface
    interface Source {
        /** Reads at least one byte of those at that offset of the image; -1 at its end. Offsets only ever grow. */
        int read(ByteBuffer target, long offset) throws IOException;
    }

    TarStream(String name, long size, List<Extent> extents, Source source) {
        this.header = TarHeader.of(name, size, extents);
        this.extents = extents;
        this.source = source;
        this.dataBytes = extents.stream().mapToLong(Extent::length).sum();
        // The archive ends with two blocks of zeros.
        long end = roundUp(header.length + dataBytes, TarHeader.BLOCK) + 2 * TarHeader.BLOCK;
        this.totalBytes = roundUp(end, TarHeader.RECORD);
    }

    private static long roundUp(long bytes, int unit) {
        return (bytes + unit - 1) / unit * unit;
    }

    /** Bytes of the whole tar. */
    long totalBytes() {
        return totalBytes;
    }

    /** Bytes given out so far. */
    long position() {
        return position;
    }

    /** Fills the buffer as far as the tar reaches; 0 at its end. */
    int read(byte[] buffer) throws IOException {
        int filled = 0;
        while (filled < buffer.length && position < totalBytes) {
            int room = (int) Math.min(buffer.length - filled, totalBytes - position);
            int got;
            if (position < header.length) {
                got = (int) Math.min(room, header.length - position);
                System.arraycopy(header, (int) position, buffer, filled, got);
            } else if (position < header.length + dataBytes) {
                got = readImage(buffer, filled, room);
            } else {
                got = room; // The buffer is fresh, and so is zero.
            }
            position += got;
            filled += got;
        }
        return filled;
    }

    private int readImage(byte[] buffer, int at, int room) throws IOException {
        Extent current = extents.get(extent);
        int want = (int) Math.min(room, current.length() - inExtent);
        int got = source.read(ByteBuffer.wrap(buffer, at, want), current.offset() + inExtent);
        if (got < 0) {
            throw new IOException("the image is shorter than it was said to be");
        }
        inExtent += got;
        if (inExtent == current.length()) {
            extent++;
            inExtent = 0;
        }
        return got;
    }
}
