package jarrah.s3.store;

import java.util.Optional;

/**
 * What is copied: a version of a key, if the condition holds; else 412.
 *
 * @param version empty for the current one
 * @param customerKey the client's key with which it was encrypted
 */
public record CopySource(
        String bucket, String key, Optional<VersionId> version, ReadCondition condition, Optional<byte[]> customerKey) {
    /** A version that no key of the client's is needed for. */
    public CopySource(String bucket, String key, Optional<VersionId> version, ReadCondition condition) {
        this(bucket, key, version, condition, Optional.empty());
    }

    /** The current version. */
    public CopySource(String bucket, String key, ReadCondition condition) {
        this(bucket, key, Optional.empty(), condition);
    }
}
