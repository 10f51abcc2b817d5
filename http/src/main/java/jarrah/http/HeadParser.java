package jarrah.http;

import java.nio.charset.StandardCharsets;

/**
 * Reads the lines of a head that {@link HeadScanner} found whole: every line ends in CR LF, and CR LF CR LF ends it.
 * Strict where RFC 9112 lets a server choose, since what two parsers read differently smuggles requests.
 */
final class HeadParser {
    private final byte[] bytes;
    private final int end;
    private int at;

    /** Reads from {@code from} up to {@code end}, the offset after the empty line. */
    HeadParser(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    /** The offset of the next line's CR; the start line is read by whoever knows its form. */
    int lineEnd() throws BadMessage {
        int i = at;
        while (bytes[i] != '\r') {
            i++;
        }
        if (bytes[i + 1] != '\n') {
            throw new BadMessage(400, "a line holds a bare carriage return");
        }
        return i;
    }

    int position() {
        return at;
    }

    /** Goes on after the line that ends there. */
    void skipLine(int lineEnd) {
        at = lineEnd + 2;
    }

    String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** All fields up to the empty line. */
    Headers fields() throws BadMessage {
        var headers = Headers.of();
        while (at < end - 2) {
            field(headers);
        }
        return headers;
    }

    private void field(Headers headers) throws BadMessage {
        int nameStart = at;
        int i = nameStart;
        while (Grammar.isTokenByte(bytes[i])) {
            i++;
        }
        int nameEnd = i;
        if (nameEnd == nameStart || bytes[nameEnd] != ':') {
            throw malformedName(nameStart, nameEnd);
        }
        i++;
        while (bytes[i] == ' ' || bytes[i] == '\t') {
            i++;
        }
        int valueStart = i;
        while (Grammar.isValueByte(bytes[i])) {
            i++;
        }
        if (bytes[i] != '\r') {
            throw new BadMessage(400, "a field value holds a control character");
        }
        if (bytes[i + 1] != '\n') {
            throw new BadMessage(400, "a line holds a bare carriage return");
        }
        int valueEnd = i;
        while (valueEnd > valueStart && (bytes[valueEnd - 1] == ' ' || bytes[valueEnd - 1] == '\t')) {
            valueEnd--;
        }
        headers.add(FieldNames.name(bytes, nameStart, nameEnd), text(valueStart, valueEnd));
        at = i + 2;
    }

    private BadMessage malformedName(int nameStart, int nameEnd) {
        byte next = bytes[nameEnd];
        if (nameEnd == nameStart && (next == ' ' || next == '\t')) {
            return new BadMessage(400, "a field is folded over lines"); // RFC 9112, 5.2
        }
        if (next == ' ' || next == '\t') {
            return new BadMessage(400, "white space stands before the colon of a field"); // RFC 9112, 5.1
        }
        return new BadMessage(400, "a field name is empty or holds a character that none may hold");
    }
}
