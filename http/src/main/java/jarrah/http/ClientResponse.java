package jarrah.http;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;

/**
 * A response from an origin; to be closed, which gives the connection back if the body was read to its end and drops it
 * otherwise. One thread reads at a time; {@link #close} may come from another and ends a read that waits.
 */
public interface ClientResponse extends AutoCloseable {
    /** 200 to 999, as the origin sent it. */
    int status();

    /** The fields as sent: order, case and duplicates kept, values without white space around them. */
    Headers headers();

    /** The length of the body in bytes; -1 if it shows only at its end; 0 if there is none, as in answers to HEAD. */
    long bodyLength();

    /**
     * The body. A read waits for at least one byte, -1 is the end of the whole body; if the origin breaks off before,
     * {@link RequestBody.BodyTruncated}, and if it is silent for too long, {@link java.net.SocketTimeoutException}.
     */
    ReadableByteChannel body();

    /** Reads the whole body; {@link RequestBody.BodyTooLarge} if it is longer than that. */
    byte[] readAll(int limitBytes) throws IOException;

    /** The fields after the last chunk; empty before the body's end and without chunks. */
    Headers trailers();

    @Override
    void close();
}
