package jarrah.s3.wire;

import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.http.Body;
import jarrah.http.ResponseHead;
import jarrah.iam.Account;
import jarrah.iam.Accounts;
import jarrah.s3.store.Acl;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.CannedAcl;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** GetBucketAcl, PutBucketAcl, GetObjectAcl, PutObjectAcl. */
final class AclOperations {
    private static final int MAX_DOCUMENT_BYTES = 256 * 1024;

    private final S3Store store;
    private final Access access;
    private final AclHeaders headers;
    private final Accounts accounts;
    private final EventHooks events;

    AclOperations(S3Store store, Access access, AclHeaders headers, Accounts accounts, EventHooks events) {
        this.store = store;
        this.access = access;
        this.headers = headers;
        this.accounts = accounts;
        this.events = events;
    }

    void getBucketAcl(S3Request request) {
        Bucket bucket = access.bucket(request, Acl.Permission.READ_ACP);
        answer(request, bucket.honoursAcls() ? bucket.acl() : ownersOwn(bucket));
    }

    private static Acl ownersOwn(Bucket bucket) {
        return CannedAcl.PRIVATE.expand(bucket.ownerId(), bucket.ownerId());
    }

    void getObjectAcl(S3Request request) {
        Bucket bucket = access.bucketOfObject(request);
        StoredObject object = head(request, bucket);
        access.requireObject(request, bucket, object, Acl.Permission.READ_ACP);
        ResponseHead head = request.head(200);
        Versions.write(bucket, object, head.headers());
        answer(request, head, bucket.honoursAcls() ? object.acl() : ownersOwn(bucket));
    }

    void putBucketAcl(S3Request request) throws IOException {
        Bucket bucket = access.bucket(request, Acl.Permission.WRITE_ACP);
        Acl acl = given(request, bucket, bucket.acl());
        store.buckets().setAcl(bucket.name(), acl);
        request.answer(200);
    }

    void putObjectAcl(S3Request request) throws IOException {
        Bucket bucket = access.bucketOfObject(request);
        StoredObject object = head(request, bucket);
        access.requireObject(request, bucket, object, Acl.Permission.WRITE_ACP);
        Acl acl = given(request, bucket, object.acl());
        StoredObject changed = store.objects().setAcl(bucket.name(), object.key(), Versions.asked(request), acl);
        events.note("s3:ObjectAcl:Put", request, bucket, changed);
        ResponseHead answer = request.head(200);
        Versions.write(bucket, changed, answer.headers());
        request.answer(answer, Body.EMPTY);
    }

    private StoredObject head(S3Request request, Bucket bucket) {
        try {
            return store.objects().head(bucket.name(), request.key(), Versions.asked(request));
        } catch (S3Exception.NoSuchKey e) {
            boolean read = request.operation() == S3Operation.GET_OBJECT_ACL;
            throw access.missing(request, bucket, read ? e : Versions.missingForChange(request, e));
        }
    }

    private Acl given(S3Request request, Bucket bucket, Acl present) throws IOException {
        byte[] document = request.document(MAX_DOCUMENT_BYTES);
        Acl inHeaders = headers.read(request.headers(), present.ownerId(), bucket.ownerId());
        if (inHeaders != null && document.length > 0) {
            throw new S3WireException.UnexpectedContent();
        }
        if (inHeaders == null && document.length == 0) {
            throw new S3WireException.MissingSecurityHeader();
        }
        Acl acl = inHeaders == null ? parse(document, present) : inHeaders;
        if (!bucket.honoursAcls() && !isBucketOwnersOwn(request, bucket, acl)) {
            throw new S3WireException.AclNotSupported();
        }
        access.requireNotBlocked(bucket, acl);
        return acl;
    }

    /** Where ACLs are off, the one that gives the bucket's owner all of an object is taken, since it says what is so. */
    private static boolean isBucketOwnersOwn(S3Request request, Bucket bucket, Acl acl) {
        return request.operation() == S3Operation.PUT_OBJECT_ACL
                && acl.grants().stream()
                        .allMatch(grant -> grant.grantee().equals(new Acl.Grantee.CanonicalUser(bucket.ownerId()))
                                && grant.permission() == Acl.Permission.FULL_CONTROL);
    }

    private Acl parse(byte[] document, Acl present) {
        XmlElement policy = S3Request.xml(document, "AccessControlPolicy");
        XmlElement owner = policy.child("Owner");
        String ownerId = owner == null ? null : owner.childText("ID");
        XmlElement list = policy.child("AccessControlList");
        if (ownerId == null || list == null) {
            throw new S3WireException.MalformedAcl();
        }
        if (!ownerId.equals(present.ownerId())) {
            throw new S3WireException.AccessDenied();
        }
        var grants = new ArrayList<Acl.Grant>();
        for (XmlElement grant : list.children("Grant")) {
            grants.add(new Acl.Grant(grantee(grant.child("Grantee")), permission(grant.childText("Permission"))));
        }
        if (grants.size() > Acl.MAX_GRANTS) {
            throw new S3WireException.MalformedAcl();
        }
        return new Acl(ownerId, grants);
    }

    private Acl.Grantee grantee(@Nullable XmlElement element) {
        String id = element == null ? null : element.childText("ID");
        String uri = element == null ? null : element.childText("URI");
        if (id != null) {
            return headers.user(id);
        }
        if (uri != null) {
            return AclHeaders.group(uri);
        }
        String address = element == null ? null : element.childText("EmailAddress");
        if (address != null) {
            return headers.userOfEmail(address);
        }
        throw new S3WireException.MalformedAcl();
    }

    private static Acl.Permission permission(@Nullable String name) {
        for (Acl.Permission permission : Acl.Permission.values()) {
            if (permission.name().equals(name)) {
                return permission;
            }
        }
        throw new S3WireException.MalformedAcl();
    }

    private void answer(S3Request request, Acl acl) {
        answer(request, request.head(200), acl);
    }

    private void answer(S3Request request, ResponseHead head, Acl acl) {
        var xml = new XmlWriter("AccessControlPolicy", S3Request.NAMESPACE);
        xml.start("Owner");
        user(xml, acl.ownerId());
        xml.end().start("AccessControlList");
        for (Acl.Grant grant : groupsFirst(acl.grants())) {
            xml.start("Grant");
            switch (grant.grantee()) {
                case Acl.Grantee.CanonicalUser(var id) -> {
                    xml.startTyped("Grantee", "CanonicalUser");
                    user(xml, id);
                    xml.end();
                }
                case Acl.Grantee.Group group ->
                    xml.startTyped("Grantee", "Group").text("URI", group.uri()).end();
            }
            xml.text("Permission", grant.permission().name()).end();
        }
        head.headers().add("Content-Type", "application/xml");
        request.answer(head, Body.of(xml.bytes()));
    }

    /** The order in which other servers list grants, and on which some clients count. */
    private static List<Acl.Grant> groupsFirst(List<Acl.Grant> grants) {
        return grants.stream()
                .sorted(Comparator.comparing(grant -> grant.grantee() instanceof Acl.Grantee.CanonicalUser))
                .toList();
    }

    private void user(XmlWriter xml, String canonicalId) {
        xml.text("ID", canonicalId);
        Account account = accounts.findCanonical(canonicalId);
        if (account != null) {
            xml.text("DisplayName", account.name());
        }
    }
}
