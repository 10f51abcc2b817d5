package jarrah.s3.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Takes apart what {@link RecordWriter} built. A record that ends early or has a later version is an error of ours. */
final class RecordReader {
    private final byte[] bytes;
    private final int version;
    private int at;

    /**
     * @param latest version that the caller understands, with all before it
     */
    RecordReader(byte[] bytes, int latest) {
        this.bytes = bytes;
        version = octet();
        if (version < 1 || version > latest) {
            throw new IllegalStateException(
                    "A record of version %d; this program knows version %d".formatted(version, latest));
        }
    }

    /** The record's version, 1 for the first. */
    int version() {
        return version;
    }

    int octet() {
        return bytes[at++] & 0xff;
    }

    long number() {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            int group = octet();
            value |= (long) (group & 0x7f) << shift;
            if (group < 0x80) {
                return value;
            }
        }
    }

    /** Eight bytes. */
    long bits() {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << 8 | octet();
        }
        return value;
    }

    /** A part of the record that has a length of its own. */
    RecordReader section() {
        return new RecordReader(blob());
    }

    private RecordReader(byte[] section) {
        bytes = section;
        version = 1;
    }

    int count() {
        return Math.toIntExact(number());
    }

    String text() {
        int count = count();
        at += count;
        return new String(bytes, at - count, count, UTF_8);
    }

    /**
     * One of the names of constants, which most records have: no text is made of it.
     *
     * @param constants all of the kind, in their order
     */
    <E extends Enum<E>> E constant(List<E> constants) {
        int count = count();
        int from = at;
        at += count;
        for (E constant : constants) {
            if (isAt(from, count, constant.name())) {
                return constant;
            }
        }
        throw new IllegalStateException(
                "A name that this program does not know: " + new String(bytes, from, count, UTF_8));
    }

    private boolean isAt(int from, int count, String ascii) {
        if (ascii.length() != count) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (bytes[from + i] != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    byte[] blob() {
        int count = count();
        at += count;
        return Arrays.copyOfRange(bytes, at - count, at);
    }

    Map<String, String> map() {
        int count = count();
        if (count == 0) {
            return Map.of();
        }
        var map = new TreeMap<String, String>();
        for (int i = 0; i < count; i++) {
            map.put(text(), text());
        }
        return map;
    }

    boolean atEnd() {
        return at == bytes.length;
    }
}
