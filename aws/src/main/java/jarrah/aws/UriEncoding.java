package jarrah.aws;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * AWS's percent-encoding ("Create a canonical request"): unreserved characters stay, all else becomes {@code %XX} with
 * upper-case hex; the slash stays in paths only.
 */
public final class UriEncoding {
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private UriEncoding() {}

    /** Encodes a path or key; slashes stay. */
    public static String encodePath(String decoded) {
        return encode(decoded.getBytes(StandardCharsets.UTF_8), true);
    }

    /** Encodes a query parameter's name or value; slashes become {@code %2F}. */
    public static String encode(String decoded) {
        return encode(decoded.getBytes(StandardCharsets.UTF_8), false);
    }

    /** The one spelling of what was sent: decoded once, then encoded by AWS's rule. A stray percent sign stands for itself. */
    static String canonical(String raw, boolean keepSlash) {
        return encode(decode(raw), keepSlash);
    }

    private static byte[] decode(String raw) {
        byte[] bytes = raw.getBytes(StandardCharsets.UTF_8);
        var out = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '%' && i + 2 < bytes.length) {
                int high = Character.digit(bytes[i + 1], 16);
                int low = Character.digit(bytes[i + 2], 16);
                if (high >= 0 && low >= 0) {
                    out.write(high << 4 | low);
                    i += 2;
                    continue;
                }
            }
            out.write(bytes[i]);
        }
        return out.toByteArray();
    }

    private static String encode(byte[] bytes, boolean keepSlash) {
        var out = new ByteArrayOutputStream(bytes.length + 16);
        for (byte b : bytes) {
            if (isUnreserved(b) || keepSlash && b == '/') {
                out.write(b);
            } else {
                out.write('%');
                out.write(HEX[b >> 4 & 15]);
                out.write(HEX[b & 15]);
            }
        }
        return out.toString(StandardCharsets.US_ASCII);
    }

    private static boolean isUnreserved(byte b) {
        return b >= 'a' && b <= 'z'
                || b >= 'A' && b <= 'Z'
                || b >= '0' && b <= '9'
                || b == '-'
                || b == '.'
                || b == '_'
                || b == '~';
    }
}
