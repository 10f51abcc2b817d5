package jarrah.s3.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The actions of policies ("Actions, resources, and condition keys for Amazon S3"). */
final class S3Action {
    /** Operations that make an object, with which an ACL, tags and a lock may come along. */
    static final Set<S3Operation> MAKES_OBJECTS = Set.of(
            S3Operation.PUT_OBJECT,
            S3Operation.POST_OBJECT,
            S3Operation.COPY_OBJECT,
            S3Operation.CREATE_MULTIPART_UPLOAD);

    private static final Map<String, String> OF_VERSION = Map.of(
            "s3:GetObject", "s3:GetObjectVersion",
            "s3:GetObjectAcl", "s3:GetObjectVersionAcl",
            "s3:GetObjectAttributes", "s3:GetObjectVersionAttributes",
            "s3:GetObjectTagging", "s3:GetObjectVersionTagging",
            "s3:PutObjectAcl", "s3:PutObjectVersionAcl",
            "s3:PutObjectTagging", "s3:PutObjectVersionTagging",
            "s3:DeleteObject", "s3:DeleteObjectVersion",
            "s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging");

    /** Actions on objects. */
    static final List<String> OF_OBJECTS = names("""
            AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectTagging DeleteObjectVersion
            DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold GetObjectRetention
            GetObjectTagging GetObjectTorrent GetObjectVersion GetObjectVersionAcl GetObjectVersionAttributes
            GetObjectVersionForReplication GetObjectVersionTagging GetObjectVersionTorrent InitiateReplication
            ListMultipartUploadParts ObjectOwnerOverrideToBucketOwner PutObject PutObjectAcl PutObjectLegalHold
            PutObjectRetention PutObjectTagging PutObjectVersionAcl PutObjectVersionTagging ReplicateDelete ReplicateObject
            ReplicateTags RestoreObject""");

    /** Actions on buckets. */
    static final List<String> OF_BUCKETS = names("""
            CreateBucket CreateBucketMetadataTableConfiguration DeleteBucket DeleteBucketMetadataTableConfiguration
            DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketAbac
            GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging GetBucketMetadataTableConfiguration
            GetBucketNotification GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy
            GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning
            GetBucketWebsite GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration
            GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration ListBucket
            ListBucketMultipartUploads ListBucketVersions ListTagsForResource PutAccelerateConfiguration
            PutAnalyticsConfiguration PutBucketAbac PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification
            PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock
            PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration
            PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration PutMetricsConfiguration
            PutReplicationConfiguration TagResource UntagResource""");

    private static final List<String> ACL_HEADERS = List.of(
            "x-amz-acl",
            "x-amz-grant-read",
            "x-amz-grant-write",
            "x-amz-grant-read-acp",
            "x-amz-grant-write-acp",
            "x-amz-grant-full-control");

    private S3Action() {}

    private static List<String> names(String text) {
        return List.of(text.split("\\s+")).stream().map(name -> "s3:" + name).toList();
    }

    /**
     * The action of an operation.
     *
     * @param versionId that the operation names; null if it is about the current version
     */
    static String of(S3Operation operation, @Nullable String versionId) {
        String action = operation.action();
        return versionId == null ? action : OF_VERSION.getOrDefault(action, action);
    }

    /** Whether a request gives an ACL in its headers. */
    static boolean givesAcl(S3Request request) {
        for (String header : ACL_HEADERS) {
            if (request.headers().contains(header)) {
                return true;
            }
        }
        return false;
    }

    /** What a request to make an object asks for besides. */
    static List<String> alongWith(S3Request request) {
        var along = new ArrayList<String>(0);
        if (givesAcl(request)) {
            along.add("s3:PutObjectAcl");
        }
        if (request.headers().contains("x-amz-tagging")) {
            along.add("s3:PutObjectTagging");
        }
        if (request.headers().contains("x-amz-object-lock-mode")
                || request.headers().contains("x-amz-object-lock-retain-until-date")) {
            along.add("s3:PutObjectRetention");
        }
        if (request.headers().contains("x-amz-object-lock-legal-hold")) {
            along.add("s3:PutObjectLegalHold");
        }
        return along;
    }
}
