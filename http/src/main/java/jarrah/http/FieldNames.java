package jarrah.http;

import java.nio.charset.StandardCharsets;

/** The usual field names as ready-made strings, so that reading a head makes no garbage for them. */
final class FieldNames {
    private static final int SLOTS = 512;
    private static final String[] KNOWN = new String[SLOTS];

    static {
        String[] names = {
            "Host",
            "User-Agent",
            "Accept",
            "Accept-Encoding",
            "Accept-Language",
            "Accept-Ranges",
            "Age",
            "Authorization",
            "Cache-Control",
            "Connection",
            "Content-Encoding",
            "Content-Length",
            "Content-Type",
            "Content-Range",
            "Content-MD5",
            "Cookie",
            "Date",
            "ETag",
            "Expect",
            "Expires",
            "If-Match",
            "If-Modified-Since",
            "If-None-Match",
            "If-Range",
            "If-Unmodified-Since",
            "Last-Modified",
            "Location",
            "Origin",
            "Pragma",
            "Range",
            "Referer",
            "Server",
            "Set-Cookie",
            "Transfer-Encoding",
            "Vary",
            "Via",
            "X-Forwarded-For",
            "X-Amz-Date",
            "X-Amz-Content-SHA256",
            "amz-sdk-invocation-id",
            "amz-sdk-request"
        };
        for (String name : names) {
            put(name);
            put(name.toLowerCase(java.util.Locale.ROOT));
        }
    }

    private FieldNames() {}

    private static void put(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        KNOWN[slot(bytes, 0, bytes.length)] = name; // of two names in one slot the later stays
    }

    private static int slot(byte[] bytes, int from, int to) {
        int length = to - from;
        return (bytes[from] * 31 + bytes[to - 1] * 7 + bytes[from + length / 2] * 131 + length * 17) & (SLOTS - 1);
    }

    /** The name in those bytes, which are not empty and all ASCII. */
    static String name(byte[] bytes, int from, int to) {
        String known = KNOWN[slot(bytes, from, to)];
        return known != null && matches(known, bytes, from, to)
                ? known
                : new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static boolean matches(String known, byte[] bytes, int from, int to) {
        int length = to - from;
        if (known.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (known.charAt(i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }
}
