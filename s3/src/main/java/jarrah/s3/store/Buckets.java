package jarrah.s3.store;

import java.util.List;
import java.util.Optional;

/** Buckets: who owns them, their ACLs, their beginning and end. */
@SuppressWarnings("DoNotCallSuggester")
public final class Buckets {
    Buckets() {}

    /**
     * Creates a bucket.
     *
     * <p>If it is the owner's already: in us-east-1 its ACL is replaced and that is all, as AWS does there; elsewhere
     * {@link S3Exception.BucketAlreadyOwnedByYou}.
     *
     * @throws S3Exception.InvalidBucketName if the name breaks AWS's rules, or is {@code services}
     * @throws S3Exception.BucketAlreadyExists if it is somebody else's
     * @throws S3Exception.TooManyBuckets beyond {@link Limits#MAX_BUCKETS}
     */
    public Bucket create(NewBucket bucket) {
        throw Later.now();
    }

    /** The bucket. {@link S3Exception.NoSuchBucket} if there is none. */
    public Bucket get(String name) {
        throw Later.now();
    }

    /**
     * An account's buckets, by name.
     *
     * @param prefix that names begin with; may be empty
     * @param after only names behind this one; empty for all
     * @param limit 1 to 10,000
     */
    public Page list(String accountId, String prefix, String after, int limit) {
        throw Later.now();
    }

    /**
     * A page of buckets.
     *
     * @param next the name to go on after; empty if this page is the last
     */
    public record Page(List<Bucket> buckets, Optional<String> next) {}

    /** Replaces the ACL. */
    public Bucket setAcl(String name, Acl acl) {
        throw Later.now();
    }

    /**
     * Deletes an empty bucket; multipart uploads in progress end with it.
     *
     * @throws S3Exception.BucketNotEmpty if it has objects
     */
    public void delete(String name) {
        throw Later.now();
    }
}
