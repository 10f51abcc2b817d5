package jarrah.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** A blob being written, by one thread at a time. */
public interface BlobWriter extends AutoCloseable {
    /** What the blob is called once it is committed. */
    String id();

    /**
     * Appends all that remains in the buffer.
     *
     * @throws BlobException.DiskFull if there is no room; the blob is given up
     */
    void write(ByteBuffer bytes);

    /** Bytes written so far. */
    long length();

    /**
     * Makes the blob durable and visible; to be called once, at the end.
     *
     * @throws BlobException.ReadOnly if a sync failed, this one or an earlier one
     * @throws BlobException.Missing if it was deleted while it was written
     */
    void commit();

    /** Gives the blob up, unless it is committed. */
    @Override
    void close();

    /**
     * Appends what the channel has until its end; returns the number of bytes.
     *
     * @throws IOException if reading from the channel fails; failures of the store are {@link BlobException}
     */
    default long copyFrom(ReadableByteChannel in) throws IOException {
        var buffer = ByteBuffer.allocateDirect(64 * 1024);
        long copied = 0;
        while (in.read(buffer) >= 0) {
            copied += buffer.flip().remaining();
            write(buffer);
            buffer.clear();
        }
        return copied;
    }
}
