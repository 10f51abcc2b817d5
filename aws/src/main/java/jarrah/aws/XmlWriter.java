package jarrah.aws;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Writes the XML that AWS answers with: elements, text, one namespace on the root. Characters that XML 1.0 cannot carry
 * become character references, as S3 writes them. The text becomes UTF-8 as it comes: a listing has ten thousand
 * elements, and most of them are ASCII.
 */
public final class XmlWriter {
    private static final int FIRST_ROOM = 1_024;

    private final Deque<String> open = new ArrayDeque<>();
    private byte[] out = new byte[FIRST_ROOM];
    private int length;

    /** Starts a document with this root. */
    public XmlWriter(String root) {
        markup("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        start(root);
    }

    /** Starts a document with this root in this namespace. */
    public XmlWriter(String root, String namespace) {
        markup("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<");
        markup(root);
        markup(" xmlns=\"");
        escape(namespace);
        markup("\">");
        open.push(root);
    }

    /** Makes room for about so many bytes more: for a document that is known to become long. */
    public XmlWriter expecting(int bytes) {
        room(bytes);
        return this;
    }

    public XmlWriter start(String name) {
        startTag(name);
        open.push(name);
        return this;
    }

    /** Starts an S3 {@code Grantee}, whose kind is an attribute of the schema instance namespace. */
    public XmlWriter startTyped(String name, String type) {
        markup("<");
        markup(name);
        markup(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"");
        escape(type);
        markup("\">");
        open.push(name);
        return this;
    }

    public XmlWriter end() {
        endTag(open.pop());
        return this;
    }

    /** An element with text. */
    public XmlWriter text(String name, String value) {
        startTag(name);
        escape(value);
        endTag(name);
        return this;
    }

    /** Text of the element that is open. */
    public XmlWriter content(String value) {
        escape(value);
        return this;
    }

    public XmlWriter text(String name, long value) {
        return text(name, Long.toString(value));
    }

    public XmlWriter text(String name, boolean value) {
        return text(name, Boolean.toString(value));
    }

    private void startTag(String name) {
        room(name.length() + 2);
        out[length++] = '<';
        ascii(name);
        out[length++] = '>';
    }

    private void endTag(String name) {
        room(name.length() + 3);
        out[length++] = '<';
        out[length++] = '/';
        ascii(name);
        out[length++] = '>';
    }

    /** ASCII that needs no escapes. */
    private void markup(String text) {
        room(text.length());
        ascii(text);
    }

    /** Copies ASCII for which there is room. */
    private void ascii(String text) {
        byte[] to = out;
        int at = length;
        for (int i = 0; i < text.length(); i++) {
            to[at++] = (byte) text.charAt(i);
        }
        length = at;
    }

    private void room(int bytes) {
        if (out.length - length < bytes) {
            out = Arrays.copyOf(out, Math.max(Math.addExact(length, bytes), (int) Math.min(2L * out.length, 1 << 30)));
        }
    }

    private void escape(String value) {
        room(value.length());
        int i = 0;
        while (i < value.length()) {
            char c = value.charAt(i);
            if (c < 0x80 && isPlain(c)) {
                out[length++] = (byte) c;
                i++;
                continue;
            }
            int end = i + 1;
            if (isPlain(c)) {
                end = endOfRun(value, i);
                bytes(value.substring(i, end).getBytes(StandardCharsets.UTF_8));
            } else {
                markup(reference(c));
            }
            i = end;
            room(value.length() - i);
        }
    }

    /** Where the characters beyond ASCII end that begin here. */
    private static int endOfRun(String value, int from) {
        int end = from + 1;
        while (end < value.length() && value.charAt(end) >= 0x80 && isPlain(value.charAt(end))) {
            end++;
        }
        return end;
    }

    private void bytes(byte[] bytes) {
        room(bytes.length);
        System.arraycopy(bytes, 0, out, length, bytes.length);
        length += bytes.length;
    }

    private static String reference(char c) {
        return switch (c) {
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '&' -> "&amp;";
            case '"' -> "&quot;";
            case '\r' -> "&#13;";
            default -> "&#x" + Integer.toHexString(c) + ';';
        };
    }

    private static boolean isPlain(char c) {
        return switch (c) {
            case '<', '>', '&', '"', 0xfffe, 0xffff -> false;
            default -> c >= 0x20 || c == '\n' || c == '\t';
        };
    }

    /** Closes what is open and gives the document, in UTF-8. */
    public byte[] bytes() {
        while (!open.isEmpty()) {
            end();
        }
        return Arrays.copyOf(out, length);
    }
}
