package jarrah.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The head of a response as an origin sent it.
 *
 * @param http10 whether the origin speaks HTTP/1.0
 * @param status 100 to 999
 * @param headers the fields as sent
 */
record ResponseStart(boolean http10, int status, Headers headers) {
    /** The body ends where the connection does. */
    static final long UNTIL_CLOSE = -2;

    static final long CHUNKED = -1;

    /** Reads the head between the two offsets; the reason is passed over. */
    static ResponseStart parse(byte[] bytes, int from, int to) throws BadMessage {
        var parser = new HeadParser(bytes, from, to);
        int lineEnd = parser.lineEnd();
        String line = parser.text(from, lineEnd);
        boolean form = line.length() >= 12
                && line.startsWith("HTTP/1.")
                && Character.isDigit(line.charAt(7))
                && line.charAt(8) == ' '
                && (line.length() == 12 || line.charAt(12) == ' ');
        long status = form ? Grammar.digits(line.substring(9, 12)) : -1;
        if (status < 100) {
            throw new BadMessage(502, "the origin's status line is malformed");
        }
        parser.skipLine(lineEnd);
        return new ResponseStart(line.charAt(7) == '0', (int) status, parser.fields());
    }

    /**
     * The length of the body by RFC 9112, 6.3: bytes, {@link #CHUNKED} or {@link #UNTIL_CLOSE}. Lengths that could be
     * read in two ways are refused.
     */
    long bodyLength(boolean answersHead) throws BadMessage {
        String coding = headers.joined("Transfer-Encoding");
        List<String> lengths = headers.all("Content-Length");
        if (coding != null && !lengths.isEmpty()) {
            throw new BadMessage(502, "the origin sent both Content-Length and Transfer-Encoding");
        }
        if (coding != null && (http10 || !coding.equalsIgnoreCase("chunked"))) {
            throw new BadMessage(502, "the origin sent the Transfer-Encoding " + coding);
        }
        long length = declaredLength(lengths);
        if (answersHead || status < 200 || status == 204 || status == 304) {
            return 0;
        }
        return coding != null ? CHUNKED : length >= 0 ? length : UNTIL_CLOSE;
    }

    private static long declaredLength(List<String> fields) throws BadMessage {
        long length = -1;
        for (String field : fields) {
            for (String text : field.split(",", -1)) {
                long one = Grammar.digits(text.strip());
                if (one < 0 || (length >= 0 && one != length)) {
                    throw new BadMessage(502, "the origin's Content-Length is no number, or there are several");
                }
                length = one;
            }
        }
        return length;
    }

    /** Whether the origin keeps the connection open after this response. */
    boolean keepAlive() {
        @Nullable String connection = headers.joined("Connection");
        if (connection == null) {
            return !http10;
        }
        return !Grammar.listHolds(connection, "close") && (!http10 || Grammar.listHolds(connection, "keep-alive"));
    }
}
