package jarrah.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes heads into an array that is used again and again; owned by one thread.
 *
 * <p>Names and values are checked as they are copied, so that nothing a handler passes on can end a line.
 */
final class HeadWriter {
    private static final byte[][] STATUS_LINES = new byte[600][0];

    static {
        for (int status = 100; status < 600; status++) {
            String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
            STATUS_LINES[status] = ("HTTP/1.1 " + status + " " + reason + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    private byte[] bytes = new byte[1024];
    private int length;

    void reset() {
        length = 0;
    }

    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** What was written, as an array of its own. */
    byte[] toArray() {
        return Arrays.copyOf(bytes, length);
    }

    void statusLine(int status) {
        if (status < 100 || status > 599) {
            throw new IllegalArgumentException("not a status: " + status);
        }
        raw(STATUS_LINES[status]);
    }

    /** Bytes that are known to be good. */
    void raw(byte[] more) {
        room(more.length);
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
    }

    /**
     * One field.
     *
     * @throws IllegalArgumentException if the name is not a token, or the value holds a line break, another control
     *     character or a character beyond ISO 8859-1
     */
    void field(String name, String value) {
        room(name.length() + value.length() + 4);
        byte[] to = bytes;
        int at = length;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!Grammar.isTokenChar(c)) {
                throw new IllegalArgumentException("a field name holds the character " + (int) c);
            }
            to[at++] = (byte) c;
        }
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a field name is empty");
        }
        to[at++] = ':';
        to[at++] = ' ';
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (!Grammar.isValueChar(c)) {
                throw new IllegalArgumentException("the value of " + name + " holds the character " + (int) c);
            }
            to[at++] = (byte) c;
        }
        to[at++] = '\r';
        to[at++] = '\n';
        length = at;
    }

    /** The decimal digits of a number that is not negative. */
    void number(long number) {
        room(20);
        int digits = 1;
        for (long rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        long rest = number;
        for (int i = length + digits - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }
}
