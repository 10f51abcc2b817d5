package jarrah.s3.wire;

import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.http.Body;
import jarrah.http.ResponseHead;
import jarrah.iam.policy.Decision;
import jarrah.iam.policy.Evaluator;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings;
import jarrah.s3.store.ObjectOwnership;
import jarrah.s3.store.S3Store;
import java.io.IOException;

/** A bucket's policy, its public access block and its ownership controls: put, get, delete. */
final class PolicyOperations {
    private static final int MAX_DOCUMENT_BYTES = 64 * 1024;

    private final S3Store store;
    private final Access access;

    PolicyOperations(S3Store store, Access access) {
        this.store = store;
        this.access = access;
    }

    /** The bucket, whose policy is the owner's account's business, whatever it allows others (PutBucketPolicy, S3 API). */
    private Bucket own(S3Request request) {
        Bucket bucket = access.bucket(request, null);
        if (!Access.isOwners(request, bucket)) {
            throw new S3WireException.MethodNotAllowed(
                    request.exchange().request().method());
        }
        return bucket;
    }

    void putPolicy(S3Request request) throws IOException {
        Bucket bucket = own(request);
        byte[] document = request.document(MAX_DOCUMENT_BYTES);
        BucketPolicy policy = BucketPolicy.parse(document, bucket.name());
        boolean confirmed = "true".equalsIgnoreCase(request.header("x-amz-confirm-remove-self-bucket-access"));
        if (!confirmed && locksOut(request, bucket, policy)) {
            throw new S3WireException.AccessDenied();
        }
        if (policy.isPublic() && access.block(bucket).blockPublicPolicy()) {
            throw new S3WireException.AccessDenied();
        }
        store.settings().put(bucket.name(), BucketSettings.Kind.POLICY, document, _ -> {});
        request.answer(204);
    }

    /** Whether the caller could not take the policy back. */
    private static boolean locksOut(S3Request request, Bucket bucket, BucketPolicy policy) {
        var again = new Evaluator.Request(
                request.principal(), "s3:PutBucketPolicy", Access.arn(bucket.name()), jarrah.iam.policy.Context.EMPTY);
        return Evaluator.byResource(policy.rules(), again).decision() == Decision.EXPLICIT_DENY;
    }

    void getPolicy(S3Request request) {
        Bucket bucket = own(request);
        byte[] document = store.settings()
                .get(bucket.name(), BucketSettings.Kind.POLICY)
                .orElseThrow(() -> new S3WireException.NotConfigured(
                        "NoSuchBucketPolicy", "The bucket policy does not exist", bucket.name()));
        ResponseHead head = request.head(200);
        head.headers().add("Content-Type", "application/json");
        request.answer(head, Body.of(document));
    }

    void deletePolicy(S3Request request) {
        Bucket bucket = own(request);
        store.settings().delete(bucket.name(), BucketSettings.Kind.POLICY);
        request.answer(204);
    }

    /** Public is what either the policy or the ACL makes so. */
    void getPolicyStatus(S3Request request) {
        Bucket bucket = access.bucket(request, null);
        BucketPolicy policy = access.policy(bucket);
        boolean isPublic = (policy != null && policy.isPublic())
                || (bucket.honoursAcls() && bucket.acl().isPublic());
        request.answer(new XmlWriter("PolicyStatus", S3Request.NAMESPACE).text("IsPublic", isPublic));
    }

    void putPublicAccessBlock(S3Request request) throws IOException {
        Bucket bucket = access.bucket(request, null);
        PublicAccessBlock block = PublicAccessBlock.parse(request.document(MAX_DOCUMENT_BYTES));
        store.settings().put(bucket.name(), BucketSettings.Kind.PUBLIC_ACCESS_BLOCK, block.toBytes(), _ -> {});
        request.answer(200);
    }

    void getPublicAccessBlock(S3Request request) {
        Bucket bucket = access.bucket(request, null);
        if (store.settings()
                .get(bucket.name(), BucketSettings.Kind.PUBLIC_ACCESS_BLOCK)
                .isEmpty()) {
            throw new S3WireException.NotConfigured(
                    "NoSuchPublicAccessBlockConfiguration",
                    "The public access block configuration was not found",
                    bucket.name());
        }
        request.answer(access.block(bucket).toXml());
    }

    void deletePublicAccessBlock(S3Request request) {
        Bucket bucket = access.bucket(request, null);
        store.settings().delete(bucket.name(), BucketSettings.Kind.PUBLIC_ACCESS_BLOCK);
        request.answer(204);
    }

    void putOwnershipControls(S3Request request) throws IOException {
        Bucket bucket = access.bucket(request, null);
        XmlElement root = S3Request.xml(request.document(MAX_DOCUMENT_BYTES), "OwnershipControls");
        XmlElement rule = root.child("Rule");
        String name = rule == null ? null : rule.childText("ObjectOwnership");
        ObjectOwnership ownership = name == null ? null : ObjectOwnership.of(name);
        if (ownership == null || root.children("Rule").size() != 1) {
            throw new S3WireException.MalformedXml();
        }
        store.buckets().setOwnership(bucket.name(), ownership, there -> {
            if (ownership == ObjectOwnership.BUCKET_OWNER_ENFORCED
                    && !there.acl().isPrivate()) {
                throw new S3WireException.InvalidBucketAclWithObjectOwnership();
            }
        });
        request.answer(200);
    }

    void getOwnershipControls(S3Request request) {
        Bucket bucket = access.bucket(request, null);
        if (bucket.ownership() == ObjectOwnership.UNSET) {
            throw new S3WireException.NotConfigured(
                    "OwnershipControlsNotFoundError", "The bucket ownership controls were not found", bucket.name());
        }
        request.answer(new XmlWriter("OwnershipControls", S3Request.NAMESPACE)
                .start("Rule")
                .text("ObjectOwnership", bucket.ownership().wireName())
                .end());
    }

    void deleteOwnershipControls(S3Request request) {
        Bucket bucket = access.bucket(request, null);
        store.buckets().setOwnership(bucket.name(), ObjectOwnership.UNSET, _ -> {});
        request.answer(204);
    }
}
