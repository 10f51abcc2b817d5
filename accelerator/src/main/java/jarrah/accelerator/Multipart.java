package jarrah.accelerator;

import jarrah.http.ByteRange;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Several ranges as one body of type multipart/byteranges (RFC 9110, 14.6).
 *
 * @param total length of the representation, bytes
 * @param boundary stands in no body but by a chance of 1 in 2^64
 * @param type of the representation; null if it has none
 */
record Multipart(
        List<ByteRange> ranges,
        long total,
        String boundary,
        @Nullable String type) {
    static Multipart of(List<ByteRange> ranges, long total, @Nullable String type) {
        String boundary = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        return new Multipart(ranges, total, boundary, type);
    }

    String contentType() {
        return "multipart/byteranges; boundary=" + boundary;
    }

    /** What stands before the bytes of a part. */
    byte[] partHead(int index) {
        String text = (index == 0 ? "" : "\r\n") + "--" + boundary + "\r\n"
                + (type == null ? "" : "Content-Type: " + type + "\r\n")
                + "Content-Range: " + ranges.get(index).contentRange(total) + "\r\n\r\n";
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** What stands at the end. */
    byte[] end() {
        return ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The length of the whole body, bytes. */
    long length() {
        long length = end().length;
        for (int i = 0; i < ranges.size(); i++) {
            length += partHead(i).length + ranges.get(i).length();
        }
        return length;
    }
}
