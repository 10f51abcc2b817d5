package jarrah.s3.wire;

import jarrah.http.Headers;
import jarrah.iam.Account;
import jarrah.iam.Accounts;
import jarrah.s3.store.Acl;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.CannedAcl;
import jarrah.s3.store.S3Exception;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** ACLs as requests carry them: a canned one by name, or grants one by one. */
final class AclHeaders {
    /** In the order in which the grants are listed. */
    private static final List<Map.Entry<String, Acl.Permission>> GRANTS = List.of(
            Map.entry("x-amz-grant-read", Acl.Permission.READ),
            Map.entry("x-amz-grant-write", Acl.Permission.WRITE),
            Map.entry("x-amz-grant-read-acp", Acl.Permission.READ_ACP),
            Map.entry("x-amz-grant-write-acp", Acl.Permission.WRITE_ACP),
            Map.entry("x-amz-grant-full-control", Acl.Permission.FULL_CONTROL));

    private final Accounts accounts;
    private final Access access;

    AclHeaders(Accounts accounts, Access access) {
        this.accounts = accounts;
        this.access = access;
    }

    /** The ACL of an object to be made; private if the request says nothing. */
    Acl ofNewObject(S3Request request, Bucket bucket) {
        String owner = Access.newOwner(request, bucket);
        Acl given = read(request.headers(), owner, bucket.ownerId());
        if (!bucket.honoursAcls()) {
            requireNoOthers(given, bucket.ownerId());
            return CannedAcl.PRIVATE.expand(bucket.ownerId(), bucket.ownerId());
        }
        if (given == null) {
            return CannedAcl.PRIVATE.expand(owner, bucket.ownerId());
        }
        access.requireNotBlocked(bucket, given);
        return given;
    }

    /** Where ACLs are off, only those that give nobody else a right are taken. */
    static void requireNoOthers(@Nullable Acl acl, String bucketOwnerId) {
        boolean others = acl != null
                && acl.grants().stream()
                        .anyMatch(grant -> !grant.grantee().equals(new Acl.Grantee.CanonicalUser(bucketOwnerId))
                                && !grant.grantee().equals(new Acl.Grantee.CanonicalUser(acl.ownerId())));
        if (others) {
            throw new S3WireException.AclNotSupported();
        }
    }

    /** The ACL that the headers give; null if they give none. */
    @Nullable
    Acl read(Headers headers, String ownerId, String bucketOwnerId) {
        String canned = headers.first("x-amz-acl");
        List<Acl.Grant> grants = grants(headers);
        if (canned == null) {
            return grants.isEmpty() ? null : new Acl(ownerId, grants);
        }
        if (!grants.isEmpty()) {
            throw new S3Exception.InvalidRequest("Specifying both Canned ACLs and Header Grants is not allowed");
        }
        CannedAcl acl = CannedAcl.of(canned);
        if (acl == null) {
            throw new S3WireException.InvalidArgument("", "x-amz-acl", canned);
        }
        return acl.expand(ownerId, bucketOwnerId);
    }

    private List<Acl.Grant> grants(Headers headers) {
        var grants = new ArrayList<Acl.Grant>();
        for (var entry : GRANTS) {
            String value = headers.joined(entry.getKey());
            if (value != null) {
                for (String grantee : value.split(",")) {
                    grants.add(new Acl.Grant(grantee(grantee.strip()), entry.getValue()));
                }
            }
        }
        if (grants.size() > Acl.MAX_GRANTS) {
            throw new S3Exception.InvalidRequest("An ACL has at most " + Acl.MAX_GRANTS + " grants");
        }
        return grants;
    }

    private Acl.Grantee grantee(String text) {
        int equals = text.indexOf('=');
        String kind = equals < 0 ? "" : text.substring(0, equals).strip();
        String value = text.substring(equals + 1).strip();
        if (value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")) {
            value = value.substring(1, value.length() - 1);
        }
        return switch (kind) {
            case "id" -> user(value);
            case "uri" -> group(value);
            case "emailAddress" -> userOfEmail(value);
            default -> throw new S3WireException.InvalidArgument("Argument format not recognized", "grant", text);
        };
    }

    /** A grantee by canonical id, which must be an account's here. */
    Acl.Grantee user(String id) {
        if (!id.equals(CannedAcl.EXEC_READ_ID) && accounts.findCanonical(id) == null) {
            throw new S3WireException.InvalidArgument("Invalid id", "CanonicalUser/ID", id);
        }
        return new Acl.Grantee.CanonicalUser(id);
    }

    /** A grantee by the e-mail address of an account here. */
    Acl.Grantee userOfEmail(String address) {
        Account account = accounts.findByEmail(address);
        if (account == null) {
            throw new S3WireException.UnresolvableGrantByEmailAddress();
        }
        return new Acl.Grantee.CanonicalUser(account.canonicalId());
    }

    static Acl.Grantee group(String uri) {
        Acl.Grantee.Group group = Acl.Grantee.Group.of(uri);
        if (group == null) {
            throw new S3WireException.InvalidArgument("Invalid group uri", "uri", uri);
        }
        return group;
    }
}
