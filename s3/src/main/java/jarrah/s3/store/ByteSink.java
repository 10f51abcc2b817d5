package jarrah.s3.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Takes the bytes of an object, in order. */
public interface ByteSink {
    /** Takes all that remains in the buffer. */
    void write(ByteBuffer bytes) throws IOException;

    /** Takes verified bytes of a file, e.g. by sendfile; the file stays open until this returns. */
    void transfer(FileChannel file, long position, long length) throws IOException;
}
