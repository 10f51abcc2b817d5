package jarrah.s3.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Map;

/** Builds the bytes of a record: numbers in 7-bit groups, low ones first; text in UTF-8 behind its length. */
final class RecordWriter {
    private byte[] bytes = new byte[256];
    private int length;

    RecordWriter(int version) {
        octet(version);
    }

    private RecordWriter() {
        bytes = new byte[32];
    }

    /** A part of a record: it has no version of its own. */
    static RecordWriter section() {
        return new RecordWriter();
    }

    /** Eight bytes, as they are. */
    RecordWriter bits(long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            octet((int) (value >>> shift) & 0xff);
        }
        return this;
    }

    RecordWriter octet(int value) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * length);
        }
        bytes[length++] = (byte) value;
        return this;
    }

    /** A number, not negative. */
    RecordWriter number(long value) {
        long rest = value;
        while (rest >>> 7 != 0) {
            octet((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        return octet((int) rest);
    }

    RecordWriter text(String text) {
        return blob(text.getBytes(UTF_8));
    }

    RecordWriter blob(byte[] value) {
        number(value.length);
        if (bytes.length - length < value.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + value.length));
        }
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
        return this;
    }

    RecordWriter map(Map<String, String> map) {
        number(map.size());
        map.forEach((name, value) -> text(name).text(value));
        return this;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }
}
