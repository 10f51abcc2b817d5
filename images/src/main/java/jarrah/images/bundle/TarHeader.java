package jarrah.images.bundle;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes the header of the one member of a bundle's tar, in GNU's format.
 *
 * <pre>
 *   offset size                              offset size
 *        0  100 name                            257    8 "ustar", two spaces, NUL
 *      100    8 mode, octal                     386   96 sparse map: 4 entries of offset (12) and length (12)
 *      108    8 owner, 116 8 group              482    1 whether blocks with more entries follow
 *      124   12 bytes that follow               483   12 bytes of the image
 *      136   12 time
 *      148    8 sum of all bytes, these as spaces
 *      156    1 type: 0, or S with a sparse map
 *
 *   a block with more entries: 21 entries of 24 bytes, at 504 one byte: whether another follows
 * </pre>
 *
 * <p>Mode 0644, owner, group and time 0, no owner names: the header tells nothing of the machine that bundled. Numbers that
 * 11 octal digits cannot hold (8 GiB and more) are in base 256, with the first bit set, as GNU tar writes them.
 */
final class TarHeader {
    static final int BLOCK = 512;
    static final int NAME = 100;
    static final int ENTRY = 24;
    static final int HEADER_ENTRIES = 4;
    static final int BLOCK_ENTRIES = 21;
    /** Tars are filled with zeros to a multiple of this. */
    static final int RECORD = 10_240;

    private static final long MAX_OCTAL = 077777777777L;

    private TarHeader() {}

    /**
     * The header, with the blocks of its sparse map.
     *
     * @param name at most 100 bytes of UTF-8
     * @param size bytes of the image
     * @param extents what of it follows; the whole makes a plain member
     */
    static byte[] of(String name, long size, List<Extent> extents) {
        boolean sparse = !extents.equals(Extent.whole(size));
        int entries = sparse ? extents.size() + (endsInHole(size, extents) ? 1 : 0) : 0;
        int more = Math.max(0, entries - HEADER_ENTRIES);
        var header = new byte[BLOCK * (1 + (more + BLOCK_ENTRIES - 1) / BLOCK_ENTRIES)];
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(nameBytes, 0, header, 0, nameBytes.length);
        octal(header, 100, 7, 0644);
        octal(header, 108, 7, 0);
        octal(header, 116, 7, 0);
        number(header, 124, extents.stream().mapToLong(Extent::length).sum());
        number(header, 136, 0);
        text(header, 148, "        ");
        header[156] = (byte) (sparse ? 'S' : '0');
        text(header, 257, "ustar  ");
        if (sparse) {
            sparseMap(header, size, extents, entries);
        }
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += header[i] & 0xff;
        }
        octal(header, 148, 6, sum);
        header[154] = 0;
        return header;
    }

    /** GNU tar then ends the map with an empty run at the end of the file. */
    private static boolean endsInHole(long size, List<Extent> extents) {
        return extents.isEmpty()
                || extents.getLast().offset() + extents.getLast().length() < size;
    }

    private static void sparseMap(byte[] header, long size, List<Extent> extents, int entries) {
        number(header, 483, size);
        for (int i = 0; i < entries; i++) {
            int at;
            if (i < HEADER_ENTRIES) {
                at = 386 + i * ENTRY;
            } else {
                int block = (i - HEADER_ENTRIES) / BLOCK_ENTRIES;
                at = (block + 1) * BLOCK + (i - HEADER_ENTRIES) % BLOCK_ENTRIES * ENTRY;
                header[block == 0 ? 482 : block * BLOCK + 504] = 1;
            }
            boolean last = i == extents.size();
            number(header, at, last ? size : extents.get(i).offset());
            number(header, at + 12, last ? 0 : extents.get(i).length());
        }
    }

    private static void number(byte[] header, int at, long value) {
        if (value <= MAX_OCTAL) {
            octal(header, at, 11, value);
            return;
        }
        header[at] = (byte) 0x80;
        for (int i = 0; i < 8; i++) {
            header[at + 4 + i] = (byte) (value >>> 8 * (7 - i));
        }
    }

    private static void octal(byte[] header, int at, int digits, long value) {
        long rest = value;
        for (int i = digits - 1; i >= 0; i--) {
            header[at + i] = (byte) ('0' + (rest & 7));
            rest >>>= 3;
        }
    }

    private static void text(byte[] header, int at, String text) {
        System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, header, at, text.length());
    }
}
