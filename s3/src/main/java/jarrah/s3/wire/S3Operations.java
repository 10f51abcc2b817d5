package jarrah.s3.wire;

import jarrah.iam.Accounts;
import jarrah.iam.Authorizer;
import jarrah.s3.S3Settings;
import jarrah.s3.store.S3Store;
import java.io.IOException;

/** Carries out each operation: the table from its name to the code. */
public final class S3Operations {
    private final BucketOperations buckets;
    private final AclOperations acls;
    private final PolicyOperations policies;
    private final Listings listings;
    private final ObjectReads reads;
    private final ObjectWrites writes;
    private final MultipartOperations multipart;

    public S3Operations(S3Store store, Accounts accounts, Authorizer authorizer, S3Settings settings) {
        var access = new Access(store, authorizer);
        var aclHeaders = new AclHeaders(accounts, access);
        buckets = new BucketOperations(store, access, aclHeaders, settings);
        acls = new AclOperations(store, access, aclHeaders, accounts);
        policies = new PolicyOperations(store, access);
        listings = new Listings(store, access, accounts);
        reads = new ObjectReads(store, access);
        writes = new ObjectWrites(store, access, aclHeaders);
        multipart = new MultipartOperations(store, access, aclHeaders, writes, accounts);
    }

    /**
     * Carries out an operation and answers the request.
     *
     * @throws jarrah.aws.AwsException what is wrong with the request; nothing was changed and no answer sent
     * @throws IOException if the client is gone
     */
    public void perform(S3Operation operation, S3Request request) throws IOException {
        switch (operation) {
            case LIST_BUCKETS -> buckets.listBuckets(request);
            case CREATE_BUCKET -> buckets.createBucket(request);
            case HEAD_BUCKET -> buckets.headBucket(request);
            case DELETE_BUCKET -> buckets.deleteBucket(request);
            case GET_BUCKET_LOCATION -> buckets.getLocation(request);
            case GET_BUCKET_ACL -> acls.getBucketAcl(request);
            case PUT_BUCKET_ACL -> acls.putBucketAcl(request);
            case GET_OBJECT_ACL -> acls.getObjectAcl(request);
            case PUT_OBJECT_ACL -> acls.putObjectAcl(request);
            case PUT_BUCKET_POLICY -> policies.putPolicy(request);
            case GET_BUCKET_POLICY -> policies.getPolicy(request);
            case DELETE_BUCKET_POLICY -> policies.deletePolicy(request);
            case GET_BUCKET_POLICY_STATUS -> policies.getPolicyStatus(request);
            case PUT_PUBLIC_ACCESS_BLOCK -> policies.putPublicAccessBlock(request);
            case GET_PUBLIC_ACCESS_BLOCK -> policies.getPublicAccessBlock(request);
            case DELETE_PUBLIC_ACCESS_BLOCK -> policies.deletePublicAccessBlock(request);
            case PUT_BUCKET_OWNERSHIP_CONTROLS -> policies.putOwnershipControls(request);
            case GET_BUCKET_OWNERSHIP_CONTROLS -> policies.getOwnershipControls(request);
            case DELETE_BUCKET_OWNERSHIP_CONTROLS -> policies.deleteOwnershipControls(request);
            case LIST_OBJECTS -> listings.listObjects(request);
            case LIST_OBJECTS_V2 -> listings.listObjectsV2(request);
            case LIST_OBJECT_VERSIONS -> listings.listObjectVersions(request);
            case PUT_OBJECT -> writes.put(request);
            case COPY_OBJECT -> writes.copy(request);
            case DELETE_OBJECT -> writes.delete(request);
            case DELETE_OBJECTS -> writes.deleteAll(request);
            case GET_OBJECT -> reads.get(request);
            case HEAD_OBJECT -> reads.head(request);
            case GET_OBJECT_TAGGING -> reads.getTagging(request);
            case CREATE_MULTIPART_UPLOAD -> multipart.create(request);
            case UPLOAD_PART -> multipart.uploadPart(request);
            case UPLOAD_PART_COPY -> multipart.uploadPartCopy(request);
            case LIST_PARTS -> multipart.listParts(request);
            case LIST_MULTIPART_UPLOADS -> multipart.listUploads(request);
            case COMPLETE_MULTIPART_UPLOAD -> multipart.complete(request);
            case ABORT_MULTIPART_UPLOAD -> multipart.abort(request);
            default -> settings(operation, request);
        }
    }

    /** Settings of a bucket that can be read and, so far, not changed: they are what AWS has before anybody sets them. */
    private void settings(S3Operation operation, S3Request request) {
        switch (operation) {
            case GET_BUCKET_VERSIONING -> buckets.getDefault(request, "VersioningConfiguration", null, "");
            case GET_BUCKET_LOGGING -> buckets.getDefault(request, "BucketLoggingStatus", null, "");
            case GET_BUCKET_ACCELERATE_CONFIGURATION ->
                buckets.getDefault(request, "AccelerateConfiguration", null, "");
            case GET_BUCKET_REQUEST_PAYMENT ->
                buckets.getDefault(request, "RequestPaymentConfiguration", "Payer", "BucketOwner");
            case GET_BUCKET_CORS ->
                buckets.notConfigured(request, "NoSuchCORSConfiguration", "The CORS configuration does not exist");
            case GET_BUCKET_LIFECYCLE_CONFIGURATION ->
                buckets.notConfigured(
                        request, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist");
            case GET_BUCKET_TAGGING -> buckets.notConfigured(request, "NoSuchTagSet", "The TagSet does not exist");
            case GET_BUCKET_ENCRYPTION ->
                buckets.notConfigured(
                        request,
                        "ServerSideEncryptionConfigurationNotFoundError",
                        "The server side encryption configuration was not found");
            case GET_BUCKET_WEBSITE ->
                buckets.notConfigured(
                        request,
                        "NoSuchWebsiteConfiguration",
                        "The specified bucket does not have a website configuration");
            case GET_BUCKET_REPLICATION ->
                buckets.notConfigured(
                        request,
                        "ReplicationConfigurationNotFoundError",
                        "The replication configuration was not found");
            case GET_OBJECT_LOCK_CONFIGURATION ->
                buckets.notConfigured(
                        request,
                        "ObjectLockConfigurationNotFoundError",
                        "Object Lock configuration does not exist for this bucket");
            default -> throw new IllegalStateException("no code for " + operation);
        }
    }
}
