package jarrah.s3.wire;

import jarrah.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The {@code x-amz-meta-*} fields: at most 2 KB of names and values together ("Working with object metadata"). */
final class UserMetadata {
    private static final String PREFIX = "x-amz-meta-";
    private static final int MAX_BYTES = 2_048;

    private UserMetadata() {}

    /** Names in lower case without the prefix, with their values; equal names are joined by a comma. */
    static Map<String, String> of(Headers headers) {
        var metadata = new TreeMap<String, String>();
        headers.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith(PREFIX)) {
                metadata.merge(lower.substring(PREFIX.length()), utf8(value), (a, b) -> a + "," + b);
            }
        });
        int size = metadata.entrySet().stream()
                .mapToInt(entry -> bytes(entry.getKey()) + bytes(entry.getValue()))
                .sum();
        if (size > MAX_BYTES) {
            throw new S3WireException.MetadataTooLarge(size);
        }
        return metadata;
    }

    /** Adds the fields to an answer. */
    static void write(Map<String, String> metadata, Headers headers) {
        metadata.forEach((name, value) -> headers.add(PREFIX + name, encoded(value)));
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** Fields arrive as Latin-1; clients send UTF-8 in them all the same. */
    private static String utf8(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
        String decoded = new String(bytes, StandardCharsets.UTF_8);
        return decoded.indexOf('\ufffd') >= 0 ? value : decoded;
    }

    /** As S3 gives back what is not ASCII: an encoded word (RFC 2047, 2). */
    static String encoded(String value) {
        return value.chars().allMatch(c -> c < 0x80)
                ? value
                : "=?UTF-8?B?" + Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)) + "?=";
    }
}
