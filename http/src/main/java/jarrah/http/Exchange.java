package jarrah.http;

import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request and the one answer that it gets.
 *
 * <p>Exactly one of {@link #send} and {@link #stream} is called. For a HEAD request, and for 204 and 304, the body is
 * not sent while its length still shows in {@code Content-Length} (HEAD only).
 */
public interface Exchange {
    RequestHead request();

    /** The request's body; off the event loop only. */
    RequestBody body();

    /**
     * Sends a whole answer whose bytes are at hand. Does not wait for the client: safe on the event loop.
     *
     * @param head status and fields
     * @param body the bytes; released by the engine exactly once, whatever happens to the connection
     */
    void send(ResponseHead head, Body body);

    /**
     * Starts an answer whose bytes follow; off the event loop only.
     *
     * @param head status and fields
     * @param length the exact number of bytes that will be written; -1 if unknown (then chunked, or to the end of the
     *     connection in HTTP/1.0)
     */
    ResponseBody stream(ResponseHead head, long length) throws IOException;

    /**
     * Sends an interim response (RFC 9110, 15.2), such as 103 Early Hints; on any thread. Nothing is sent to a client of
     * HTTP/1.0, nor once the answer has begun, nor for 100 and 101, which are the engine's.
     *
     * @param status 1xx
     */
    default void interim(int status, Headers headers) {}

    /** Whether a head has been sent, so that no other answer can be given. */
    boolean committed();

    /** Cuts the connection at once, so that the client sees a failure. */
    void abort();

    /**
     * Bounds how many routers the packets of this connection may pass from now on (IP's time to live), before the answer is
     * sent. Does nothing where no IP network is between.
     *
     * @param hops 1 to 255; the usual is 64
     */
    default void hopLimit(int hops) {}

    /** Runs once the answer has left or failed, on any thread; must not block. For access logs and metrics. */
    void onComplete(Consumer<Outcome> listener);

    /**
     * How an exchange ended.
     *
     * @param status the status sent; 0 if none was
     * @param bytesSent bytes of the body that were handed to the kernel
     * @param nanos time from the end of the request's head to the end of the answer, nanoseconds
     * @param failure what cut it short; null if the answer went out whole
     */
    record Outcome(
            int status,
            long bytesSent,
            long nanos,
            @Nullable Throwable failure) {}
}
