package jarrah.s3.store;

import java.util.Map;
import java.util.Optional;

/**
 * An object to be made of another one.
 *
 * @param metadata in place of the source's; empty to keep it
 * @param acl with the new object's owner; a copy never keeps the source's
 * @param algorithm the checksum to keep with the copy; empty for the source's algorithm
 * @param tags in place of the source's; empty to keep them
 * @param lock what the client asked for; a copy never keeps the source's
 * @param protection how to encrypt the copy; empty to keep its bytes as they are
 */
public record NewCopy(
        CopySource source,
        String bucket,
        String key,
        Optional<Metadata> metadata,
        Acl acl,
        WriteCondition condition,
        Optional<ChecksumAlgorithm> algorithm,
        Optional<Map<String, String>> tags,
        ObjectLock lock,
        Optional<Protection> protection) {
    /** One that keeps the tags and asks for no lock and no encryption. */
    public NewCopy(
            CopySource source,
            String bucket,
            String key,
            Optional<Metadata> metadata,
            Acl acl,
            WriteCondition condition,
            Optional<ChecksumAlgorithm> algorithm) {
        this(
                source,
                bucket,
                key,
                metadata,
                acl,
                condition,
                algorithm,
                Optional.empty(),
                ObjectLock.NONE,
                Optional.empty());
    }
}
