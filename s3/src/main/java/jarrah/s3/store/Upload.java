package jarrah.s3.store;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A multipart upload in progress.
 *
 * @param uploadId 32 hexadecimal digits, ascending with the time of its beginning
 * @param acl of the object to be, with its owner
 * @param tags of the object to be
 * @param lock that the client asked for
 * @param encryption of each part, without a key
 */
public record Upload(
        String bucket,
        String key,
        String uploadId,
        Instant initiated,
        String initiatorId,
        Metadata metadata,
        Acl acl,
        Optional<ChecksumAlgorithm> algorithm,
        Optional<Checksum.Type> type,
        Map<String, String> tags,
        ObjectLock lock,
        Optional<Encryption> encryption) {
    /**
     * A page of uploads, by key, then by beginning.
     *
     * @param nextKey with {@code nextUploadId} where the next page begins; empty if this one is the last. A common
     *     prefix has no upload id
     */
    public record Page(
            List<Upload> uploads,
            List<String> commonPrefixes,
            Optional<String> nextKey,
            Optional<String> nextUploadId) {}

    /**
     * What is listed.
     *
     * @param delimiter empty for none
     * @param keyMarker only keys behind it; empty for all
     * @param uploadIdMarker with it, also uploads of the key marker behind this one; empty for none
     * @param limit 0 to 1,000
     */
    public record Query(
            String bucket, String prefix, String delimiter, String keyMarker, String uploadIdMarker, int limit) {}
}
