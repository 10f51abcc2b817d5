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
    GET_BUCKET_OWNERSHIP_CONTROLS("GetBucketOwnershipControls", "s3:GetBucketOwnershipControls"),
    PUT_BUCKET_OWNERSHIP_CONTROLS("PutBucketOwnershipControls", "s3:PutBucketOwnershipControls"),
    DELETE_BUCKET_OWNERSHIP_CONTROLS("DeleteBucketOwnershipControls", "s3:PutBucketOwnershipControls"),
    GET_BUCKET_REQUEST_PAYMENT("GetBucketRequestPayment", "s3:GetBucketRequestPayment"),
    GET_BUCKET_LOGGING("GetBucketLogging", "s3:GetBucketLogging"),
    GET_BUCKET_ACCELERATE_CONFIGURATION("GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration"),
    GET_BUCKET_POLICY("GetBucketPolicy", "s3:GetBucketPolicy"),
    PUT_BUCKET_POLICY("PutBucketPolicy", "s3:PutBucketPolicy"),
    DELETE_BUCKET_POLICY("DeleteBucketPolicy", "s3:DeleteBucketPolicy"),
    GET_BUCKET_POLICY_STATUS("GetBucketPolicyStatus", "s3:GetBucketPolicyStatus"),
    GET_BUCKET_CORS("GetBucketCors", "s3:GetBucketCORS"),
    GET_BUCKET_LIFECYCLE_CONFIGURATION("GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
    GET_BUCKET_TAGGING("GetBucketTagging", "s3:GetBucketTagging"),
    GET_BUCKET_ENCRYPTION("GetBucketEncryption", "s3:GetEncryptionConfiguration"),
    GET_BUCKET_WEBSITE("GetBucketWebsite", "s3:GetBucketWebsite"),
    GET_BUCKET_REPLICATION("GetBucketReplication", "s3:GetReplicationConfiguration"),
    GET_OBJECT_LOCK_CONFIGURATION("GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"),
    GET_PUBLIC_ACCESS_BLOCK("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    PUT_PUBLIC_ACCESS_BLOCK("PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    DELETE_PUBLIC_ACCESS_BLOCK("DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    LIST_OBJECTS("ListObjects", "s3:ListBucket"),
    LIST_OBJECTS_V2("ListObjectsV2", "s3:ListBucket"),
    LIST_OBJECT_VERSIONS("ListObjectVersions", "s3:ListBucketVersions"),
    LIST_MULTIPART_UPLOADS("ListMultipartUploads", "s3:ListBucketMultipartUploads"),
    DELETE_OBJECTS("DeleteObjects", "s3:DeleteObject"),
    PUT_OBJECT("PutObject", "s3:PutObject"),
    COPY_OBJECT("CopyObject", "s3:PutObject"),
    GET_OBJECT("GetObject", "s3:GetObject"),
    HEAD_OBJECT("HeadObject", "s3:GetObject"),
    DELETE_OBJECT("DeleteObject", "s3:DeleteObject"),
    GET_OBJECT_ACL("GetObjectAcl", "s3:GetObjectAcl"),
    PUT_OBJECT_ACL("PutObjectAcl", "s3:PutObjectAcl"),
    GET_OBJECT_TAGGING("GetObjectTagging", "s3:GetObjectTagging"),
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
