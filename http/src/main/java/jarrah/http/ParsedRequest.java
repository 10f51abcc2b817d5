package jarrah.http;

import org.jspecify.annotations.Nullable;

/**
 * A request's head with all that RFC 9112 makes depend on it: how long its body is, whether the connection stays.
 *
 * @param method as sent
 * @param target as sent; of an absolute-form target the part after the authority
 * @param headers as sent; with an absolute-form target, {@code Host} is the target's authority (RFC 9112, 3.2.2)
 * @param http10 whether the client speaks HTTP/1.0
 * @param bodyLength bytes; -1 if chunked; 0 for none
 * @param keepAlive whether the client lets the connection stay open
 * @param expectsContinue whether the client waits for {@code 100 Continue}
 */
record ParsedRequest(
        String method,
        String target,
        Headers headers,
        boolean http10,
        long bodyLength,
        boolean keepAlive,
        boolean expectsContinue) {
    private static final int MAX_METHOD_BYTES = 64;

    /** Reads the head between the two offsets; the empty line is its end. */
    static ParsedRequest parse(byte[] bytes, int from, int to) throws BadMessage {
        var parser = new HeadParser(bytes, from, to);
        int lineEnd = parser.lineEnd();
        int methodEnd = methodEnd(bytes, from, lineEnd);
        int targetEnd = targetEnd(bytes, methodEnd + 1, lineEnd);
        boolean http10 = http10(bytes, targetEnd + 1, lineEnd);
        String method = method(bytes, from, methodEnd, parser);
        String target = parser.text(methodEnd + 1, targetEnd);
        parser.skipLine(lineEnd);
        Headers headers = parser.fields();
        return new Fields(headers, http10).request(method, target);
    }

    private static String method(byte[] bytes, int from, int to, HeadParser parser) {
        if (to - from == 3 && bytes[from] == 'G' && bytes[from + 1] == 'E' && bytes[from + 2] == 'T') {
            return "GET";
        }
        return parser.text(from, to);
    }

    private static int methodEnd(byte[] bytes, int from, int lineEnd) throws BadMessage {
        int i = from;
        while (Grammar.isTokenByte(bytes[i])) {
            i++;
        }
        if (i == from || bytes[i] != ' ') {
            throw new BadMessage(400, "the request line does not begin with a method and a space");
        }
        if (i - from > MAX_METHOD_BYTES) {
            throw new BadMessage(501, "no method has a name that long");
        }
        if (i >= lineEnd) {
            throw new BadMessage(400, "the request line has no target");
        }
        return i;
    }

    /** Bytes of 0x80 and up are let through, since browsers of old and curl send UTF-8 as it is. */
    private static int targetEnd(byte[] bytes, int from, int lineEnd) throws BadMessage {
        int i = from;
        while (bytes[i] != ' ') {
            byte b = bytes[i];
            if (i == lineEnd) {
                throw new BadMessage(400, "the request line has no version");
            }
            if ((b >= 0 && b < ' ') || b == 0x7f || b == '#') {
                throw new BadMessage(400, "the target holds a character that none may hold");
            }
            i++;
        }
        if (i == from) {
            throw new BadMessage(400, "the request line has no target");
        }
        return i;
    }

    private static boolean http10(byte[] bytes, int from, int lineEnd) throws BadMessage {
        boolean form = lineEnd - from == 8
                && bytes[from] == 'H'
                && bytes[from + 1] == 'T'
                && bytes[from + 2] == 'T'
                && bytes[from + 3] == 'P'
                && bytes[from + 4] == '/'
                && isDigit(bytes[from + 5])
                && bytes[from + 6] == '.'
                && isDigit(bytes[from + 7]);
        if (!form) {
            throw new BadMessage(400, "the request line does not end in an HTTP version");
        }
        if (bytes[from + 5] != '1') {
            throw new BadMessage(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
        }
        return bytes[from + 7] == '0'; // a higher minor version is answered as 1.1 (RFC 9110, 2.5)
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** The fields that frame the message, gathered in one pass. */
    private static final class Fields {
        private final Headers headers;
        private final boolean http10;
        private int hosts;
        private @Nullable String host;
        private @Nullable String contentLength;
        private int contentLengths;
        private @Nullable String transferEncoding;
        private int transferEncodings;
        private @Nullable String connection;
        private @Nullable String expect;

        Fields(Headers headers, boolean http10) {
            this.headers = headers;
            this.http10 = http10;
            for (int i = 0; i < headers.size(); i++) {
                String name = headers.name(i);
                switch (name.length()) {
                    case 4 -> host(name, i);
                    case 6 -> expect = name.equalsIgnoreCase("Expect") ? headers.value(i) : expect;
                    case 10 -> connection(name, i);
                    case 14 -> contentLength(name, i);
                    case 17 -> transferEncoding(name, i);
                    default -> {}
                }
            }
        }

        private void host(String name, int index) {
            if (name.equalsIgnoreCase("Host")) {
                hosts++;
                host = headers.value(index);
            }
        }

        private void connection(String name, int index) {
            if (name.equalsIgnoreCase("Connection")) {
                String value = headers.value(index);
                connection = connection == null ? value : connection + "," + value;
            }
        }

        private void contentLength(String name, int index) {
            if (name.equalsIgnoreCase("Content-Length")) {
                contentLengths++;
                contentLength = headers.value(index);
            }
        }

        private void transferEncoding(String name, int index) {
            if (name.equalsIgnoreCase("Transfer-Encoding")) {
                transferEncodings++;
                transferEncoding = headers.value(index);
            }
        }

        ParsedRequest request(String method, String target) throws BadMessage {
            checkHost();
            long length = bodyLength();
            boolean expects = expect != null && !http10 && expectsContinue(expect);
            return new ParsedRequest(method, resolve(method, target), headers, http10, length, keepAlive(), expects);
        }

        private void checkHost() throws BadMessage {
            if (hosts > 1) {
                throw new BadMessage(400, "there is more than one Host field");
            }
            if (host == null) {
                if (!http10) {
                    throw new BadMessage(400, "there is no Host field");
                }
            } else if (!isAuthority(host)) {
                throw new BadMessage(400, "the Host field is not a host and a port");
            }
        }

        /** RFC 9112, 6.3, in its strictest reading. */
        private long bodyLength() throws BadMessage {
            if (transferEncoding != null) {
                if (http10) {
                    throw new BadMessage(400, "HTTP/1.0 has no Transfer-Encoding");
                }
                if (contentLength != null) {
                    throw new BadMessage(400, "there are both Content-Length and Transfer-Encoding");
                }
                if (transferEncodings > 1 || !transferEncoding.equalsIgnoreCase("chunked")) {
                    boolean chunkedSomewhere =
                            transferEncoding.toLowerCase(java.util.Locale.ROOT).contains("chunked");
                    throw new BadMessage(
                            transferEncodings > 1 || chunkedSomewhere || transferEncoding.isEmpty() ? 400 : 501,
                            "the only Transfer-Encoding understood is a single chunked");
                }
                return -1;
            }
            if (contentLength == null) {
                return 0;
            }
            if (contentLengths > 1) {
                throw new BadMessage(400, "there is more than one Content-Length");
            }
            long length = Grammar.digits(contentLength);
            if (length < 0) {
                throw new BadMessage(400, "Content-Length is not a number");
            }
            return length;
        }

        private boolean keepAlive() {
            if (connection == null) {
                return !http10;
            }
            if (connection.equalsIgnoreCase("keep-alive")) {
                return true;
            }
            if (Grammar.listHolds(connection, "close")) {
                return false;
            }
            return !http10 || Grammar.listHolds(connection, "keep-alive");
        }

        /** RFC 9110, 10.1.1 lets a server pass over an expectation that it does not know; S3 does so. */
        private static boolean expectsContinue(String value) {
            return value.equalsIgnoreCase("100-continue");
        }

        private String resolve(String method, String target) throws BadMessage {
            if (method.equals("CONNECT")) {
                throw new BadMessage(501, "this server opens no tunnels");
            }
            if (target.charAt(0) == '/') {
                return target;
            }
            if (target.equals("*") && method.equals("OPTIONS")) {
                return target;
            }
            int authorityStart = target.regionMatches(true, 0, "http://", 0, 7)
                    ? 7
                    : target.regionMatches(true, 0, "https://", 0, 8) ? 8 : -1;
            if (authorityStart < 0) {
                throw new BadMessage(400, "the target is neither a path nor an http URL");
            }
            return absolute(method, target, authorityStart);
        }

        private String absolute(String method, String target, int authorityStart) throws BadMessage {
            int end = authorityStart;
            while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
                end++;
            }
            String authority = target.substring(authorityStart, end);
            if (authority.isEmpty() || !isAuthority(authority)) {
                throw new BadMessage(400, "the target's authority is not a host and a port");
            }
            headers.set("Host", authority);
            if (end == target.length()) {
                return method.equals("OPTIONS") ? "*" : "/";
            }
            return target.charAt(end) == '?' ? "/" + target.substring(end) : target.substring(end);
        }

        /** Whether the text may be a host with an optional port (RFC 3986, 3.2.2); no user information. */
        private static boolean isAuthority(String text) {
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                boolean plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
                if (!plain && ".-:_~%!$&'()*+,;=[]".indexOf(c) < 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
