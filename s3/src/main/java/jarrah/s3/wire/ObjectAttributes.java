package jarrah.s3.wire;

import jarrah.aws.XmlWriter;
import jarrah.http.Body;
import jarrah.http.Headers;
import jarrah.http.HttpDate;
import jarrah.http.ResponseHead;
import jarrah.s3.store.Acl;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.Limits;
import jarrah.s3.store.ObjectReader;
import jarrah.s3.store.Part;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** GetObjectAttributes. */
final class ObjectAttributes {
    private static final String ATTRIBUTES = "x-amz-object-attributes";

    private final S3Store store;
    private final Access access;
    private final EncryptionHeaders encryption;

    ObjectAttributes(S3Store store, Access access, EncryptionHeaders encryption) {
        this.store = store;
        this.access = access;
        this.encryption = encryption;
    }

    private enum Attribute {
        ETAG("ETag"),
        CHECKSUM("Checksum"),
        OBJECT_PARTS("ObjectParts"),
        STORAGE_CLASS("StorageClass"),
        OBJECT_SIZE("ObjectSize");

        private final String wireName;

        Attribute(String wireName) {
            this.wireName = wireName;
        }

        private static @Nullable Attribute of(String name) {
            for (Attribute attribute : values()) {
                if (attribute.wireName.equals(name)) {
                    return attribute;
                }
            }
            return null;
        }
    }

    private static Set<Attribute> asked(Headers headers) {
        var asked = EnumSet.noneOf(Attribute.class);
        String joined = headers.joined(ATTRIBUTES);
        for (String name : joined == null ? new String[0] : joined.split(",")) {
            Attribute attribute = Attribute.of(name.strip());
            if (attribute == null) {
                throw new S3WireException.InvalidArgument("Invalid attribute name specified.", ATTRIBUTES, joined + "");
            }
            asked.add(attribute);
        }
        if (asked.isEmpty()) {
            throw new S3WireException.InvalidArgument(
                    "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or"
                            + " empty",
                    ATTRIBUTES,
                    "");
        }
        return asked;
    }

    void get(S3Request request) {
        Set<Attribute> asked = asked(request.headers());
        Bucket bucket = access.bucketOfObject(request);
        try (ObjectReader reader = store.objects().open(bucket.name(), request.key(), Versions.asked(request))) {
            StoredObject object = reader.object();
            access.requireObject(request, bucket, object, Acl.Permission.READ);
            reader.unlock(encryption.customerKey(request));
            var xml = new XmlWriter("GetObjectAttributesResponse", S3Request.NAMESPACE);
            if (asked.contains(Attribute.ETAG)) {
                xml.text("ETag", object.etag());
            }
            if (asked.contains(Attribute.CHECKSUM) && object.checksum().isPresent()) {
                xml.start("Checksum");
                ChecksumHeaders.write(object.checksum(), xml);
                xml.text("ChecksumType", object.checksum().get().type().name()).end();
            }
            if (asked.contains(Attribute.OBJECT_PARTS) && object.parts() > 0) {
                parts(request, reader, xml);
            }
            if (asked.contains(Attribute.STORAGE_CLASS)) {
                xml.text("StorageClass", object.metadata().storageClass());
            }
            if (asked.contains(Attribute.OBJECT_SIZE)) {
                xml.text("ObjectSize", object.size());
            }
            ResponseHead head = request.head(200);
            head.headers()
                    .add("Content-Type", "application/xml")
                    .add("Last-Modified", HttpDate.format(object.lastModified()));
            Versions.write(bucket, object, head.headers());
            request.answer(head, Body.of(xml.bytes()));
        } catch (S3Exception.NoSuchKey e) {
            throw access.missing(request, bucket, e);
        }
    }

    private void parts(S3Request request, ObjectReader reader, XmlWriter xml) {
        int limit = Math.min(number(request, "x-amz-max-parts", Limits.MAX_PAGE), Limits.MAX_PAGE);
        int after = number(request, "x-amz-part-number-marker", 0);
        List<Part> found = store.objects().parts(reader, after, limit + 1);
        List<Part> page = found.subList(0, Math.min(limit, found.size()));
        xml.start("ObjectParts").text("PartsCount", reader.object().parts()).text("PartNumberMarker", after);
        if (!page.isEmpty()) {
            xml.text("NextPartNumberMarker", page.getLast().number());
        }
        xml.text("MaxParts", limit).text("IsTruncated", found.size() > limit);
        for (Part part : page) {
            xml.start("Part").text("PartNumber", part.number()).text("Size", part.size());
            ChecksumHeaders.write(part.checksum(), xml);
            xml.end();
        }
        xml.end();
    }

    private static int number(S3Request request, String header, int otherwise) {
        String text = request.header(header);
        if (text == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new S3WireException.InvalidArgument("Provided value is not an integer", header, text);
        }
        throw new S3WireException.InvalidArgument("Argument must not be negative", header, text);
    }
}
