package jarrah.s3.wire;

import jarrah.iam.Authorizer;
import jarrah.iam.Principal;
import jarrah.s3.store.Acl;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.Buckets;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.StoredObject;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what: the account that owns a bucket or an object by its own policies, others by its ACL ("Access control
 * list (ACL) overview", table of permissions and operations).
 */
final class Access {
    private final Buckets buckets;
    private final Authorizer authorizer;

    Access(Buckets buckets, Authorizer authorizer) {
        this.buckets = buckets;
        this.authorizer = authorizer;
    }

    /** The signed caller; anonymous requests are refused. */
    static Principal.User requireUser(S3Request request) {
        if (request.principal() instanceof Principal.User user) {
            return user;
        }
        throw new S3WireException.AccessDenied();
    }

    /**
     * The request's bucket, if the caller has this right on it.
     *
     * @param permission the ACL's right that lets others in; null if the owner alone may
     */
    Bucket bucket(S3Request request, Acl.@Nullable Permission permission) {
        return bucket(request, request.bucket(), permission);
    }

    /** A bucket that the request names elsewhere than in its path. */
    Bucket bucket(S3Request request, String name, Acl.@Nullable Permission permission) {
        Bucket bucket = buckets.get(name);
        String expected = request.header("x-amz-expected-bucket-owner");
        if (expected != null && name.equals(request.bucket()) && !expected.equals(bucket.accountId())) {
            throw new S3WireException.AccessDenied();
        }
        if (!mayUse(request, bucket, permission)) {
            throw new S3WireException.AccessDenied();
        }
        return bucket;
    }

    private boolean mayUse(S3Request request, Bucket bucket, Acl.@Nullable Permission permission) {
        if (authorizer.allows(request.principal(), bucket.accountId())) {
            return true;
        }
        return permission != null && bucket.honoursAcls() && bucket.acl().allows(callerId(request), permission);
    }

    /** Whether the caller may see which keys there are; otherwise a missing key looks like a forbidden one. */
    boolean mayList(S3Request request, Bucket bucket) {
        return mayUse(request, bucket, Acl.Permission.READ);
    }

    /** A bucket for a request on one of its objects, whose own ACL decides. */
    Bucket bucketOfObject(S3Request request) {
        Bucket bucket = buckets.get(request.bucket());
        String expected = request.header("x-amz-expected-bucket-owner");
        if (expected != null && !expected.equals(bucket.accountId())) {
            throw new S3WireException.AccessDenied();
        }
        return bucket;
    }

    /** Passes if the caller has this right on the object. */
    void requireObject(S3Request request, Bucket bucket, StoredObject object, Acl.Permission permission) {
        String callerId = callerId(request);
        boolean owns = bucket.honoursAcls()
                ? object.acl().ownerId().equals(callerId)
                : bucket.ownerId().equals(callerId);
        boolean byIdentity =
                owns && request.principal() instanceof Principal.User user && authorizer.allows(user, user.accountId());
        if (!byIdentity && !(bucket.honoursAcls() && object.acl().allows(callerId, permission))) {
            throw new S3WireException.AccessDenied();
        }
    }

    /** What a caller is told of a key that is not there: that it is missing only if it may list the bucket. */
    RuntimeException missing(S3Request request, Bucket bucket, S3Exception.NoSuchKey missing) {
        return mayList(request, bucket) ? missing : new S3WireException.AccessDenied();
    }

    /** The caller's canonical id; null for an anonymous one. */
    static @Nullable String callerId(S3Request request) {
        return request.principal() instanceof Principal.User user ? user.canonicalId() : null;
    }

    /** Who owns what the request makes: the caller, or the bucket's owner where ACLs are off. */
    static String newOwner(S3Request request, Bucket bucket) {
        String callerId = callerId(request);
        return bucket.honoursAcls() ? (callerId == null ? ANONYMOUS_ID : callerId) : bucket.ownerId();
    }

    /** Whether the caller may end a retention in governance mode early. */
    boolean mayBypassGovernance(S3Request request, Bucket bucket) {
        return authorizer.allows(request.principal(), bucket.accountId());
    }

    /** The canonical id that S3 gives to whoever uploads without signing. */
    static final String ANONYMOUS_ID = "65a011a29cdf8ec533ec3d1ccaae921c";
}
