package jarrah.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Percent-encoding (RFC 3986, 2.1), undone once and never twice. Text of a request's target holds one character per byte
 * as received (ISO 8859-1), so bytes beyond ASCII that came unencoded count as themselves.
 */
public final class PercentCoding {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private PercentCoding() {}

    /**
     * Decodes to bytes; {@code +} stays itself.
     *
     * @return empty if a {@code %} is not followed by two hexadecimal digits, or a character is no byte
     */
    public static Optional<byte[]> decodeToBytes(String text) {
        return decodeToBytes(text, false);
    }

    /**
     * Decodes to bytes.
     *
     * @param plusIsSpace whether {@code +} means a space, as in HTML forms
     * @return empty if a {@code %} is not followed by two hexadecimal digits, or a character is no byte
     */
    public static Optional<byte[]> decodeToBytes(String text, boolean plusIsSpace) {
        var bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                if (i + 2 >= text.length()) {
                    return Optional.empty();
                }
                int high = digit(text.charAt(i + 1));
                int low = digit(text.charAt(i + 2));
                if (high < 0 || low < 0) {
                    return Optional.empty();
                }
                bytes.write(16 * high + low);
                i += 2;
            } else if (c > 0xff) {
                return Optional.empty();
            } else {
                bytes.write(plusIsSpace && c == '+' ? ' ' : c);
            }
        }
        return Optional.of(bytes.toByteArray());
    }

    /** Decodes to text; {@code +} stays itself. Empty if the encoding is broken or the bytes are not UTF-8. */
    public static Optional<String> decode(String text) {
        return decode(text, false);
    }

    /** Decodes to text. Empty if the encoding is broken or the bytes are not UTF-8 (strictly: no overlong forms). */
    public static Optional<String> decode(String text, boolean plusIsSpace) {
        if (isPlain(text, plusIsSpace)) {
            return Optional.of(text);
        }
        return decodeToBytes(text, plusIsSpace).flatMap(PercentCoding::utf8);
    }

    private static boolean isPlain(String text, boolean plusIsSpace) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%' || c > 0x7f || (plusIsSpace && c == '+')) {
                return false;
            }
        }
        return true;
    }

    private static Optional<String> utf8(byte[] bytes) {
        var decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        try {
            return Optional.of(decoder.decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static int digit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int letter = c | 0x20;
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    }

    /** Encodes all but unreserved characters, as UTF-8 with capital digits: the form that SigV4 asks for. */
    public static String encode(String text) {
        return encode(text, "");
    }

    /** As {@link #encode(String)}, with slashes left as they are. */
    public static String encodePath(String text) {
        return encode(text, "/");
    }

    private static String encode(String text, String kept) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        var encoded = new StringBuilder(bytes.length + 16);
        for (byte b : bytes) {
            char c = (char) (b & 0xff);
            if (isUnreserved(c) || kept.indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HEX[c >> 4]).append(HEX[c & 15]);
            }
        }
        return encoded.toString();
    }

    private static boolean isUnreserved(char c) {
        return (c >= '0' && c <= '9')
                || (c >= 'A' && c <= 'Z')
                || (c >= 'a' && c <= 'z')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }
}
