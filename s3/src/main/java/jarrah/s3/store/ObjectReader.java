package jarrah.s3.store;

import java.io.IOException;
import java.util.Optional;

/** An object that is being read: its bytes stay what they were when it was opened, whatever happens to the key. */
public interface ObjectReader extends AutoCloseable {
    /** The record that the bytes belong to. */
    StoredObject object();

    /**
     * Gives the client's key, which bytes that were encrypted with one take before they can be sent.
     *
     * @param customerKey empty if the client gave none
     * @throws S3Exception.InvalidRequest if one is needed and not given, or given and not needed
     * @throws S3Exception.WrongCustomerKey if it is another one
     */
    void unlock(Optional<byte[]> customerKey);

    /**
     * Sends a range of the bytes, verified, in slices of at most 4 MiB.
     *
     * @throws S3Exception.Damaged if bytes differ from their checksum; what was sent before is whole
     * @throws IOException from the sink
     */
    void send(long offset, long length, ByteSink sink) throws IOException;

    /**
     * Where a part lies in the object.
     *
     * @param partNumber 1 to {@link StoredObject#parts}; 1 for an object that was put as one
     * @throws S3Exception.InvalidPartNumber if there is no such part
     */
    Range part(int partNumber);

    /** A range of bytes. */
    record Range(long offset, long length) {}

    @Override
    void close();
}
