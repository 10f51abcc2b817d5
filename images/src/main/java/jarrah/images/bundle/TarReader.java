package jarrah.images.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes the image out of a bundle's tar, which holds it as its only member, plain or GNU sparse (layout:
 * {@link TarHeader}); a GNU long name ({@code L}) may stand before it. After it nothing comes but zeros, and not many: that
 * and the comparison of sizes bound what a small bundle can unfold to.
 */
final class TarReader {
    /** GNU tar fills to its record, at most 512 blocks of 512 bytes unless told otherwise. */
    private static final int MAX_TRAILING_BYTES = 256 * 1024;

    private static final int MAX_NAME_BYTES = 4_096;
    /** What a 16 GiB image with data in every second block of 4 KiB takes; 32 MB of memory. */
    private static final int MAX_EXTENTS = 1 << 21;

    private final InputStream tar;
    private final long size;
    private final RawImage image;
    private final byte[] buffer = new byte[64 * 1024];

    TarReader(InputStream tar, long size, RawImage image) {
        this.tar = tar;
        this.size = size;
        this.image = image;
    }

    void extract() throws IOException {
        byte[] header = header();
        if (header[156] == 'L') {
            long length = number(header, 124);
            if (length > MAX_NAME_BYTES) {
                throw corrupt("has a name of " + length + " bytes");
            }
            skip(padded(length));
            header = header();
        }
        long stored = number(header, 124);
        switch (header[156]) {
            case '0', 0 -> plain(stored);
            case 'S' -> sparse(header, stored);
            default -> throw corrupt("has a first member that is no regular file: type " + (header[156] & 0xff));
        }
        skip(padded(stored) - stored);
        requireZeros();
    }

    private void plain(long stored) throws IOException {
        requireSize(stored);
        copy(stored);
    }

    private void sparse(byte[] header, long stored) throws IOException {
        requireSize(number(header, 483));
        long at = 0;
        long sum = 0;
        for (Extent extent : extents(header)) {
            if (extent.offset() < at || extent.length() > size - extent.offset()) {
                throw corrupt("has a sparse map that goes back, or beyond the image's end");
            }
            image.skip(extent.offset() - at);
            sum += extent.length();
            if (sum > stored) {
                throw corrupt("has a sparse map for more bytes than there are");
            }
            copy(extent.length());
            at = extent.offset() + extent.length();
        }
        if (sum != stored) {
            throw corrupt("has a sparse map for " + sum + " of its " + stored + " bytes");
        }
        image.skip(size - at);
    }

    private List<Extent> extents(byte[] header) throws IOException {
        var extents = new ArrayList<Extent>();
        read(header, 386, TarHeader.HEADER_ENTRIES, extents);
        boolean more = header[482] != 0;
        while (more) {
            byte[] block = block();
            read(block, 0, TarHeader.BLOCK_ENTRIES, extents);
            more = block[504] != 0;
            if (extents.size() > MAX_EXTENTS) {
                throw corrupt("has a sparse map of more than " + MAX_EXTENTS + " entries");
            }
        }
        return extents;
    }

    private void read(byte[] block, int from, int count, List<Extent> extents) {
        for (int i = 0; i < count; i++) {
            int at = from + i * TarHeader.ENTRY;
            if (block[at] == 0) {
                return; // Unused entries are all zero.
            }
            long offset = number(block, at);
            long length = number(block, at + 12);
            if (offset > size) {
                throw corrupt("has a sparse map that goes beyond the image's end");
            }
            extents.add(new Extent(offset, length));
        }
    }

    private void requireSize(long found) {
        if (found != size) {
            throw corrupt("holds an image of " + found + " bytes, the manifest says " + size);
        }
    }

    private byte[] header() throws IOException {
        byte[] header = block();
        int sum = 8 * ' ';
        for (int i = 0; i < TarHeader.BLOCK; i++) {
            sum += i >= 148 && i < 156 ? 0 : header[i] & 0xff;
        }
        if (sum == 8 * ' ') {
            throw corrupt("is empty");
        }
        if (number(header, 148, 8) != sum || !new String(header, 257, 5, StandardCharsets.US_ASCII).equals("ustar")) {
            throw corrupt("has a damaged header");
        }
        return header;
    }

    private static long number(byte[] block, int at) {
        return number(block, at, 12);
    }

    /** Octal digits with spaces or a NUL around them, or base 256. */
    private static long number(byte[] block, int at, int width) {
        long value = 0;
        if ((block[at] & 0xff) == 0x80) {
            for (int i = 1; i < width; i++) {
                if (value >>> 54 != 0) {
                    throw corrupt("has a number that is too large");
                }
                value = value << 8 | (block[at + i] & 0xff);
            }
            return value;
        }
        int i = 0;
        while (i < width && block[at + i] == ' ') {
            i++;
        }
        int digits = 0;
        for (; i < width && block[at + i] != 0 && block[at + i] != ' '; i++, digits++) {
            int digit = block[at + i] - '0';
            if (digit < 0 || digit > 7) {
                throw corrupt("has a damaged number");
            }
            value = value << 3 | digit;
        }
        if (digits == 0) {
            throw corrupt("lacks a number");
        }
        return value;
    }

    private byte[] block() throws IOException {
        byte[] block = new byte[TarHeader.BLOCK];
        if (tar.readNBytes(block, 0, block.length) < block.length) {
            throw corrupt("ends early");
        }
        return block;
    }

    private void copy(long length) throws IOException {
        long left = length;
        while (left > 0) {
            int got = tar.readNBytes(buffer, 0, (int) Math.min(buffer.length, left));
            if (got == 0) {
                throw corrupt("ends early");
            }
            image.write(buffer, got);
            left -= got;
        }
    }

    private void skip(long length) throws IOException {
        if (tar.readNBytes(buffer, 0, (int) length) < length) {
            throw corrupt("ends early");
        }
    }

    private static long padded(long length) {
        return (length + TarHeader.BLOCK - 1) / TarHeader.BLOCK * TarHeader.BLOCK;
    }

    private void requireZeros() throws IOException {
        long trailing = 0;
        for (int got = tar.readNBytes(buffer, 0, buffer.length);
                got > 0;
                got = tar.readNBytes(buffer, 0, buffer.length)) {
            trailing += got;
            if (!Extent.isZero(buffer, 0, got)) {
                throw corrupt("holds more than one member, or something behind it");
            }
            if (trailing > MAX_TRAILING_BYTES) {
                throw corrupt("has more than " + MAX_TRAILING_BYTES + " bytes of zeros at its end");
            }
        }
    }

    private static ImageException corrupt(String what) {
        return new ImageException.CorruptImage("the tar in the bundle " + what);
    }
}
