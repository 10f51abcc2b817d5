package jarrah.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * The body of a request: a bounded, blocking stream of bytes.
 *
 * <p>Reading sends {@code 100 Continue} first where the client waits for it. A read that makes no progress within the
 * server's body deadline, a body that ends early, or one past the limit throws {@link IOException}
 * ({@link BodyTooLarge}, {@link BodyTimeout}, {@link BodyTruncated} and {@link BodyMalformed} tell them apart; one that
 * escapes the handler becomes 413, 408, a closed connection, 400).
 */
public interface RequestBody extends ReadableByteChannel {
    /** The length that the client declared, in bytes; -1 if the body is chunked. 0 if there is no body. */
    long length();

    /** Reads at least one byte, waiting for it; -1 at the end of the body. */
    @Override
    int read(ByteBuffer target) throws IOException;

    /** The whole body, for small messages such as forms and XML; {@link BodyTooLarge} if it is longer than that. */
    byte[] readAll(int limitBytes) throws IOException;

    /** The fields after the last chunk of a chunked body; empty until all before them was read, and for other bodies. */
    Headers trailers();

    /** The body is longer than the limit in force. */
    final class BodyTooLarge extends IOException {
        public BodyTooLarge(String message) {
            super(message);
        }
    }

    /** The client sent nothing for longer than the body deadline. */
    final class BodyTimeout extends IOException {
        public BodyTimeout(String message) {
            super(message);
        }
    }

    /** The connection ended before the declared end of the body. */
    final class BodyTruncated extends IOException {
        public BodyTruncated(String message) {
            super(message);
        }
    }

    /** The body breaks the grammar of chunks. */
    final class BodyMalformed extends IOException {
        public BodyMalformed(String message) {
            super(message);
        }
    }
}
