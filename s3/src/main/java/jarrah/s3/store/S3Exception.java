package jarrah.s3.store;

import jarrah.aws.AwsException;
import jarrah.aws.AwsTime;
import java.time.Instant;

/** What the rules of buckets and objects refuse, with the codes, statuses and messages of S3. */
public abstract sealed class S3Exception extends AwsException {
    private S3Exception(String code, int status, String message) {
        super(code, status, message);
    }

    /** There is no bucket of that name. */
    public static final class NoSuchBucket extends S3Exception {
        public NoSuchBucket(String bucket) {
            super("NoSuchBucket", 404, "The specified bucket does not exist");
            field("BucketName", bucket);
        }
    }

    /** The bucket is somebody else's. */
    public static final class BucketAlreadyExists extends S3Exception {
        public BucketAlreadyExists(String bucket) {
            super(
                    "BucketAlreadyExists",
                    409,
                    "The requested bucket name is not available. The bucket namespace is shared by all users of the"
                            + " system. Please select a different name and try again.");
            field("BucketName", bucket);
        }
    }

    /** The bucket is the caller's own already. */
    public static final class BucketAlreadyOwnedByYou extends S3Exception {
        public BucketAlreadyOwnedByYou(String bucket) {
            super(
                    "BucketAlreadyOwnedByYou",
                    409,
                    "Your previous request to create the named bucket succeeded and you already own it.");
            field("BucketName", bucket);
        }
    }

    /** Only an empty bucket can be deleted. */
    public static final class BucketNotEmpty extends S3Exception {
        public BucketNotEmpty(String bucket) {
            super("BucketNotEmpty", 409, "The bucket you tried to delete is not empty");
            field("BucketName", bucket);
        }
    }

    /** The name breaks the rules for names of buckets. */
    public static final class InvalidBucketName extends S3Exception {
        public InvalidBucketName(String bucket) {
            super("InvalidBucketName", 400, "The specified bucket is not valid.");
            field("BucketName", bucket);
        }
    }

    /** The account has as many buckets as it may. */
    public static final class TooManyBuckets extends S3Exception {
        public TooManyBuckets() {
            super("TooManyBuckets", 400, "You have attempted to create more buckets than allowed");
        }
    }

    /** There is no object of that key. */
    public static final class NoSuchKey extends S3Exception {
        public NoSuchKey(String key) {
            super("NoSuchKey", 404, "The specified key does not exist.");
            field("Key", key);
        }

        /** There is no version either: the answer says that it is no delete marker (decision 070). */
        static NoSuchKey withoutMarker(String key) {
            var missing = new NoSuchKey(key);
            missing.header("x-amz-delete-marker", "false");
            return missing;
        }

        /** The current version is a delete marker. */
        public NoSuchKey(String key, VersionId marker) {
            this(key);
            header("x-amz-delete-marker", "true");
            header("x-amz-version-id", marker.text());
        }
    }

    /** The named version is a delete marker, which can only be deleted. */
    public static final class IsDeleteMarker extends S3Exception {
        public IsDeleteMarker(VersionId marker, Instant lastModified) {
            super("MethodNotAllowed", 405, "The specified method is not allowed against this resource.");
            field("ResourceType", "DeleteMarker");
            header("Allow", "DELETE");
            header("Last-Modified", AwsTime.rfc1123(lastModified));
            header("x-amz-delete-marker", "true");
            header("x-amz-version-id", marker.text());
        }
    }

    /** The key has no such version. */
    public static final class NoSuchVersion extends S3Exception {
        public NoSuchVersion(String key, String versionId) {
            super("NoSuchVersion", 404, "The specified version does not exist.");
            field("Key", key);
            field("VersionId", versionId);
        }
    }

    /** A retention or a legal hold keeps the version. */
    public static final class ObjectLocked extends S3Exception {
        public ObjectLocked() {
            super("AccessDenied", 403, "Access Denied because object protected by object lock.");
        }
    }

    /** The bucket is not in a state for this. */
    public static final class InvalidBucketState extends S3Exception {
        public InvalidBucketState(String message) {
            super("InvalidBucketState", 409, message);
        }
    }

    /** Object lock is asked for in a bucket without it. */
    public static final class MissingObjectLock extends S3Exception {
        public MissingObjectLock() {
            super("InvalidRequest", 400, "Bucket is missing Object Lock Configuration");
        }
    }

    /** A retention that would be over already. */
    public static final class RetentionInThePast extends S3Exception {
        public RetentionInThePast() {
            super("InvalidArgument", 400, "The retain until date must be in the future!");
        }
    }

    /** The version has no retention, or no legal hold. */
    public static final class NoSuchObjectLock extends S3Exception {
        public NoSuchObjectLock() {
            super(
                    "NoSuchObjectLockConfiguration",
                    404,
                    "The specified object does not have a ObjectLock configuration");
        }
    }

    /** More than 1,024 bytes. */
    public static final class KeyTooLong extends S3Exception {
        public KeyTooLong(int size) {
            super("KeyTooLongError", 400, "Your key is too long");
            field("Size", Integer.toString(size));
            field("MaxSizeAllowed", "1024");
        }
    }

    /** No such upload, or it was completed or aborted. */
    public static final class NoSuchUpload extends S3Exception {
        public NoSuchUpload(String uploadId) {
            super(
                    "NoSuchUpload",
                    404,
                    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been"
                            + " aborted or completed.");
            field("UploadId", uploadId);
        }
    }

    /** A completion names a part that is not there, or with another ETag or checksum. */
    public static final class InvalidPart extends S3Exception {
        public InvalidPart(String uploadId, int partNumber, String etag) {
            super(
                    "InvalidPart",
                    400,
                    "One or more of the specified parts could not be found.  The part may not have been uploaded, or"
                            + " the specified entity tag may not match the part's entity tag.");
            field("UploadId", uploadId);
            field("PartNumber", Integer.toString(partNumber));
            field("ETag", etag);
        }
    }

    /** A completion names parts out of order, or twice. */
    public static final class InvalidPartOrder extends S3Exception {
        public InvalidPartOrder(String uploadId) {
            super(
                    "InvalidPartOrder",
                    400,
                    "The list of parts was not in ascending order. Parts must be ordered by part number.");
            field("UploadId", uploadId);
        }
    }

    /** A part that is not the last has less than 5 MiB. */
    public static final class EntityTooSmall extends S3Exception {
        public EntityTooSmall(long size, int partNumber, String etag) {
            super("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size");
            field("ProposedSize", Long.toString(size));
            field("MinSizeAllowed", Long.toString(Limits.MIN_PART_BYTES));
            field("PartNumber", Integer.toString(partNumber));
            field("ETag", etag);
        }
    }

    /** More bytes than an object or a part may have. */
    public static final class EntityTooLarge extends S3Exception {
        public EntityTooLarge(long size, long most) {
            super("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size");
            field("ProposedSize", Long.toString(size));
            field("MaxSizeAllowed", Long.toString(most));
        }
    }

    /** Fewer or more bytes came than were declared. */
    public static final class IncompleteBody extends S3Exception {
        public IncompleteBody() {
            super(
                    "IncompleteBody",
                    400,
                    "You did not provide the number of bytes specified by the Content-Length HTTP header");
        }
    }

    /** The bytes do not have the digest that the client announced. */
    public static final class BadDigest extends S3Exception {
        /**
         * @param what {@code Content-MD5}, or the checksum's name
         * @param expected as the client gave it, Base64
         * @param calculated Base64
         */
        public BadDigest(String what, String expected, String calculated) {
            super(
                    "BadDigest",
                    400,
                    what.equals("Content-MD5")
                            ? "The Content-MD5 you specified did not match what we received."
                            : "The " + what + " you specified did not match the calculated checksum.");
            field("ExpectedDigest", expected);
            field("CalculatedDigest", calculated);
        }
    }

    /** A condition of the request does not hold. */
    public static final class PreconditionFailed extends S3Exception {
        public PreconditionFailed(String condition) {
            super("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold");
            field("Condition", condition);
        }
    }

    /** The request contradicts itself or what it was begun with. */
    public static final class InvalidRequest extends S3Exception {
        public InvalidRequest(String message) {
            super("InvalidRequest", 400, message);
        }
    }

    /** The bucket may not hold so much; the code is Ceph's, AWS has no quotas of buckets. */
    public static final class QuotaExceeded extends S3Exception {
        public QuotaExceeded() {
            super("QuotaExceeded", 403, "The bucket's quota is exceeded.");
        }
    }

    /** The object is not archived. */
    public static final class RestoreNotAllowed extends S3Exception {
        public RestoreNotAllowed(String storageClass) {
            super("InvalidObjectState", 403, "Restore is not allowed for the object's current storage class");
            field("StorageClass", storageClass);
        }
    }

    /** A copy of an archived object is under way. */
    public static final class RestoreInProgress extends S3Exception {
        public RestoreInProgress() {
            super("RestoreAlreadyInProgress", 409, "Object restore is already in progress");
        }
    }

    /** The object is archived, and there is no copy that can be read. */
    public static final class Archived extends S3Exception {
        public Archived(String storageClass, String message) {
            super("InvalidObjectState", 403, message);
            field("StorageClass", storageClass);
        }
    }

    /** A range of a copy's source that is not in it. */
    public static final class InvalidRange extends S3Exception {
        public InvalidRange(String range, long size) {
            super("InvalidRange", 416, "The requested range is not satisfiable");
            field("RangeRequested", range);
            field("ActualObjectSize", Long.toString(size));
        }
    }

    /** A part number that the object does not have. */
    public static final class InvalidPartNumber extends S3Exception {
        public InvalidPartNumber(int requested, int count) {
            super("InvalidPart", 400, "The requested partnumber is not satisfiable");
            field("PartNumberRequested", Integer.toString(requested));
            field("ActualPartCount", Integer.toString(count));
        }
    }

    /** The disk is full or takes no writes: reading goes on. */
    public static final class Unavailable extends S3Exception {
        /** @param reason for people, without anything secret */
        public Unavailable(String reason) {
            super("ServiceUnavailable", 503, "The store takes no writes at the moment: " + reason);
        }
    }

    /** More is asked for at a time than can be held. */
    public static final class SlowDown extends S3Exception {
        SlowDown() {
            super("SlowDown", 503, "Please reduce your request rate.");
        }
    }

    /** Bytes on the disk are damaged, or a record is: never answered with data. */
    public static final class Damaged extends S3Exception {
        public Damaged(String key) {
            super(
                    "InternalError",
                    500,
                    "The object's bytes are damaged on the disk; the operator has to restore them.");
            field("Key", key);
        }
    }

    /** The client's key is not the one that the bytes were encrypted with. */
    public static final class WrongCustomerKey extends S3Exception {
        public WrongCustomerKey() {
            super("InvalidRequest", 400, "The encryption key is not the one that the object was stored with.");
        }
    }
}
