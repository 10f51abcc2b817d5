package jarrah.s3.wire;

import jarrah.aws.AwsTime;
import jarrah.aws.BodySigning;
import jarrah.aws.SignedBody;
import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.http.Body;
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
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import jarrah.s3.store.WriteCondition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** PutObject, CopyObject, DeleteObject, DeleteObjects. */
final class ObjectWrites {
    private static final int MAX_DELETE_DOCUMENT_BYTES = 4 * 1024 * 1024;
    private static final int MAX_DELETIONS = 1_000;

    private final S3Store store;
    private final Access access;
    private final AclHeaders aclHeaders;

    ObjectWrites(S3Store store, Access access, AclHeaders aclHeaders) {
        this.store = store;
        this.access = access;
        this.aclHeaders = aclHeaders;
    }

    void put(S3Request request) throws IOException {
        Bucket bucket = access.bucket(request, Acl.Permission.WRITE);
        SignedBody body = request.body();
        StoredObject stored = store(request, bucket, body, requireLength(body));
        ResponseHead head = request.head(200);
        head.headers().add("ETag", "\"" + stored.etag() + "\"");
        ChecksumHeaders.write(stored.checksum(), head.headers());
        request.answer(head, Body.EMPTY);
    }

    /** Stores what a form brings; the answer is the form's to choose. */
    StoredObject store(S3Request request, RequestBody file) throws IOException {
        Bucket bucket = access.bucket(request, Acl.Permission.WRITE);
        return store(request, bucket, SignedBody.of(file, new BodySigning.Unsigned(), request.headers()), -1);
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
                ChecksumHeaders.of(request, body));
        return store.objects().put(object, body);
    }

    /** The length of an upload's body, which S3 wants to know beforehand. */
    static long requireLength(SignedBody body) {
        if (body.length() < 0) {
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
        CopySource source = source(request);
        boolean replace = directive(request, "x-amz-metadata-directive").equals("REPLACE");
        if (directive(request, "x-amz-tagging-directive").equals("REPLACE")) {
            throw new S3WireException.NotImplemented("x-amz-tagging-directive");
        }
        StoredObject stored = store.objects()
                .copy(new NewCopy(
                        source,
                        bucket.name(),
                        request.key(),
                        metadata(request, replace, source),
                        aclHeaders.ofNewObject(request, bucket),
                        ConditionHeaders.ofWrite(request),
                        ChecksumHeaders.algorithm(request)));
        var xml = new XmlWriter("CopyObjectResult", S3Request.NAMESPACE)
                .text("LastModified", AwsTime.iso(stored.lastModified()))
                .text("ETag", "\"" + stored.etag() + "\"");
        ChecksumHeaders.write(stored.checksum(), xml);
        request.answer(xml);
    }

    /** New metadata; a new storage class alone keeps the rest of the source's. */
    private Optional<Metadata> metadata(S3Request request, boolean replace, CopySource source) {
        if (replace) {
            return Optional.of(MetadataHeaders.read(request.headers()));
        }
        if (request.header("x-amz-storage-class") == null) {
            return Optional.empty();
        }
        Metadata kept = store.objects().head(source.bucket(), source.key()).metadata();
        String storageClass = MetadataHeaders.read(request.headers()).storageClass();
        return Optional.of(new Metadata(kept.headers(), kept.user(), storageClass));
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

    /** What {@code x-amz-copy-source} names, if the caller may read it: {@code /bucket/key[?versionId=null]}. */
    CopySource source(S3Request request) {
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
        if (question >= 0 && !header.substring(question).equals("?versionId=" + Versions.NULL)) {
            throw new S3WireException.NoSuchVersion(key, header.substring(question + "?versionId=".length()));
        }
        String name = rest.substring(0, slash);
        Bucket bucket = store.buckets().get(name);
        StoredObject object = head(request, bucket, key);
        access.requireSource(request, bucket, object, question < 0 ? null : Versions.NULL);
        return new CopySource(name, key, ConditionHeaders.ofCopySource(request));
    }

    private StoredObject head(S3Request request, Bucket bucket, String key) {
        try {
            return store.objects().head(bucket.name(), key);
        } catch (S3Exception.NoSuchKey e) {
            throw access.missing(request, bucket, e);
        }
    }

    void delete(S3Request request) {
        Bucket bucket = access.bucket(request, Acl.Permission.WRITE);
        Versions.requireNullVersion(request);
        store.objects().delete(bucket.name(), request.key(), ConditionHeaders.ofWrite(request));
        request.answer(204);
    }

    /** One line of a delete document: what to delete, or why it cannot be. */
    private record Line(
            String key, @Nullable String versionId, Optional<S3WireException> refused, WriteCondition condition) {}

    void deleteAll(S3Request request) throws IOException {
        Bucket bucket = access.bucketOfObject(request);
        SignedBody body = request.body();
        var digests = ChecksumHeaders.of(request, body);
        byte[] document = request.checkedDocument(body, digests, MAX_DELETE_DOCUMENT_BYTES);
        XmlElement root = S3Request.xml(document, "Delete");
        List<Line> lines = lines(request, bucket, root);
        boolean quiet = "true".equalsIgnoreCase(root.childText("Quiet"));
        var deletions = new ArrayList<Objects.Deletion>();
        for (Line line : lines) {
            if (line.refused().isEmpty()) {
                deletions.add(new Objects.Deletion(line.key(), line.condition()));
            }
        }
        List<Optional<S3Exception>> outcomes = store.objects().deleteAll(bucket.name(), deletions);
        request.answer(result(lines, outcomes, quiet));
    }

    private List<Line> lines(S3Request request, Bucket bucket, XmlElement root) {
        List<XmlElement> objects = root.children("Object");
        if (objects.isEmpty() || objects.size() > MAX_DELETIONS) {
            throw new S3WireException.MalformedXml();
        }
        var lines = new ArrayList<Line>(objects.size());
        for (XmlElement object : objects) {
            XmlElement key = object.child("Key");
            if (key == null || key.text().isEmpty()) {
                throw new S3WireException.MalformedXml();
            }
            String versionId = object.childText("VersionId");
            Optional<S3WireException> refused = versionId == null || versionId.equals(Versions.NULL)
                    ? Optional.empty()
                    : Optional.of(new S3WireException.NoSuchVersion(key.text(), versionId));
            if (!access.mayDelete(request, bucket, key.text(), versionId)) {
                refused = Optional.of(new S3WireException.AccessDenied());
            }
            var condition = new WriteCondition(Optional.ofNullable(object.childText("ETag")), Optional.empty());
            lines.add(new Line(key.text(), versionId, refused, condition));
        }
        return lines;
    }

    private static XmlWriter result(List<Line> lines, List<Optional<S3Exception>> outcomes, boolean quiet) {
        var xml = new XmlWriter("DeleteResult", S3Request.NAMESPACE);
        int next = 0;
        for (Line line : lines) {
            Optional<? extends jarrah.aws.AwsException> failure =
                    line.refused().isPresent() ? line.refused() : outcomes.get(next++);
            if (failure.isPresent()) {
                xml.start("Error").text("Key", line.key());
                if (line.versionId() != null) {
                    xml.text("VersionId", line.versionId());
                }
                xml.text("Code", failure.get().code())
                        .text("Message", failure.get().text())
                        .end();
            } else if (!quiet) {
                xml.start("Deleted").text("Key", line.key());
                if (line.versionId() != null) {
                    xml.text("VersionId", line.versionId());
                }
                xml.end();
            }
        }
        return xml;
    }
}
