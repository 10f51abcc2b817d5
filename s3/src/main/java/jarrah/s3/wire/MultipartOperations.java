package jarrah.s3.wire;

import jarrah.aws.AwsTime;
import jarrah.aws.SignedBody;
import jarrah.aws.UriEncoding;
import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.http.Body;
import jarrah.http.RequestHead;
import jarrah.http.ResponseHead;
import jarrah.iam.Account;
import jarrah.iam.Accounts;
import jarrah.iam.Principal;
import jarrah.s3.store.Acl;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.Completion;
import jarrah.s3.store.Limits;
import jarrah.s3.store.NewUpload;
import jarrah.s3.store.Part;
import jarrah.s3.store.Protection;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import jarrah.s3.store.Upload;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** CreateMultipartUpload, UploadPart, UploadPartCopy, ListParts, ListMultipartUploads, Complete, Abort. */
final class MultipartOperations {
    /** 10,000 parts with a checksum each come to some 2 MiB. */
    private static final int MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

    private static final Pattern COPY_RANGE = Pattern.compile("bytes=([0-9]{1,18})-([0-9]{1,18})");

    private final S3Store store;
    private final Access access;
    private final AclHeaders aclHeaders;
    private final ObjectWrites writes;
    private final Accounts accounts;
    private final EncryptionHeaders encryption;
    private final ExpirationHeader expiration;
    private final EventHooks events;

    MultipartOperations(
            S3Store store,
            Access access,
            AclHeaders aclHeaders,
            ObjectWrites writes,
            Accounts accounts,
            EncryptionHeaders encryption,
            ExpirationHeader expiration,
            EventHooks events) {
        this.store = store;
        this.access = access;
        this.aclHeaders = aclHeaders;
        this.writes = writes;
        this.accounts = accounts;
        this.encryption = encryption;
        this.expiration = expiration;
        this.events = events;
    }

    private Bucket bucket(S3Request request) {
        return access.bucket(request, Acl.Permission.WRITE);
    }

    private static String uploadId(S3Request request) {
        return request.query().get("uploadId", "");
    }

    void create(S3Request request) {
        Bucket bucket = bucket(request);
        MetadataHeaders.requireServed(request.headers());
        Upload upload = store.multipart()
                .create(new NewUpload(
                        bucket.name(),
                        request.key(),
                        MetadataHeaders.read(request.headers()),
                        aclHeaders.ofNewObject(request, bucket),
                        initiator(request),
                        ChecksumHeaders.algorithm(request),
                        ChecksumHeaders.type(request),
                        Tags.ofHeader(request.header("x-amz-tagging")),
                        LockHeaders.of(request),
                        encryption.ofPut(request, bucket).map(Protection::mode)));
        ResponseHead head = request.head(200);
        EncryptionHeaders.write(upload.encryption(), head.headers());
        upload.algorithm().ifPresent(algorithm -> head.headers().add("x-amz-checksum-algorithm", algorithm.name()));
        upload.type().ifPresent(type -> head.headers().add("x-amz-checksum-type", type.name()));
        head.headers().add("Content-Type", "application/xml");
        request.answer(
                head,
                Body.of(new XmlWriter("InitiateMultipartUploadResult", S3Request.NAMESPACE)
                        .text("Bucket", bucket.name())
                        .text("Key", request.key())
                        .text("UploadId", upload.uploadId())
                        .bytes()));
    }

    void uploadPart(S3Request request) throws IOException {
        Bucket bucket = bucket(request);
        int number = PartNumbers.of(request.query().get("partNumber", ""));
        SignedBody body = request.body();
        Part part = store.multipart()
                .putPart(
                        bucket.name(),
                        request.key(),
                        uploadId(request),
                        number,
                        ObjectWrites.requireLength(request, body),
                        ChecksumHeaders.of(request, body),
                        encryption.customerKey(request),
                        body);
        ResponseHead head = request.head(200);
        EncryptionHeaders.write(part.encryption(), head.headers());
        head.headers().add("ETag", "\"" + part.etag() + "\"");
        part.checksum().ifPresent(sum -> head.headers().add(sum.algorithm().header(), sum.value()));
        request.answer(head, Body.EMPTY);
    }

    void uploadPartCopy(S3Request request) {
        Bucket bucket = bucket(request);
        int number = PartNumbers.of(request.query().get("partNumber", ""));
        ObjectWrites.Source source = writes.source(request);
        long first = 0;
        long last = -1;
        String range = request.header("x-amz-copy-source-range");
        if (range != null) {
            Matcher matcher = COPY_RANGE.matcher(range);
            if (!matcher.matches()) {
                throw new S3WireException.InvalidArgument(
                        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are"
                                + " the zero-based offsets of the first and last bytes to copy",
                        "x-amz-copy-source-range",
                        range);
            }
            first = Long.parseLong(matcher.group(1));
            last = Long.parseLong(matcher.group(2));
        }
        Part part = store.multipart()
                .copyPart(
                        bucket.name(),
                        request.key(),
                        uploadId(request),
                        number,
                        source.named(),
                        first,
                        last,
                        encryption.customerKey(request));
        var xml = new XmlWriter("CopyPartResult", S3Request.NAMESPACE)
                .text("LastModified", AwsTime.iso(part.lastModified()))
                .text("ETag", "\"" + part.etag() + "\"");
        ChecksumHeaders.write(part.checksum(), xml);
        ResponseHead head = request.head(200);
        head.headers().add("Content-Type", "application/xml");
        source.write(head);
        EncryptionHeaders.write(part.encryption(), head.headers());
        request.answer(head, Body.of(xml.bytes()));
    }

    void listParts(S3Request request) {
        Bucket bucket = bucket(request);
        int after = request.query().number("part-number-marker", 0, Integer.MAX_VALUE);
        int limit = Math.min(request.query().number("max-parts", Limits.MAX_PAGE, Integer.MAX_VALUE), Limits.MAX_PAGE);
        Part.Page page = store.multipart().listParts(bucket.name(), request.key(), uploadId(request), after, limit);
        var xml = new XmlWriter("ListPartsResult", S3Request.NAMESPACE)
                .text("Bucket", bucket.name())
                .text("Key", request.key())
                .text("UploadId", page.upload().uploadId())
                .text("PartNumberMarker", after);
        page.next().ifPresent(next -> xml.text("NextPartNumberMarker", next));
        xml.text("MaxParts", limit).text("IsTruncated", page.next().isPresent());
        page.upload().algorithm().ifPresent(algorithm -> xml.text("ChecksumAlgorithm", algorithm.name()));
        page.upload().type().ifPresent(type -> xml.text("ChecksumType", type.name()));
        for (Part part : page.parts()) {
            xml.start("Part")
                    .text("PartNumber", part.number())
                    .text("LastModified", AwsTime.iso(part.lastModified()))
                    .text("ETag", "\"" + part.etag() + "\"")
                    .text("Size", part.size());
            ChecksumHeaders.write(part.checksum(), xml);
            xml.end();
        }
        people(xml, page.upload());
        request.answer(xml.text("StorageClass", page.upload().metadata().storageClass()));
    }

    /** AWS tells the account for its root, of which the account's administrator is the stand-in here; else the user. */
    private static String initiator(S3Request request) {
        if (request.principal() instanceof Principal.User user) {
            return user.name().equals(Accounts.ADMIN) ? user.canonicalId() : user.arn();
        }
        return Access.ANONYMOUS_ID;
    }

    private void people(XmlWriter xml, Upload upload) {
        String initiator = upload.initiatorId();
        Account account = accounts.findCanonical(initiator);
        xml.start("Initiator")
                .text("ID", initiator)
                .text(
                        "DisplayName",
                        account != null ? account.name() : initiator.substring(initiator.lastIndexOf('/') + 1))
                .end();
        xml.start("Owner").text("ID", upload.acl().ownerId());
        Account owner = accounts.findCanonical(upload.acl().ownerId());
        if (owner != null) {
            xml.text("DisplayName", owner.name());
        }
        xml.end();
    }

    void listUploads(S3Request request) {
        Bucket bucket = access.bucket(request, Acl.Permission.READ);
        boolean url = "url".equals(request.query().get("encoding-type"));
        int limit =
                Math.min(request.query().number("max-uploads", Limits.MAX_PAGE, Integer.MAX_VALUE), Limits.MAX_PAGE);
        var query = new Upload.Query(
                bucket.name(),
                request.query().get("prefix", ""),
                request.query().get("delimiter", ""),
                request.query().get("key-marker", ""),
                request.query().get("upload-id-marker", ""),
                limit);
        Upload.Page page = store.multipart().listUploads(query);
        var xml = new XmlWriter("ListMultipartUploadsResult", S3Request.NAMESPACE)
                .text("Bucket", bucket.name())
                .text("KeyMarker", name(query.keyMarker(), url))
                .text("UploadIdMarker", query.uploadIdMarker());
        page.nextKey().ifPresent(next -> xml.text("NextKeyMarker", name(next, url)));
        page.nextUploadId().ifPresent(next -> xml.text("NextUploadIdMarker", next));
        xml.text("Prefix", name(query.prefix(), url));
        if (!query.delimiter().isEmpty()) {
            xml.text("Delimiter", name(query.delimiter(), url));
        }
        if (url) {
            xml.text("EncodingType", "url");
        }
        xml.text("MaxUploads", limit).text("IsTruncated", page.nextKey().isPresent());
        for (Upload upload : page.uploads()) {
            xml.start("Upload").text("Key", name(upload.key(), url)).text("UploadId", upload.uploadId());
            people(xml, upload);
            xml.text("StorageClass", upload.metadata().storageClass())
                    .text("Initiated", AwsTime.iso(upload.initiated()));
            upload.algorithm().ifPresent(algorithm -> xml.text("ChecksumAlgorithm", algorithm.name()));
            upload.type().ifPresent(type -> xml.text("ChecksumType", type.name()));
            xml.end();
        }
        for (String prefix : page.commonPrefixes()) {
            xml.start("CommonPrefixes").text("Prefix", name(prefix, url)).end();
        }
        request.answer(xml);
    }

    private static String name(String key, boolean url) {
        return url ? UriEncoding.encodePath(key) : key;
    }

    void complete(S3Request request) throws IOException {
        Bucket bucket = bucket(request);
        XmlElement root = S3Request.xml(request.document(MAX_DOCUMENT_BYTES), "CompleteMultipartUpload");
        StoredObject stored = store.multipart()
                .complete(new Completion(
                        bucket.name(),
                        request.key(),
                        uploadId(request),
                        named(root),
                        ConditionHeaders.ofWrite(request),
                        ChecksumHeaders.ofCompletion(request),
                        ChecksumHeaders.typeOfCompletion(request),
                        expectedSize(request)));
        events.note("s3:ObjectCreated:CompleteMultipartUpload", request, bucket, stored);
        var xml = new XmlWriter("CompleteMultipartUploadResult", S3Request.NAMESPACE)
                .text("Location", location(request))
                .text("Bucket", bucket.name())
                .text("Key", request.key())
                .text("ETag", "\"" + stored.etag() + "\"");
        ChecksumHeaders.write(stored.checksum(), xml);
        stored.checksum().ifPresent(sum -> xml.text("ChecksumType", sum.type().name()));
        ResponseHead head = request.head(200);
        head.headers().add("Content-Type", "application/xml");
        Versions.writeMade(bucket, stored, head.headers());
        EncryptionHeaders.write(stored.encryption(), head.headers());
        expiration.write(bucket, stored, head.headers());
        request.answer(head, Body.of(xml.bytes()));
    }

    private static Optional<Long> expectedSize(S3Request request) {
        String text = request.header("x-amz-mp-object-size");
        try {
            return text == null ? Optional.empty() : Optional.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            throw new S3Exception.InvalidRequest("Value for x-amz-mp-object-size header is invalid.");
        }
    }

    private static String location(S3Request request) {
        RequestHead head = request.exchange().request();
        return (head.secure() ? "https://" : "http://") + head.host() + head.path();
    }

    private static List<Part.Named> named(XmlElement root) {
        List<XmlElement> elements = root.children("Part");
        if (elements.isEmpty() || elements.size() > Limits.MAX_PARTS) {
            throw new S3WireException.MalformedXml();
        }
        var parts = new ArrayList<Part.Named>(elements.size());
        for (XmlElement element : elements) {
            String number = element.childText("PartNumber");
            String etag = element.childText("ETag");
            if (number == null || etag == null) {
                throw new S3WireException.MalformedXml();
            }
            parts.add(new Part.Named(PartNumbers.of(number), etag, checksum(element)));
        }
        return parts;
    }

    private static Optional<String> checksum(XmlElement part) {
        return part.children().stream()
                .filter(child -> child.name().startsWith("Checksum"))
                .map(child -> child.text().strip())
                .findFirst();
    }

    void abort(S3Request request) {
        Bucket bucket = bucket(request);
        store.multipart().abort(bucket.name(), request.key(), uploadId(request));
        request.answer(204);
    }
}
