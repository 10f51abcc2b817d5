package jarrah.s3.wire;

import jarrah.aws.AwsException;
import jarrah.iam.Authorizer;
import jarrah.iam.Principal;
import jarrah.iam.policy.Decision;
import jarrah.iam.policy.Evaluator;
import jarrah.iam.policy.Policy;
import jarrah.iam.policy.Principals.Reach;
import jarrah.s3.store.Acl;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings;
import jarrah.s3.store.CannedAcl;
import jarrah.s3.store.ObjectOwnership;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what: the caller's policies, the bucket's policy, ACLs, ownership and the public access block, judged
 * together ("How Amazon S3 authorizes a request"). A denial anywhere wins. Then a caller of the owner's account needs one
 * side that allows; one of another account needs its own policies and the owner's side, which is the bucket's policy or an
 * ACL; an unsigned one needs the owner's side to name everybody. The bucket's policy speaks for the bucket's owner, so it
 * gives nothing away of objects that others own. What was uploaded without a signature is the bucket's owner's to rule.
 *
 * <p>The action that is judged is the request's operation's; the resource is the request's object, or its bucket.
 */
final class Access {
    /** The canonical id that S3 gives to whoever uploads without signing. */
    static final String ANONYMOUS_ID = "65a011a29cdf8ec533ec3d1ccaae921c";
    /** Stands for an account of which no ACL speaks by name. */
    private static final String SOME_ACCOUNT = "";

    private final S3Store store;
    private final Authorizer authorizer;
    private final RequesterPays payment;

    Access(S3Store store, Authorizer authorizer) {
        this.store = store;
        this.authorizer = authorizer;
        payment = new RequesterPays(store.settings());
    }

    /**
     * What is to be judged.
     *
     * @param bucket that it is about, or about an object of
     * @param resource ARN
     * @param ownerId canonical id of the account that owns the bucket or object
     * @param acl of the bucket or object
     * @param permission the ACL's right that lets others in; null if none does
     * @param tags that the object has and the request gives
     */
    private record Question(
            S3Request request,
            Bucket bucket,
            String action,
            String resource,
            String ownerId,
            Acl acl,
            Acl.@Nullable Permission permission,
            S3Context.Tags tags) {

        static Question ofBucket(
                S3Request request, Bucket bucket, String action, String resource, Acl.@Nullable Permission permission) {
            return new Question(
                    request, bucket, action, resource, bucket.ownerId(), bucket.acl(), permission, S3Context.Tags.NONE);
        }

        Question of(String otherAction) {
            return new Question(request, bucket, otherAction, resource, ownerId, acl, permission, tags);
        }
    }

    /** Who allowed, when somebody did. */
    private enum Verdict {
        DENIED,
        NOT_ALLOWED,
        /** The caller's own policies were enough. */
        BY_IDENTITY,
        /** The owner's side had to allow, or did alone. */
        BY_OWNER;

        boolean allows() {
            return this == BY_IDENTITY || this == BY_OWNER;
        }
    }

    private Verdict judge(Question question) {
        Principal caller = question.request().principal();
        boolean owns =
                caller instanceof Principal.User user && user.canonicalId().equals(question.ownerId());
        BucketPolicy policy = policy(question.bucket());
        // The common case allocates nothing: an administrator in a bucket of his account without a policy.
        if (policy == null
                && owns
                && caller instanceof Principal.User user
                && user.administrator()
                && !lockedByEmptyAcl(question)) {
            return Verdict.BY_IDENTITY;
        }
        Decision identity = Decision.IMPLICIT_DENY;
        Reach reach = Reach.NOT;
        if (policy != null || caller instanceof Principal.User) {
            var asked = new Evaluator.Request(caller, question.action(), question.resource(), context(question));
            identity = Evaluator.byIdentity(asked);
            Policy rules = policy == null ? null : policy.rules();
            Evaluator.OfResource byPolicy = Evaluator.byResource(rules, asked);
            if (identity == Decision.EXPLICIT_DENY || byPolicy.decision() == Decision.EXPLICIT_DENY) {
                return Verdict.DENIED;
            }
            reach = counts(policy, question, caller) ? byPolicy.reach() : Reach.NOT;
        }
        return switch (caller) {
            case Principal.Anonymous _ -> owner(reach == Reach.DIRECT || byAcl(question, null));
            case Principal.User user -> {
                boolean byIdentity = identity == Decision.ALLOW;
                if (!owns) {
                    yield owner(byIdentity && (reach != Reach.NOT || byAcl(question, user.canonicalId())));
                }
                if (byIdentity && (!lockedByEmptyAcl(question) || reach != Reach.NOT)) {
                    yield Verdict.BY_IDENTITY;
                }
                yield owner(reach == Reach.DIRECT || byAcl(question, SOME_ACCOUNT));
            }
        };
    }

    private static Verdict owner(boolean allows) {
        return allows ? Verdict.BY_OWNER : Verdict.NOT_ALLOWED;
    }

    /** An owner who takes every grant away, his own too, has closed the bucket to writing until he grants again. */
    private static boolean lockedByEmptyAcl(Question question) {
        return question.permission() == Acl.Permission.WRITE
                && question.bucket().honoursAcls()
                && question.acl().grants().isEmpty();
    }

    private S3Context context(Question question) {
        return new S3Context(
                question.request(),
                question.bucket().accountId(),
                question.tags(),
                authorizer.context(
                        question.request().principal(), question.request().sent()));
    }

    /** Whether what the bucket's policy allows is given: not of others' objects, nor to strangers where that is blocked. */
    private boolean counts(@Nullable BucketPolicy policy, Question question, Principal caller) {
        Bucket bucket = question.bucket();
        if (policy == null || !bucket.ownerId().equals(question.ownerId())) {
            return false;
        }
        return !(!isOwners(caller, bucket) && policy.isPublic() && block(bucket).restrictPublicBuckets());
    }

    private boolean byAcl(Question question, @Nullable String canonicalId) {
        return question.permission() != null
                && question.bucket().honoursAcls()
                && question.acl()
                        .allows(
                                canonicalId,
                                question.permission(),
                                !block(question.bucket()).ignorePublicAcls());
    }

    /** The bucket's policy; null if it has none. */
    @Nullable
    BucketPolicy policy(Bucket bucket) {
        return store.settings()
                .get(bucket.name(), BucketSettings.Kind.POLICY, BucketPolicy::stored)
                .orElse(null);
    }

    /** The bucket's public access block; nothing is blocked if it has none. */
    PublicAccessBlock block(Bucket bucket) {
        return store.settings()
                .get(bucket.name(), BucketSettings.Kind.PUBLIC_ACCESS_BLOCK, PublicAccessBlock::stored)
                .orElse(PublicAccessBlock.OFF);
    }

    /** The signed caller; anonymous requests are refused. */
    static Principal.User requireUser(S3Request request) {
        if (request.principal() instanceof Principal.User user) {
            return user;
        }
        throw new S3WireException.AccessDenied();
    }

    /** Passes if the caller's own policies allow this on a bucket of its account that may not be there yet. */
    void requireByIdentity(S3Request request, String action, String resource) {
        Principal.User user = requireUser(request);
        var context =
                new S3Context(request, user.accountId(), S3Context.Tags.NONE, authorizer.context(user, request.sent()));
        if (Evaluator.byIdentity(new Evaluator.Request(user, action, resource, context)) != Decision.ALLOW) {
            throw new S3WireException.AccessDenied();
        }
    }

    static String arn(String bucket) {
        return "arn:aws:s3:::" + bucket;
    }

    static String arn(String bucket, String key) {
        return "arn:aws:s3:::" + bucket + "/" + key;
    }

    private static String arn(S3Request request) {
        return request.address().isObject() ? arn(request.bucket(), request.key()) : arn(request.bucket());
    }

    /**
     * The request's bucket, if the caller may carry out the request's operation in it: on the bucket itself, or on an
     * object that the operation makes, changes or deletes by the bucket's rules.
     *
     * @param permission the bucket's ACL's right that lets others in; null if none does
     */
    Bucket bucket(S3Request request, Acl.@Nullable Permission permission) {
        Bucket bucket = existing(request);
        String action = S3Action.of(request.operation(), request.query().get("versionId"));
        var question = Question.ofBucket(request, bucket, action, arn(request), permission);
        Verdict verdict = judge(question);
        require(verdict.allows());
        if (S3Action.MAKES_OBJECTS.contains(request.operation())) {
            for (String along : S3Action.alongWith(request)) {
                requireAlong(question.of(along), verdict);
            }
        }
        return bucket;
    }

    /**
     * Judges what is sent along with an object: an ACL, tags, a lock. The caller's own policies have to allow each; where
     * the owner's side let the object in, it has let them in as well unless it denies them.
     */
    private void requireAlong(Question question, Verdict ofObject) {
        Verdict verdict = judge(question);
        if (verdict == Verdict.NOT_ALLOWED && ofObject == Verdict.BY_OWNER) {
            boolean owns = question.request().principal() instanceof Principal.User user
                    && user.canonicalId().equals(question.ownerId());
            require(owns || question.request().anonymous() || allowsByIdentity(question));
            return;
        }
        require(verdict.allows());
    }

    private boolean allowsByIdentity(Question question) {
        var asked = new Evaluator.Request(
                question.request().principal(), question.action(), question.resource(), context(question));
        return Evaluator.byIdentity(asked) == Decision.ALLOW;
    }

    private static void require(boolean allowed) {
        if (!allowed) {
            throw new S3WireException.AccessDenied();
        }
    }

    private Bucket existing(S3Request request) {
        Bucket bucket = store.buckets().get(request.bucket());
        String expected = request.header("x-amz-expected-bucket-owner");
        require(expected == null || expected.equals(bucket.accountId()));
        payment.require(request, bucket);
        return bucket;
    }

    /** Whether the caller may see which keys there are; otherwise a missing key looks like a forbidden one. */
    boolean mayList(S3Request request, Bucket bucket) {
        return judge(Question.ofBucket(request, bucket, "s3:ListBucket", arn(bucket.name()), Acl.Permission.READ))
                .allows();
    }

    /** A bucket for a request on objects in it, which are judged one by one. */
    Bucket bucketOfObject(S3Request request) {
        return existing(request);
    }

    /** Whether the caller may delete a key, or one version of it, as one of many. */
    boolean mayDelete(S3Request request, Bucket bucket, String key, @Nullable String versionId) {
        String action = S3Action.of(S3Operation.DELETE_OBJECT, versionId);
        return judge(Question.ofBucket(request, bucket, action, arn(bucket.name(), key), Acl.Permission.WRITE))
                .allows();
    }

    /** Whether the caller may end a retention in governance mode early. */
    boolean mayBypassGovernance(S3Request request, Bucket bucket) {
        String resource = request.address().isObject() ? arn(request) : arn(bucket.name(), "*");
        return judge(Question.ofBucket(request, bucket, "s3:BypassGovernanceRetention", resource, null))
                .allows();
    }

    /**
     * Passes if the caller may carry out the request's operation on an object that is there.
     *
     * @param permission the object's ACL's right that lets others in; null if none does
     */
    void requireObject(S3Request request, Bucket bucket, StoredObject object, Acl.@Nullable Permission permission) {
        requireObject(request, bucket, object, permission, Map.of());
    }

    /** @param requestTags that the request's body gives the object */
    void requireObject(
            S3Request request,
            Bucket bucket,
            StoredObject object,
            Acl.@Nullable Permission permission,
            Map<String, String> requestTags) {
        String action = S3Action.of(request.operation(), request.query().get("versionId"));
        require(mayObject(request, bucket, object, action, permission, requestTags));
    }

    private boolean mayObject(
            S3Request request,
            Bucket bucket,
            StoredObject object,
            String action,
            Acl.@Nullable Permission permission,
            Map<String, String> requestTags) {
        return judge(new Question(
                        request,
                        bucket,
                        action,
                        arn(bucket.name(), object.key()),
                        ruler(bucket, object),
                        object.acl(),
                        permission,
                        new S3Context.Tags(object.tags(), requestTags)))
                .allows();
    }

    /** Canonical id of the account that rules over an object: its owner, or the bucket's if nobody signed for it. */
    private static String ruler(Bucket bucket, StoredObject object) {
        String ownerId = object.acl().ownerId();
        return bucket.honoursAcls() && !ownerId.equals(ANONYMOUS_ID) ? ownerId : bucket.ownerId();
    }

    /**
     * Passes if the caller may read an object in order to copy it.
     *
     * @param bucket that the object is in
     * @param versionId that the request names; null for the current one
     */
    void requireSource(S3Request request, Bucket bucket, StoredObject object, @Nullable String versionId) {
        payment.require(request, bucket);
        String action = S3Action.of(S3Operation.GET_OBJECT, versionId);
        require(mayObject(request, bucket, object, action, Acl.Permission.READ, Map.of()));
    }

    /** What a caller is told of a key that is not there: that it is missing only if it may list the bucket. */
    RuntimeException missing(S3Request request, Bucket bucket, AwsException missing) {
        String action = S3Action.of(request.operation(), request.query().get("versionId"));
        boolean ownKey = request.address().isObject() && request.bucket().equals(bucket.name());
        boolean denied =
                ownKey && judge(Question.ofBucket(request, bucket, action, arn(request), null)) == Verdict.DENIED;
        return !denied && mayList(request, bucket) ? missing : new S3WireException.AccessDenied();
    }

    /** Refuses an ACL that the bucket's public access block does not let in. */
    void requireNotBlocked(Bucket bucket, Acl acl) {
        require(!acl.isPublic() || !block(bucket).blockPublicAcls());
    }

    /** Whether the caller is of the account that owns the bucket. */
    static boolean isOwners(S3Request request, Bucket bucket) {
        return isOwners(request.principal(), bucket);
    }

    private static boolean isOwners(Principal caller, Bucket bucket) {
        return caller instanceof Principal.User user && user.accountId().equals(bucket.accountId());
    }

    /** The caller's canonical id; null for an anonymous one. */
    static @Nullable String callerId(S3Request request) {
        return request.principal() instanceof Principal.User user ? user.canonicalId() : null;
    }

    /** Who owns what the request makes: the caller, or the bucket's owner where ACLs are off or he is given all of it. */
    static String newOwner(S3Request request, Bucket bucket) {
        boolean givenAway = bucket.ownership() == ObjectOwnership.BUCKET_OWNER_PREFERRED
                && CannedAcl.BUCKET_OWNER_FULL_CONTROL.wireName().equals(request.header("x-amz-acl"));
        if (givenAway || !bucket.honoursAcls()) {
            return bucket.ownerId();
        }
        String callerId = callerId(request);
        return callerId == null ? ANONYMOUS_ID : callerId;
    }
}
