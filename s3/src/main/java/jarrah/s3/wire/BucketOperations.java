package jarrah.s3.wire;

import jarrah.aws.AwsTime;
import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.http.Body;
import jarrah.http.ResponseHead;
import jarrah.iam.Principal;
import jarrah.s3.S3Settings;
import jarrah.s3.store.Acl;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings;
import jarrah.s3.store.Buckets;
import jarrah.s3.store.CannedAcl;
import jarrah.s3.store.NewBucket;
import jarrah.s3.store.ObjectOwnership;
import jarrah.s3.store.S3Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** ListBuckets, CreateBucket, HeadBucket, DeleteBucket, and what a bucket says of itself. */
final class BucketOperations {
    private static final int MAX_DOCUMENT_BYTES = 64 * 1024;
    private static final int MAX_LISTED = 10_000;

    private final S3Store store;
    private final Access access;
    private final AclHeaders aclHeaders;
    private final S3Settings settings;

    BucketOperations(S3Store store, Access access, AclHeaders aclHeaders, S3Settings settings) {
        this.store = store;
        this.access = access;
        this.aclHeaders = aclHeaders;
        this.settings = settings;
    }

    void listBuckets(S3Request request) {
        if (request.anonymous()) {
            listNothing(request);
            return;
        }
        Principal.User user = Access.requireUser(request);
        access.requireByIdentity(request, request.operation().action(), Access.arn("*"));
        int limit = request.query().number("max-buckets", MAX_LISTED, MAX_LISTED);
        String prefix = request.query().get("prefix", "");
        String token = request.query().get("continuation-token", "");
        Buckets.Page page = store.buckets().list(user.accountId(), prefix, unpack(token), Math.max(limit, 1));
        var xml = new XmlWriter("ListAllMyBucketsResult", S3Request.NAMESPACE);
        xml.start("Owner")
                .text("ID", user.canonicalId())
                .text("DisplayName", user.accountName())
                .end();
        xml.start("Buckets");
        for (Bucket bucket : page.buckets()) {
            xml.start("Bucket").text("Name", bucket.name()).text("CreationDate", AwsTime.iso(bucket.created()));
            if (request.query().has("max-buckets")) {
                xml.text("BucketRegion", bucket.region());
            }
            xml.end();
        }
        xml.end();
        page.next().ifPresent(next -> xml.text("ContinuationToken", pack(next)));
        if (!prefix.isEmpty()) {
            xml.text("Prefix", prefix);
        }
        request.answer(xml);
    }

    /** Nobody in particular owns no bucket. (AWS sends such a caller to a page about S3.) */
    private static void listNothing(S3Request request) {
        var xml = new XmlWriter("ListAllMyBucketsResult", S3Request.NAMESPACE);
        xml.start("Owner").text("ID", Access.ANONYMOUS_ID).end();
        request.answer(xml.start("Buckets").end());
    }

    /** A name as an opaque token. */
    static String pack(String name) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(name.getBytes(StandardCharsets.UTF_8));
    }

    static String unpack(String token) {
        try {
            return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new S3WireException.InvalidArgument(
                    "The continuation token provided is incorrect", "continuation-token", token);
        }
    }

    void createBucket(S3Request request) throws IOException {
        Principal.User user = Access.requireUser(request);
        requireCreate(request);
        requireLocation(request.document(MAX_DOCUMENT_BYTES));
        ObjectOwnership ownership = ownership(request.header("x-amz-object-ownership"));
        Acl given = aclHeaders.read(request.headers(), user.canonicalId(), user.canonicalId());
        if (ownership == ObjectOwnership.BUCKET_OWNER_ENFORCED && given != null && !given.isPrivate()) {
            throw new S3WireException.InvalidBucketAclWithObjectOwnership();
        }
        Acl acl = given == null ? CannedAcl.PRIVATE.expand(user.canonicalId(), user.canonicalId()) : given;
        Bucket bucket = store.buckets()
                .create(new NewBucket(
                        request.bucket(),
                        user.accountId(),
                        user.canonicalId(),
                        settings.region(),
                        acl,
                        ownership,
                        "true".equalsIgnoreCase(request.header("x-amz-bucket-object-lock-enabled"))));
        // A new bucket has a block, as AWS's have; one that was there already keeps what it has.
        if (bucket.generation() == bucket.id()) {
            PublicAccessBlock block = settings.bucketAcls() ? PublicAccessBlock.OFF : PublicAccessBlock.ON;
            store.settings().put(bucket.name(), BucketSettings.Kind.PUBLIC_ACCESS_BLOCK, block.toBytes(), _ -> {});
        }
        ResponseHead head = request.head(200);
        head.headers().add("Location", "/" + request.bucket());
        request.answer(head, Body.EMPTY);
    }

    private void requireCreate(S3Request request) {
        String resource = Access.arn(request.bucket());
        access.requireByIdentity(request, request.operation().action(), resource);
        if (S3Action.givesAcl(request)) {
            access.requireByIdentity(request, S3Operation.PUT_BUCKET_ACL.action(), resource);
        }
        if (request.headers().contains("x-amz-object-ownership")) {
            access.requireByIdentity(request, S3Operation.PUT_BUCKET_OWNERSHIP_CONTROLS.action(), resource);
        }
        if (request.headers().contains("x-amz-bucket-object-lock-enabled")) {
            access.requireByIdentity(request, "s3:PutBucketObjectLockConfiguration", resource);
            access.requireByIdentity(request, "s3:PutBucketVersioning", resource);
        }
    }

    private ObjectOwnership ownership(@Nullable String header) {
        if (header == null) {
            return settings.bucketAcls() ? ObjectOwnership.UNSET : ObjectOwnership.BUCKET_OWNER_ENFORCED;
        }
        ObjectOwnership ownership = ObjectOwnership.of(header);
        if (ownership == null) {
            throw new S3WireException.InvalidArgument(
                    "Invalid x-amz-object-ownership header: " + header, "x-amz-object-ownership", header);
        }
        return ownership;
    }

    /** Old clients name the root {@code CreateBucketConstraint}; {@code EU} and {@code US} are names of regions then. */
    private void requireLocation(byte[] document) {
        if (document.length == 0) {
            return;
        }
        XmlElement root;
        try {
            root = XmlElement.parse(document);
        } catch (XmlElement.MalformedXml e) {
            throw new S3WireException.MalformedXml();
        }
        if (!root.name().equals("CreateBucketConfiguration") && !root.name().equals("CreateBucketConstraint")) {
            throw new S3WireException.MalformedXml();
        }
        String location = root.childText("LocationConstraint");
        if (location != null && !location.isEmpty() && settings.strictRegion() && !location.equals(settings.region())) {
            throw new S3WireException.IllegalLocation(location);
        }
        if (root.child("Location") != null || root.child("Bucket") != null) {
            throw new S3WireException.NotImplemented("directory buckets");
        }
    }

    void headBucket(S3Request request) {
        Bucket bucket = access.bucket(request, Acl.Permission.READ);
        ResponseHead head = request.head(200);
        head.headers()
                .add("x-amz-bucket-region", bucket.region())
                .add("x-amz-access-point-alias", "false")
                .add("Content-Type", "application/xml");
        request.answer(head, Body.EMPTY);
    }

    void deleteBucket(S3Request request) {
        Bucket bucket = access.bucket(request, null);
        store.buckets().delete(bucket.name());
        request.answer(204);
    }

    void getLocation(S3Request request) {
        Bucket bucket = access.bucket(request, null);
        // The first region has no name here, as on AWS.
        String location = bucket.region().equals("us-east-1") ? "" : bucket.region();
        var xml = new XmlWriter("LocationConstraint", S3Request.NAMESPACE);
        request.answer(xml.content(location));
    }
}
