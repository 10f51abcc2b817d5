package jarrah.s3.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Takes apart what {@link RecordWriter} built. A record that ends early or has a later version is an error of ours. */
final class RecordReader {
    private final byte[] bytes;
    private int at;

    /**
     * @param version that the caller understands
     */
    RecordReader(byte[] bytes, int version) {
        this.bytes = bytes;
        int found = octet();
        if (found != version) {
            throw new IllegalStateException(
                    "A record of version %d; this program knows version %d".formatted(found, version));
        }
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

    int count() {
        return Math.toIntExact(number());
    }

    String text() {
        int count = count();
        at += count;
        return new String(bytes, at - count, count, UTF_8);
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
