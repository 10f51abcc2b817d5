package jarrah.aws;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes the XML that AWS answers with: elements, text, one namespace on the root. Characters that XML 1.0 cannot carry
 * become character references, as S3 writes them.
 */
public final class XmlWriter {
    private final StringBuilder out = new StringBuilder(1_024);
    private final Deque<String> open = new ArrayDeque<>();

    /** Starts a document with this root. */
    public XmlWriter(String root) {
        out.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        start(root);
    }

    /** Starts a document with this root in this namespace. */
    public XmlWriter(String root, String namespace) {
        out.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        out.append('<').append(root).append(" xmlns=\"");
        escape(namespace);
        out.append("\">");
        open.push(root);
    }

    public XmlWriter start(String name) {
        out.append('<').append(name).append('>');
        open.push(name);
        return this;
    }

    /** Starts an S3 {@code Grantee}, whose kind is an attribute of the schema instance namespace. */
    public XmlWriter startTyped(String name, String type) {
        out.append('<').append(name).append(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"");
        escape(type);
        out.append("\">");
        open.push(name);
        return this;
    }

    public XmlWriter end() {
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    /** An element with text. */
    public XmlWriter text(String name, String value) {
        out.append('<').append(name).append('>');
        escape(value);
        out.append("</").append(name).append('>');
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

    private void escape(String value) {
        int written = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (isPlain(c)) {
                continue;
            }
            out.append(value, written, i);
            written = i + 1;
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                case '\r' -> out.append("&#13;");
                default -> out.append("&#x").append(Integer.toHexString(c)).append(';');
            }
        }
        out.append(value, written, value.length());
    }

    private static boolean isPlain(char c) {
        return switch (c) {
            case '<', '>', '&', '"', 0xfffe, 0xffff -> false;
            default -> c >= 0x20 || c == '\n' || c == '\t';
        };
    }

    /** Closes what is open and gives the document. */
    public String finish() {
        while (!open.isEmpty()) {
            end();
        }
        return out.toString();
    }

    /** {@link #finish()} in UTF-8. */
    public byte[] bytes() {
        return finish().getBytes(StandardCharsets.UTF_8);
    }
}
