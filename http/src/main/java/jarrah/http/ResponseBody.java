package jarrah.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/**
 * The body of a response while it is being written; blocking, with the client's pace as back-pressure.
 *
 * <p>{@link #close()} ends the body; if fewer bytes than declared were written, or an exception ended the handler, the
 * connection is closed so that the client sees a short body and never takes it for whole.
 */
public interface ResponseBody extends WritableByteChannel {
    /** Takes all remaining bytes; returns when they may be reused. {@link IOException} if the client is gone or slow. */
    @Override
    int write(ByteBuffer source) throws IOException;

    /**
     * Sends bytes of a file by sendfile; returns when the kernel has taken them.
     *
     * @param file open for reading, and open until this returns
     * @param position offset in the file, bytes
     * @param length bytes to send; the file holds at least position + length
     */
    void transfer(FileChannel file, long position, long length) throws IOException;
}
