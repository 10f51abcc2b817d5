package jarrah.http;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Writes the head of a request to an origin. */
final class RequestWriter {
    private static final Set<String> WITH_LENGTH_ALWAYS = Set.of("POST", "PUT", "PATCH");
    private static final Set<String> OURS =
            Set.of("content-length", "transfer-encoding", "connection", "expect", "keep-alive", "upgrade");

    private RequestWriter() {}

    static byte[] head(ClientRequest request) {
        checkLine(request.method(), request.target());
        var writer = new HeadWriter();
        writer.raw((request.method() + " " + request.target() + " HTTP/1.1\r\n").getBytes(StandardCharsets.ISO_8859_1));
        Headers headers = request.headers();
        if (!headers.contains("Host")) {
            writer.field("Host", request.origin().authority());
        }
        for (int i = 0; i < headers.size(); i++) {
            if (!OURS.contains(headers.name(i).toLowerCase(java.util.Locale.ROOT))) {
                writer.field(headers.name(i), headers.value(i));
            }
        }
        long length = switch (request.body()) {
            case ClientRequest.Content.None _ -> WITH_LENGTH_ALWAYS.contains(request.method()) ? 0 : -2;
            case ClientRequest.Content.Bytes(var bytes) -> bytes.length;
            case ClientRequest.Content.Stream(var _, var streamed) -> streamed;
        };
        if (length >= 0) {
            writer.field("Content-Length", Long.toString(length));
        } else if (length == -1) {
            writer.field("Transfer-Encoding", "chunked");
        }
        writer.raw(ServerConnection.LINE_END);
        return writer.toArray();
    }

    private static void checkLine(String method, String target) {
        if (!Grammar.isToken(method)) {
            throw new IllegalArgumentException("not a method: " + method);
        }
        if (target.isEmpty() || (target.charAt(0) != '/' && !target.equals("*"))) {
            throw new IllegalArgumentException("a target begins with a slash: " + target);
        }
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c == 0x7f || c > 0xff) {
                throw new IllegalArgumentException("a target holds the character " + (int) c);
            }
        }
    }
}
