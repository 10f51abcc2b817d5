package jarrah.s3.store;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;

/** Multipart uploads. */
@SuppressWarnings("DoNotCallSuggester")
public final class Multipart {
    Multipart() {}

    /** Begins an upload. */
    public Upload create(NewUpload upload) {
        throw Later.now();
    }

    /** The upload in progress. {@link S3Exception.NoSuchUpload} if there is none of that bucket, key and id. */
    public Upload get(String bucket, String key, String uploadId) {
        throw Later.now();
    }

    /**
     * Puts a part, in place of an earlier one of the number.
     *
     * @param number 1 to 10,000; the wire refuses others
     * @param length bytes that the client declared; -1 if only the end will tell
     * @throws IOException from reading the body only
     */
    public Part putPart(
            String bucket,
            String key,
            String uploadId,
            int number,
            long length,
            BodyDigests digests,
            ReadableByteChannel body)
            throws IOException {
        throw Later.now();
    }

    /**
     * Makes a part of an object, or of a range of it.
     *
     * @param first first byte of the range; 0 for all
     * @param last last byte of the range, inclusive; -1 for the object's last
     * @throws S3Exception.InvalidRange if the range does not lie in the object
     */
    public Part copyPart(
            String bucket, String key, String uploadId, int number, CopySource source, long first, long last) {
        throw Later.now();
    }

    /**
     * The parts of an upload in progress.
     *
     * @param after only numbers above it; 0 for all
     * @param limit 0 to 1,000
     */
    public Part.Page listParts(String bucket, String key, String uploadId, int after, int limit) {
        throw Later.now();
    }

    /** Uploads in progress. */
    public Upload.Page listUploads(Upload.Query query) {
        throw Later.now();
    }

    /**
     * Makes the object of the named parts; no byte is copied. Parts that are not named are dropped. Repeating a
     * completion gives the same answer for a week, as long as the bucket is there.
     *
     * @throws S3Exception.InvalidPartOrder if numbers do not ascend
     * @throws S3Exception.InvalidPart if one is not there, or with another ETag or checksum
     * @throws S3Exception.EntityTooSmall if one but the last has less than 5 MiB
     */
    public StoredObject complete(Completion completion) {
        throw Later.now();
    }

    /** Ends the upload and gives back the space of its parts. */
    public void abort(String bucket, String key, String uploadId) {
        throw Later.now();
    }
}
