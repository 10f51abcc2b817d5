package jarrah.server;

import jarrah.http.Exchange;
import jarrah.http.ResponseBody;
import jarrah.http.ResponseHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The answer to a call of the admin API that takes long: a line for each thing there is to tell, each a JSON object with one
 * name, the last one {@code done} or {@code failed}. Used by one thread.
 */
final class LineStream implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final Exchange exchange;
    private @Nullable ResponseBody body;

    LineStream(Exchange exchange) {
        this.exchange = exchange;
    }

    /** Whether a line was written: before that the call can be refused as any other. */
    boolean begun() {
        return body != null;
    }

    /**
     * Tells something, at once.
     *
     * @throws IOException if nobody listens any more
     */
    void write(String kind, ObjectNode value) throws IOException {
        ResponseBody to = body;
        if (to == null) {
            to = exchange.stream(ResponseHead.of(200, "Content-Type", "application/x-ndjson"), -1);
            body = to;
        }
        ObjectNode line = JSON.createObjectNode();
        line.set(kind, value);
        byte[] json = JSON.writeValueAsBytes(line);
        to.write(ByteBuffer.allocate(json.length + 1).put(json).put((byte) '\n').flip());
    }

    @Override
    public void close() throws IOException {
        if (body != null) {
            body.close();
        }
    }
}
