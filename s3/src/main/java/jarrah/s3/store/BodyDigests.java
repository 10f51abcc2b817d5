package jarrah.s3.store;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * What is computed over the bytes of an upload, and what the client expects. The MD5 for the ETag is always computed.
 *
 * @param algorithm the checksum to compute and to keep; empty for none
 * @param expectedMd5 the 16 bytes of {@code Content-MD5}
 * @param expectedChecksum the bytes that the client announced for the algorithm; asked after the last byte of the body,
 *     since it may stand in a trailer
 */
public record BodyDigests(
        Optional<ChecksumAlgorithm> algorithm,
        Optional<byte[]> expectedMd5,
        Supplier<Optional<byte[]>> expectedChecksum) {
    /** Nothing is asked for and nothing expected. */
    public static final BodyDigests NONE = new BodyDigests(Optional.empty(), Optional.empty(), Optional::empty);

    /**
     * Passes if the bytes are what was announced, for documents that are not stored.
     *
     * @throws S3Exception.BadDigest if they are not
     */
    public void requireMatch(byte[] bytes) {
        var running = new RunningDigests(algorithm);
        running.update(bytes, 0, bytes.length);
        running.finish().require(this);
    }
}
