package jarrah.s3.store;

import java.util.Optional;

/**
 * What is copied: a version of a key, if the condition holds; else 412.
 *
 * @param version empty for the current one
 */
public record CopySource(String bucket, String key, Optional<VersionId> version, ReadCondition condition) {
    /** The current version. */
    public CopySource(String bucket, String key, ReadCondition condition) {
        this(bucket, key, Optional.empty(), condition);
    }
}
