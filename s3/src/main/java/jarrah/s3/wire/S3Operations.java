package jarrah.s3.wire;

import jarrah.aws.Authentication;
import jarrah.aws.AwsTime;
import jarrah.aws.BodySigning;
import jarrah.aws.CredentialScope;
import jarrah.aws.FormSignature;
import jarrah.aws.RequestId;
import jarrah.http.Headers;
import jarrah.http.PercentCoding;
import jarrah.iam.Accounts;
import jarrah.iam.Authorizer;
import jarrah.iam.Principal;
import jarrah.iam.kms.DataKeys;
import jarrah.s3.S3Settings;
import jarrah.s3.jobs.Events;
import jarrah.s3.remote.RemoteBuckets;
import jarrah.s3.store.BucketSettings.Kind;
import jarrah.s3.store.ObjectReader;
import jarrah.s3.store.S3Store;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;

/** Carries out each operation: the table from its name to the code. */
public final class S3Operations {
    private final BucketOperations buckets;
    private final AclOperations acls;
    private final PolicyOperations policies;
    private final Listings listings;
    private final ObjectReads reads;
    private final Archives archives;
    private final ObjectWrites writes;
    private final MultipartOperations multipart;
    private final SettingOperations settings;
    private final PostObject forms;
    private final WebsiteOperations websites;
    private final ManyDeletions deletions;
    private final VersioningOperations versioning;
    private final ObjectLockOperations locks;
    private final TaggingOperations tagging;
    private final ObjectAttributes attributes;
    private final Clock clock;
    private final String region;
    private final ChangeOperations changes;

    public S3Operations(
            S3Store store,
            Accounts accounts,
            Authorizer authorizer,
            S3Settings configuration,
            Clock clock,
            Events told,
            DataKeys kms,
            RemoteBuckets remotes) {
        this.clock = clock;
        region = configuration.region();
        var events = new EventHooks(told);
        var access = new Access(store, authorizer);
        var aclHeaders = new AclHeaders(accounts, access);
        buckets = new BucketOperations(store, access, aclHeaders, configuration);
        settings = new SettingOperations(store, access, configuration, events, remotes);
        acls = new AclOperations(store, access, aclHeaders, accounts, events);
        policies = new PolicyOperations(store, access);
        listings = new Listings(store, access, accounts);
        var encryption = new EncryptionHeaders(store.settings(), configuration, authorizer, kms);
        var expiration = new ExpirationHeader(store.settings(), configuration.day());
        archives = new Archives(store, access, events, clock, configuration.day());
        reads = new ObjectReads(store, access, encryption, expiration, archives);
        websites = new WebsiteOperations(store, reads);
        writes = new ObjectWrites(store, access, aclHeaders, encryption, expiration, archives, events);
        forms = new PostObject(
                writes, expiration, new FormSignature(accounts, configuration.signatureV2()), accounts, clock);
        multipart =
                new MultipartOperations(store, access, aclHeaders, writes, accounts, encryption, expiration, events);
        deletions = new ManyDeletions(store, access, events);
        versioning = new VersioningOperations(store, access);
        locks = new ObjectLockOperations(store, access);
        tagging = new TaggingOperations(store, access, events);
        attributes = new ObjectAttributes(store, access, encryption);
        changes = new ChangeOperations(store, access);
    }

    /**
     * Opens an object for a service of this region that reads it on a user's behalf, if a GetObject of that user would be
     * answered with it: by the same rules, policies and encryption keys. The reader is the caller's to close.
     *
     * @throws jarrah.aws.AwsException what the GetObject would be answered with
     */
    public ObjectReader open(Principal.User user, String bucket, String key) {
        Instant now = clock.instant();
        var signed = new Authentication.Signed(
                user.accessKeyId(),
                new CredentialScope(AwsTime.basic(now).substring(0, 8), region, "s3"),
                now,
                false,
                new BodySigning.Unsigned());
        return reads.readable(new S3Request(
                HouseExchange.get("/" + PercentCoding.encode(bucket) + "/" + PercentCoding.encodePath(key)),
                RequestId.s3(),
                new S3Address(bucket, key),
                S3Query.parse(null),
                user,
                signed,
                S3Operation.GET_OBJECT,
                Headers.of(),
                Headers.of()));
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
            case FOLLOW_CHANGES -> changes.follow(request);
            case LIST_OBJECTS -> listings.listObjects(request);
            case LIST_OBJECTS_V2 -> listings.listObjectsV2(request);
            case LIST_OBJECT_VERSIONS -> listings.listObjectVersions(request);
            case PUT_OBJECT -> writes.put(request);
            case POST_OBJECT -> forms.post(request);
            case COPY_OBJECT -> writes.copy(request);
            case DELETE_OBJECT -> writes.delete(request);
            case DELETE_OBJECTS -> deletions.deleteAll(request);
            case WEBSITE -> websites.serve(request);
            case GET_OBJECT -> reads.get(request);
            case HEAD_OBJECT -> reads.head(request);
            case RESTORE_OBJECT -> archives.restore(request);
            case GET_OBJECT_ATTRIBUTES -> attributes.get(request);
            case GET_OBJECT_TAGGING -> tagging.get(request);
            case PUT_OBJECT_TAGGING -> tagging.put(request);
            case DELETE_OBJECT_TAGGING -> tagging.delete(request);
            case GET_BUCKET_VERSIONING -> versioning.get(request);
            case PUT_BUCKET_VERSIONING -> versioning.put(request);
            case GET_OBJECT_LOCK_CONFIGURATION -> locks.getConfiguration(request);
            case PUT_OBJECT_LOCK_CONFIGURATION -> locks.putConfiguration(request);
            case GET_OBJECT_RETENTION -> locks.getRetention(request);
            case PUT_OBJECT_RETENTION -> locks.putRetention(request);
            case GET_OBJECT_LEGAL_HOLD -> locks.getLegalHold(request);
            case PUT_OBJECT_LEGAL_HOLD -> locks.putLegalHold(request);
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

    private void settings(S3Operation operation, S3Request request) throws IOException {
        switch (operation) {
            case GET_BUCKET_CORS -> settings.get(request, Setting.CORS);
            case PUT_BUCKET_CORS -> settings.put(request, Setting.CORS);
            case DELETE_BUCKET_CORS -> settings.delete(request, Setting.CORS);
            case GET_BUCKET_WEBSITE -> settings.get(request, Setting.WEBSITE);
            case PUT_BUCKET_WEBSITE -> settings.put(request, Setting.WEBSITE);
            case DELETE_BUCKET_WEBSITE -> settings.delete(request, Setting.WEBSITE);
            case GET_BUCKET_LIFECYCLE_CONFIGURATION -> settings.get(request, Setting.LIFECYCLE);
            case PUT_BUCKET_LIFECYCLE_CONFIGURATION -> settings.put(request, Setting.LIFECYCLE);
            case DELETE_BUCKET_LIFECYCLE -> settings.delete(request, Setting.LIFECYCLE);
            case GET_BUCKET_TAGGING -> settings.get(request, Setting.TAGGING);
            case PUT_BUCKET_TAGGING -> settings.put(request, Setting.TAGGING);
            case DELETE_BUCKET_TAGGING -> settings.delete(request, Setting.TAGGING);
            case GET_BUCKET_ENCRYPTION -> settings.get(request, Setting.ENCRYPTION);
            case PUT_BUCKET_ENCRYPTION -> settings.put(request, Setting.ENCRYPTION);
            case DELETE_BUCKET_ENCRYPTION -> settings.delete(request, Setting.ENCRYPTION);
            case GET_BUCKET_REPLICATION -> settings.get(request, Setting.REPLICATION);
            case PUT_BUCKET_REPLICATION -> settings.put(request, Setting.REPLICATION);
            case DELETE_BUCKET_REPLICATION -> settings.delete(request, Setting.REPLICATION);
            case GET_BUCKET_LOGGING -> settings.get(request, Setting.LOGGING);
            case PUT_BUCKET_LOGGING -> settings.put(request, Setting.LOGGING);
            case GET_BUCKET_NOTIFICATION_CONFIGURATION -> settings.get(request, Setting.NOTIFICATION);
            case PUT_BUCKET_NOTIFICATION_CONFIGURATION -> settings.put(request, Setting.NOTIFICATION);
            case GET_BUCKET_REQUEST_PAYMENT -> settings.get(request, Setting.REQUEST_PAYMENT);
            case PUT_BUCKET_REQUEST_PAYMENT -> settings.put(request, Setting.REQUEST_PAYMENT);
            case GET_BUCKET_ACCELERATE_CONFIGURATION -> settings.get(request, Setting.ACCELERATE);
            case PUT_BUCKET_ACCELERATE_CONFIGURATION -> settings.put(request, Setting.ACCELERATE);
            default -> named(operation, request);
        }
    }

    private void named(S3Operation operation, S3Request request) throws IOException {
        switch (operation) {
            case GET_BUCKET_ANALYTICS_CONFIGURATION -> settings.getNamed(request, Kind.ANALYTICS);
            case PUT_BUCKET_ANALYTICS_CONFIGURATION ->
                settings.putNamed(request, Kind.ANALYTICS, "AnalyticsConfiguration");
            case DELETE_BUCKET_ANALYTICS_CONFIGURATION -> settings.deleteNamed(request, Kind.ANALYTICS);
            case LIST_BUCKET_ANALYTICS_CONFIGURATIONS ->
                settings.listNamed(request, Kind.ANALYTICS, "AnalyticsConfiguration");
            case GET_BUCKET_INTELLIGENT_TIERING_CONFIGURATION -> settings.getNamed(request, Kind.INTELLIGENT_TIERING);
            case PUT_BUCKET_INTELLIGENT_TIERING_CONFIGURATION ->
                settings.putNamed(request, Kind.INTELLIGENT_TIERING, "IntelligentTieringConfiguration");
            case DELETE_BUCKET_INTELLIGENT_TIERING_CONFIGURATION ->
                settings.deleteNamed(request, Kind.INTELLIGENT_TIERING);
            case LIST_BUCKET_INTELLIGENT_TIERING_CONFIGURATIONS ->
                settings.listNamed(request, Kind.INTELLIGENT_TIERING, "IntelligentTieringConfiguration");
            case GET_BUCKET_INVENTORY_CONFIGURATION -> settings.getNamed(request, Kind.INVENTORY);
            case PUT_BUCKET_INVENTORY_CONFIGURATION ->
                settings.putNamed(request, Kind.INVENTORY, "InventoryConfiguration");
            case DELETE_BUCKET_INVENTORY_CONFIGURATION -> settings.deleteNamed(request, Kind.INVENTORY);
            case LIST_BUCKET_INVENTORY_CONFIGURATIONS ->
                settings.listNamed(request, Kind.INVENTORY, "InventoryConfiguration");
            case GET_BUCKET_METRICS_CONFIGURATION -> settings.getNamed(request, Kind.METRICS);
            case PUT_BUCKET_METRICS_CONFIGURATION -> settings.putNamed(request, Kind.METRICS, "MetricsConfiguration");
            case DELETE_BUCKET_METRICS_CONFIGURATION -> settings.deleteNamed(request, Kind.METRICS);
            case LIST_BUCKET_METRICS_CONFIGURATIONS ->
                settings.listNamed(request, Kind.METRICS, "MetricsConfiguration");
            default -> policies(operation, request);
        }
    }

    private void policies(S3Operation operation, S3Request request) throws IOException {
        switch (operation) {
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
            default -> throw new IllegalStateException("no code for " + operation);
        }
    }
}
