package jarrah.s3.wire;

import jarrah.aws.AwsTime;
import jarrah.aws.BodySigning;
import jarrah.aws.SignedBody;
import jarrah.aws.XmlWriter;
import jarrah.http.Body;
import jarrah.http.Headers;
import jarrah.http.RequestBody;
import jarrah.http.ResponseHead;
import jarrah.s3.store.Acl;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.CopySource;
import jarrah.s3.store.Limits;
import jarrah.s3.store.Metadata;
import jarrah.s3.store.NewCopy;
import jarrah.s3.store.NewObject;
import jarrah.s3.store.Objects;
import jarrah.s3.store.Removal;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import jarrah.s3.store.VersionId;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** PutObject, CopyObject, DeleteObject. */
final class ObjectWrites {
    private final S3Store store;
    private final Access access;
    private final AclHeaders aclHeaders;
    private final EncryptionHeaders encryption;
    private final ExpirationHeader expiration;
    private final Archives archives;
    private final EventHooks events;

    ObjectWrites(
            S3Store store,
            Access access,
            AclHeaders aclHeaders,
            EncryptionHeaders encryption,
            ExpirationHeader expiration,
            Archives archives,
            EventHooks events) {
        this.store = store;
        this.access = access;
        this.aclHeaders = aclHeaders;
        this.encryption = encryption;
        this.expiration = expiration;
        this.archives = archives;
        this.events = events;
    }

    void put(S3Request request) throws IOException {
        Bucket bucket = access.bucket(request, Acl.Permission.WRITE);
        SignedBody body = request.body();
        StoredObject stored = store(request, bucket, body, requireLength(request, body));
        events.note("s3:ObjectCreated:Put", request, bucket, stored);
        ResponseHead head = request.head(200);
        Versions.writeMade(bucket, stored, head.headers());
        EncryptionHeaders.write(stored.encryption(), head.headers());
        expiration.write(bucket, stored, head.headers());
        head.headers().add("ETag", "\"" + stored.etag() + "\"");
        ChecksumHeaders.write(stored.checksum(), head.headers());
        request.answer(head, Body.EMPTY);
    }

    /** Stores what a form brings; the answer is the form's to choose. */
    StoredObject store(S3Request request, RequestBody file) throws IOException {
        Bucket bucket = access.bucket(request, Acl.Permission.WRITE);
        StoredObject stored =
                store(request, bucket, SignedBody.of(file, new BodySigning.Unsigned(), request.headers()), -1);
        events.note("s3:ObjectCreated:Post", request, bucket, stored);
        return stored;
    }

    private StoredObject store(S3Request request, Bucket bucket, SignedBody body, long length) throws IOException {
        MetadataHeaders.requireServed(request.headers());
        var object = new NewObject(
                bucket.name(),
                request.key(),
                length,
                MetadataHeaders.read(request.headers()),
                aclHeaders.ofNewObject(request, bucket),
                ConditionHeaders.ofWrite(request),
                ChecksumHeaders.of(request, body),
                Tags.ofHeader(request.header("x-amz-tagging")),
                LockHeaders.of(request),
                encryption.ofPut(request, bucket));
        return store.objects().put(object, body);
    }

    /**
     * The length of an upload's body, which S3 wants to know beforehand. A request without a word on it has no body (RFC
     * 9112, 6.3) and is no upload of nothing either: its sender may have meant bytes up to the end of the connection.
     */
    static long requireLength(S3Request request, SignedBody body) {
        Headers sent = request.exchange().request().headers();
        boolean silent = !sent.contains("Content-Length") && !sent.contains("Transfer-Encoding");
        if (silent || body.length() < 0) {
            throw new S3WireException.MissingContentLength();
        }
        if (body.length() > Limits.MAX_PUT_BYTES) {
            throw new S3Exception.EntityTooLarge(body.length(), Limits.MAX_PUT_BYTES);
        }
        return body.length();
    }

    void copy(S3Request request) throws IOException {
        Bucket bucket = access.bucket(request, Acl.Permission.WRITE);
        MetadataHeaders.requireServed(request.headers());
        Source source = source(request);
        boolean replace = directive(request, "x-amz-metadata-directive").equals("REPLACE");
        Optional<Map<String, String>> tags =
                directive(request, "x-amz-tagging-directive").equals("REPLACE")
                        ? Optional.of(Tags.ofHeader(request.header("x-amz-tagging")))
                        : Optional.empty();
        StoredObject stored = store.objects()
                .copy(new NewCopy(
                        source.named(),
                        bucket.name(),
                        request.key(),
                        metadata(request, replace, source.object()),
                        aclHeaders.ofNewObject(request, bucket),
                        ConditionHeaders.ofWrite(request),
                        ChecksumHeaders.algorithm(request),
                        tags,
                        LockHeaders.of(request),
                        encryption.ofPut(request, bucket)));
        events.note("s3:ObjectCreated:Copy", request, bucket, stored);
        var xml = new XmlWriter("CopyObjectResult", S3Request.NAMESPACE)
                .text("LastModified", AwsTime.iso(stored.lastModified()))
                .text("ETag", "\"" + stored.etag() + "\"");
        ChecksumHeaders.write(stored.checksum(), xml);
        stored.checksum().ifPresent(sum -> xml.text("ChecksumType", sum.type().name()));
        ResponseHead head = request.head(200);
        head.headers().add("Content-Type", "application/xml");
        Versions.writeMade(bucket, stored, head.headers());
        source.write(head);
        expiration.write(bucket, stored, head.headers());
        EncryptionHeaders.write(stored.encryption(), head.headers());
        request.answer(head, Body.of(xml.bytes()));
    }

    /**
     * New metadata; a new storage class or redirect alone keeps the rest of the source's. The source's redirect is never
     * copied ("CopyObject" in the Amazon S3 API Reference).
     */
    private static Optional<Metadata> metadata(S3Request request, boolean replace, StoredObject source) {
        if (replace) {
            return Optional.of(MetadataHeaders.read(request.headers()));
        }
        String redirect = MetadataHeaders.redirect(request.headers());
        boolean newClass = request.header("x-amz-storage-class") != null;
        Metadata kept = source.metadata();
        if (!newClass && redirect == null && !kept.headers().containsKey(MetadataHeaders.REDIRECT)) {
            return Optional.empty();
        }
        var fields = new TreeMap<>(kept.headers());
        fields.remove(MetadataHeaders.REDIRECT);
        if (redirect != null) {
            fields.put(MetadataHeaders.REDIRECT, redirect);
        }
        String storageClass = newClass ? MetadataHeaders.read(request.headers()).storageClass() : kept.storageClass();
        return Optional.of(new Metadata(fields, kept.user(), storageClass));
    }

    private static String directive(S3Request request, String header) {
        String value = request.header(header);
        if (value == null || value.equals("COPY")) {
            return "COPY";
        }
        if (value.equals("REPLACE")) {
            return value;
        }
        throw new S3WireException.InvalidArgument("Unknown metadata directive.", header, value);
    }

    /**
     * What is copied.
     *
     * @param object as it was when the caller's right to read it was found
     */
    record Source(CopySource named, Bucket bucket, StoredObject object) {
        /** Tells which version it is. */
        void write(ResponseHead head) {
            Versions.writeSource(bucket, object, head.headers());
        }
    }

    /** What {@code x-amz-copy-source} names, if the caller may read it: {@code /bucket/key[?versionId=..]}. */
    Source source(S3Request request) {
        String header = String.valueOf(request.header("x-amz-copy-source"));
        int question = header.indexOf("?versionId=");
        String path = question < 0 ? header : header.substring(0, question);
        String decoded = RawText.decode(path.replace("+", "%20"));
        String rest = decoded.startsWith("/") ? decoded.substring(1) : decoded;
        int slash = rest.indexOf('/');
        if (slash < 1 || slash == rest.length() - 1) {
            throw new S3WireException.InvalidArgument(
                    "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                    "x-amz-copy-source",
                    header);
        }
        String key = rest.substring(slash + 1);
        VersionId version = question < 0
                ? null
                : Versions.parse(header.substring(question + "?versionId=".length()), "x-amz-copy-source");
        String name = rest.substring(0, slash);
        Bucket bucket = store.buckets().get(name);
        StoredObject object = head(request, bucket, key, version);
        access.requireSource(request, bucket, object, version == null ? null : version.text());
        archives.requireCopyable(object);
        encryption.requireRead(request, object.encryption());
        var named = new CopySource(
                name,
                key,
                Optional.ofNullable(version),
                ConditionHeaders.ofCopySource(request),
                encryption.sourceKey(request));
        return new Source(named, bucket, object);
    }

    private StoredObject head(S3Request request, Bucket bucket, String key, @Nullable VersionId version) {
        try {
            return store.objects().head(bucket.name(), key, version);
        } catch (S3Exception.IsDeleteMarker e) {
            throw new S3Exception.InvalidRequest(
                    "The source of a copy request may not specifically refer to a delete marker by version id.");
        } catch (S3Exception.NoSuchKey e) {
            throw access.missing(request, bucket, e);
        }
    }

    void delete(S3Request request) {
        Bucket bucket = access.bucket(request, Acl.Permission.WRITE);
        VersionId version = Versions.asked(request);
        Removal removal = store.objects()
                .delete(
                        bucket.name(),
                        new Objects.Deletion(
                                request.key(),
                                Optional.ofNullable(version),
                                ConditionHeaders.ofDelete(request),
                                ObjectLockOperations.bypassesGovernance(request, bucket, access)));
        events.removed(request, bucket, request.key(), removal);
        ResponseHead head = request.head(204);
        Versions.write(removal, version, head.headers());
        request.answer(head, Body.EMPTY);
    }
}
