package jarrah.s3.store;

/**
 * An object to be put.
 *
 * @param length bytes that the client declared; -1 if only the end of the body will tell
 * @param acl with the object's owner
 */
public record NewObject(
        String bucket,
        String key,
        long length,
        Metadata metadata,
        Acl acl,
        WriteCondition condition,
        BodyDigests digests) {}
