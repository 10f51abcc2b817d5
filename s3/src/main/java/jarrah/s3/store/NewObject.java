package jarrah.s3.store;

import java.util.Map;
import java.util.Optional;

/**
 * An object to be put.
 *
 * @param length bytes that the client declared; -1 if only the end of the body will tell
 * @param acl with the object's owner
 * @param tags by name
 * @param lock what the client asked for; without a retention the bucket's default holds
 * @param protection how to encrypt it; empty to keep the bytes as they are
 */
public record NewObject(
        String bucket,
        String key,
        long length,
        Metadata metadata,
        Acl acl,
        WriteCondition condition,
        BodyDigests digests,
        Map<String, String> tags,
        ObjectLock lock,
        Optional<Protection> protection) {
    /** One without tags, lock and encryption. */
    public NewObject(
            String bucket,
            String key,
            long length,
            Metadata metadata,
            Acl acl,
            WriteCondition condition,
            BodyDigests digests) {
        this(bucket, key, length, metadata, acl, condition, digests, Map.of(), ObjectLock.NONE, Optional.empty());
    }
}
