package jarrah.s3.store;

import java.util.Optional;

/**
 * An object to be made of another one.
 *
 * @param metadata in place of the source's; empty to keep it
 * @param acl with the new object's owner; a copy never keeps the source's
 * @param algorithm the checksum to keep with the copy; empty for the source's algorithm
 */
public record NewCopy(
        CopySource source,
        String bucket,
        String key,
        Optional<Metadata> metadata,
        Acl acl,
        WriteCondition condition,
        Optional<ChecksumAlgorithm> algorithm) {}
