package jarrah.s3.store;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.Optional;

/** Objects: put, get, copy, delete, list. All block; to be called on virtual threads. */
@SuppressWarnings("DoNotCallSuggester")
public final class Objects {
    Objects() {}

    /**
     * Puts an object; when this returns it is durable and visible. The body is read to its end in one pass and not
     * closed; on any exception nothing is changed.
     *
     * @throws IOException from reading the body only
     * @throws S3Exception.BadDigest if the bytes are not what the client announced
     * @throws S3Exception.IncompleteBody if the body is not as long as declared
     * @throws S3Exception.Unavailable if the disk is full or takes no writes
     */
    public StoredObject put(NewObject object, ReadableByteChannel body) throws IOException {
        throw Later.now();
    }

    /** The object's record. {@link S3Exception.NoSuchKey} if there is none. */
    public StoredObject head(String bucket, String key) {
        throw Later.now();
    }

    /** Opens the object for reading; to be closed. {@link S3Exception.NoSuchKey} if there is none. */
    public ObjectReader open(String bucket, String key) {
        throw Later.now();
    }

    /**
     * The checksum of one part of an object that a multipart upload made.
     *
     * @return the part, e.g. for {@code GetObjectAttributes}
     */
    public List<Part> parts(String bucket, String key, int after, int limit) {
        throw Later.now();
    }

    /**
     * Copies an object within or across buckets, on this side, by streaming it into a new one.
     *
     * @throws S3Exception.InvalidRequest if source and destination are the same and nothing changes
     * @throws S3Exception.PreconditionFailed if the source's or the destination's condition does not hold
     */
    public StoredObject copy(NewCopy copy) {
        throw Later.now();
    }

    /** Replaces the ACL; the time of change of the object's bytes stays. */
    public StoredObject setAcl(String bucket, String key, Acl acl) {
        throw Later.now();
    }

    /**
     * Deletes an object; one that is not there is deleted already, unless the condition wants it.
     *
     * @return whether it was there
     */
    public boolean delete(String bucket, String key, WriteCondition condition) {
        throw Later.now();
    }

    /**
     * Deletes many.
     *
     * @return for each of the given ones, in order, what stood against it; empty if it is gone
     */
    public List<Optional<S3Exception>> deleteAll(String bucket, List<Deletion> deletions) {
        throw Later.now();
    }

    /** One of many deletions. */
    public record Deletion(String key, WriteCondition condition) {}

    /** A page of the bucket's keys. */
    public Listing list(Listing.Query query) {
        throw Later.now();
    }
}
