package jarrah.s3.store;

import java.time.Instant;
import java.util.Optional;

/**
 * An object as it is recorded.
 *
 * @param key its name, 1 to 1,024 bytes of UTF-8
 * @param generation number of its last change; ascending, never used twice in this store
 * @param size bytes
 * @param lastModified when its bytes were put, to the millisecond; HTTP dates show whole seconds
 * @param etag without quotes
 * @param metadata what the client stored with it
 * @param acl its ACL, with its owner
 * @param checksum that was asked for when it was put
 * @param parts number of parts of the multipart upload that made it; 0 if it was put as one
 * @param content where its bytes are; the store's own
 */
public record StoredObject(
        String key,
        long generation,
        long size,
        Instant lastModified,
        String etag,
        Metadata metadata,
        Acl acl,
        Optional<Checksum> checksum,
        int parts,
        Content content) {}
