package jarrah.s3.wire;

/** The operations that are served, with the permission that each asks for ("Actions defined by Amazon S3"). */
public enum S3Operation {
    LIST_BUCKETS("ListBuckets", "s3:ListAllMyBuckets"),
    CREATE_BUCKET("CreateBucket", "s3:CreateBucket"),
    HEAD_BUCKET("HeadBucket", "s3:ListBucket"),
    DELETE_BUCKET("DeleteBucket", "s3:DeleteBucket"),
    GET_BUCKET_LOCATION("GetBucketLocation", "s3:GetBucketLocation"),
    GET_BUCKET_ACL("GetBucketAcl", "s3:GetBucketAcl"),
    PUT_BUCKET_ACL("PutBucketAcl", "s3:PutBucketAcl"),
    GET_BUCKET_VERSIONING("GetBucketVersioning", "s3:GetBucketVersioning"),
    PUT_BUCKET_VERSIONING("PutBucketVersioning", "s3:PutBucketVersioning"),
    GET_BUCKET_OWNERSHIP_CONTROLS("GetBucketOwnershipControls", "s3:GetBucketOwnershipControls"),
    PUT_BUCKET_OWNERSHIP_CONTROLS("PutBucketOwnershipControls", "s3:PutBucketOwnershipControls"),
    DELETE_BUCKET_OWNERSHIP_CONTROLS("DeleteBucketOwnershipControls", "s3:PutBucketOwnershipControls"),
    GET_BUCKET_REQUEST_PAYMENT("GetBucketRequestPayment", "s3:GetBucketRequestPayment"),
    PUT_BUCKET_REQUEST_PAYMENT("PutBucketRequestPayment", "s3:PutBucketRequestPayment"),
    GET_BUCKET_LOGGING("GetBucketLogging", "s3:GetBucketLogging"),
    PUT_BUCKET_LOGGING("PutBucketLogging", "s3:PutBucketLogging"),
    GET_BUCKET_ACCELERATE_CONFIGURATION("GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration"),
    PUT_BUCKET_ACCELERATE_CONFIGURATION("PutBucketAccelerateConfiguration", "s3:PutAccelerateConfiguration"),
    GET_BUCKET_NOTIFICATION_CONFIGURATION("GetBucketNotificationConfiguration", "s3:GetBucketNotification"),
    PUT_BUCKET_NOTIFICATION_CONFIGURATION("PutBucketNotificationConfiguration", "s3:PutBucketNotification"),
    GET_BUCKET_POLICY("GetBucketPolicy", "s3:GetBucketPolicy"),
    PUT_BUCKET_POLICY("PutBucketPolicy", "s3:PutBucketPolicy"),
    DELETE_BUCKET_POLICY("DeleteBucketPolicy", "s3:DeleteBucketPolicy"),
    GET_BUCKET_POLICY_STATUS("GetBucketPolicyStatus", "s3:GetBucketPolicyStatus"),
    GET_BUCKET_CORS("GetBucketCors", "s3:GetBucketCORS"),
    PUT_BUCKET_CORS("PutBucketCors", "s3:PutBucketCORS"),
    DELETE_BUCKET_CORS("DeleteBucketCors", "s3:PutBucketCORS"),
    GET_BUCKET_LIFECYCLE_CONFIGURATION("GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
    PUT_BUCKET_LIFECYCLE_CONFIGURATION("PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
    DELETE_BUCKET_LIFECYCLE("DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"),
    GET_BUCKET_TAGGING("GetBucketTagging", "s3:GetBucketTagging"),
    PUT_BUCKET_TAGGING("PutBucketTagging", "s3:PutBucketTagging"),
    DELETE_BUCKET_TAGGING("DeleteBucketTagging", "s3:PutBucketTagging"),
    GET_BUCKET_ENCRYPTION("GetBucketEncryption", "s3:GetEncryptionConfiguration"),
    PUT_BUCKET_ENCRYPTION("PutBucketEncryption", "s3:PutEncryptionConfiguration"),
    DELETE_BUCKET_ENCRYPTION("DeleteBucketEncryption", "s3:PutEncryptionConfiguration"),
    GET_BUCKET_WEBSITE("GetBucketWebsite", "s3:GetBucketWebsite"),
    PUT_BUCKET_WEBSITE("PutBucketWebsite", "s3:PutBucketWebsite"),
    DELETE_BUCKET_WEBSITE("DeleteBucketWebsite", "s3:DeleteBucketWebsite"),
    GET_BUCKET_REPLICATION("GetBucketReplication", "s3:GetReplicationConfiguration"),
    PUT_BUCKET_REPLICATION("PutBucketReplication", "s3:PutReplicationConfiguration"),
    DELETE_BUCKET_REPLICATION("DeleteBucketReplication", "s3:PutReplicationConfiguration"),
    GET_BUCKET_ANALYTICS_CONFIGURATION("GetBucketAnalyticsConfiguration", "s3:GetAnalyticsConfiguration"),
    PUT_BUCKET_ANALYTICS_CONFIGURATION("PutBucketAnalyticsConfiguration", "s3:PutAnalyticsConfiguration"),
    DELETE_BUCKET_ANALYTICS_CONFIGURATION("DeleteBucketAnalyticsConfiguration", "s3:PutAnalyticsConfiguration"),
    LIST_BUCKET_ANALYTICS_CONFIGURATIONS("ListBucketAnalyticsConfigurations", "s3:GetAnalyticsConfiguration"),
    GET_BUCKET_INTELLIGENT_TIERING_CONFIGURATION(
            "GetBucketIntelligentTieringConfiguration", "s3:GetIntelligentTieringConfiguration"),
    PUT_BUCKET_INTELLIGENT_TIERING_CONFIGURATION(
            "PutBucketIntelligentTieringConfiguration", "s3:PutIntelligentTieringConfiguration"),
    DELETE_BUCKET_INTELLIGENT_TIERING_CONFIGURATION(
            "DeleteBucketIntelligentTieringConfiguration", "s3:PutIntelligentTieringConfiguration"),
    LIST_BUCKET_INTELLIGENT_TIERING_CONFIGURATIONS(
            "ListBucketIntelligentTieringConfigurations", "s3:GetIntelligentTieringConfiguration"),
    GET_BUCKET_INVENTORY_CONFIGURATION("GetBucketInventoryConfiguration", "s3:GetInventoryConfiguration"),
    PUT_BUCKET_INVENTORY_CONFIGURATION("PutBucketInventoryConfiguration", "s3:PutInventoryConfiguration"),
    DELETE_BUCKET_INVENTORY_CONFIGURATION("DeleteBucketInventoryConfiguration", "s3:PutInventoryConfiguration"),
    LIST_BUCKET_INVENTORY_CONFIGURATIONS("ListBucketInventoryConfigurations", "s3:GetInventoryConfiguration"),
    GET_BUCKET_METRICS_CONFIGURATION("GetBucketMetricsConfiguration", "s3:GetMetricsConfiguration"),
    PUT_BUCKET_METRICS_CONFIGURATION("PutBucketMetricsConfiguration", "s3:PutMetricsConfiguration"),
    DELETE_BUCKET_METRICS_CONFIGURATION("DeleteBucketMetricsConfiguration", "s3:PutMetricsConfiguration"),
    LIST_BUCKET_METRICS_CONFIGURATIONS("ListBucketMetricsConfigurations", "s3:GetMetricsConfiguration"),
    GET_OBJECT_LOCK_CONFIGURATION("GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"),
    PUT_OBJECT_LOCK_CONFIGURATION("PutObjectLockConfiguration", "s3:PutBucketObjectLockConfiguration"),
    GET_PUBLIC_ACCESS_BLOCK("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    PUT_PUBLIC_ACCESS_BLOCK("PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    DELETE_PUBLIC_ACCESS_BLOCK("DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    LIST_OBJECTS("ListObjects", "s3:ListBucket"),
    LIST_OBJECTS_V2("ListObjectsV2", "s3:ListBucket"),
    LIST_OBJECT_VERSIONS("ListObjectVersions", "s3:ListBucketVersions"),
    LIST_MULTIPART_UPLOADS("ListMultipartUploads", "s3:ListBucketMultipartUploads"),
    DELETE_OBJECTS("DeleteObjects", "s3:DeleteObject"),
    PUT_OBJECT("PutObject", "s3:PutObject"),
    /** A request to a website; not one of the operations of the SDKs. */
    WEBSITE("Website", "s3:GetObject"),
    /** A browser's form; not one of the operations of the SDKs. */
    POST_OBJECT("PostObject", "s3:PutObject"),
    /** Jarrah's own, for caches elsewhere: {@link ChangeOperations}. */
    FOLLOW_CHANGES("FollowChanges", "s3:ListBucket"),
    COPY_OBJECT("CopyObject", "s3:PutObject"),
    GET_OBJECT("GetObject", "s3:GetObject"),
    HEAD_OBJECT("HeadObject", "s3:GetObject"),
    DELETE_OBJECT("DeleteObject", "s3:DeleteObject"),
    GET_OBJECT_ACL("GetObjectAcl", "s3:GetObjectAcl"),
    PUT_OBJECT_ACL("PutObjectAcl", "s3:PutObjectAcl"),
    GET_OBJECT_ATTRIBUTES("GetObjectAttributes", "s3:GetObjectAttributes"),
    GET_OBJECT_TAGGING("GetObjectTagging", "s3:GetObjectTagging"),
    PUT_OBJECT_TAGGING("PutObjectTagging", "s3:PutObjectTagging"),
    DELETE_OBJECT_TAGGING("DeleteObjectTagging", "s3:DeleteObjectTagging"),
    GET_OBJECT_RETENTION("GetObjectRetention", "s3:GetObjectRetention"),
    PUT_OBJECT_RETENTION("PutObjectRetention", "s3:PutObjectRetention"),
    GET_OBJECT_LEGAL_HOLD("GetObjectLegalHold", "s3:GetObjectLegalHold"),
    PUT_OBJECT_LEGAL_HOLD("PutObjectLegalHold", "s3:PutObjectLegalHold"),
    RESTORE_OBJECT("RestoreObject", "s3:RestoreObject"),
    CREATE_MULTIPART_UPLOAD("CreateMultipartUpload", "s3:PutObject"),
    UPLOAD_PART("UploadPart", "s3:PutObject"),
    UPLOAD_PART_COPY("UploadPartCopy", "s3:PutObject"),
    LIST_PARTS("ListParts", "s3:ListMultipartUploadParts"),
    COMPLETE_MULTIPART_UPLOAD("CompleteMultipartUpload", "s3:PutObject"),
    ABORT_MULTIPART_UPLOAD("AbortMultipartUpload", "s3:AbortMultipartUpload");

    private final String wireName;
    private final String action;

    S3Operation(String wireName, String action) {
        this.wireName = wireName;
        this.action = action;
    }

    /** AWS's name of the operation. */
    public String wireName() {
        return wireName;
    }

    /** The action that a policy allows or denies. */
    public String action() {
        return action;
    }
}
