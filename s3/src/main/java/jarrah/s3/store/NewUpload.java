package jarrah.s3.store;

import java.util.Map;
import java.util.Optional;

/**
 * A multipart upload to be begun.
 *
 * @param acl of the object to be, with its owner
 * @param initiatorId of who begins it: an account's canonical id or a user's ARN
 * @param algorithm checksum that every part carries and the object keeps; empty for none
 * @param type of the object's checksum; empty for S3's default: full object for CRC64NVME, else composite
 * @param tags of the object to be
 * @param lock of the object to be; without a retention the bucket's default holds when it is completed
 * @param encryption how parts are to be encrypted; empty to keep them as they are
 */
public record NewUpload(
        String bucket,
        String key,
        Metadata metadata,
        Acl acl,
        String initiatorId,
        Optional<ChecksumAlgorithm> algorithm,
        Optional<Checksum.Type> type,
        Map<String, String> tags,
        ObjectLock lock,
        Optional<Encryption> encryption) {
    /** One without tags, lock and encryption. */
    public NewUpload(
            String bucket,
            String key,
            Metadata metadata,
            Acl acl,
            String initiatorId,
            Optional<ChecksumAlgorithm> algorithm,
            Optional<Checksum.Type> type) {
        this(bucket, key, metadata, acl, initiatorId, algorithm, type, Map.of(), ObjectLock.NONE, Optional.empty());
    }
}
