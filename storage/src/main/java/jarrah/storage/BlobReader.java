package jarrah.storage;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** An open blob; may be used by several threads at once. */
public interface BlobReader extends AutoCloseable {
    /** Bytes of the blob. */
    long length();

    /**
     * The file, with the blob's bytes from position 0 to {@link #length()}, for sending a range with sendfile after it
     * was verified. What follows after the length is the store's own. Its position means nothing; to be closed by
     * closing this reader only.
     */
    FileChannel channel();

    /**
     * Compares a range with its checksums, as far as the store's {@link VerifyMode} asks for it. Reads the range from the
     * disk once, so callers verify and send in slices of 1 to 4 MiB.
     *
     * @throws BlobException.Corrupt at the first difference
     */
    void verify(long offset, long length);

    /**
     * Reads verified bytes until the buffer is full or the blob ends; returns how many, -1 at or after the end.
     *
     * @throws BlobException.Corrupt if they differ from their checksums
     */
    int read(long offset, ByteBuffer into);

    @Override
    void close();
}
