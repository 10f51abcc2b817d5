package jarrah.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Cuts one request's body out of what the connection receives and hands it to the handler, or throws it away when nobody
 * reads it. Owned by the event loop.
 */
final class BodyFeed {
    /** Of a body that nobody read, so much is read over to keep the connection. */
    private static final int DRAIN_BYTES = 256 * 1024;

    private final InboundBody body;
    private final long maxBytes;
    private final @Nullable ChunkedDecoder chunks;
    private long left;
    private long received;
    private long drained;
    private boolean unwanted;
    private boolean ended;
    private boolean lost;

    BodyFeed(InboundBody body, HttpServerConfig config) {
        this.body = body;
        maxBytes = config.maxBodyBytes();
        left = body.length();
        chunks = left < 0 ? new ChunkedDecoder(config.maxHeaderBytes(), config.maxHeaderCount()) : null;
    }

    /** Takes as much of the body as has arrived; what follows it stays in the buffer. */
    void feed(@Nullable ByteBuf in, boolean inputShut) {
        try {
            while (!lost && in != null && in.isReadable()) {
                ByteBuf data = next(in);
                if (data == null) {
                    break;
                }
                take(data);
            }
        } catch (BadMessage e) {
            lose(new RequestBody.BodyMalformed(String.valueOf(e.getMessage())));
        }
        if (lost) {
            return;
        }
        if (chunks != null ? chunks.ended() : left == 0) {
            ended = true;
            body.end(chunks != null ? chunks.trailers() : Headers.of());
        } else if (inputShut) {
            lose(new RequestBody.BodyTruncated("the client ended within the request's body"));
        } else if (drained > DRAIN_BYTES) {
            lose(new IOException("nobody read the body"));
        }
    }

    private @Nullable ByteBuf next(ByteBuf in) throws BadMessage {
        if (chunks != null) {
            return chunks.next(in);
        }
        if (left == 0) {
            return null;
        }
        int size = (int) Math.min(left, in.readableBytes());
        left -= size;
        return in.readRetainedSlice(size);
    }

    private void take(ByteBuf data) {
        int size = data.readableBytes();
        received += size;
        drained += unwanted ? size : 0;
        body.offer(data);
        if (received > maxBytes) {
            lose(new RequestBody.BodyTooLarge("the body is longer than " + maxBytes + " bytes"));
        }
    }

    /** The body cannot be read on: what the handler reads fails, and the connection has no next request. */
    void lose(IOException cause) {
        lost = true;
        body.fail(cause);
    }

    /** The request has been answered: what still comes of its body is thrown away, and there must not be much of it. */
    void stopReading() {
        unwanted = true;
    }

    /** Whether the body has been received to its end. */
    boolean ended() {
        return ended;
    }

    /** Whether nobody knows any more where the next request would begin. */
    boolean lost() {
        return lost;
    }

    /** Whether more bytes are wanted from the socket. */
    boolean wantsBytes() {
        return !ended && !lost && !body.isFull();
    }
}
