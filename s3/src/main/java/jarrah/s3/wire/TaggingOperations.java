package jarrah.s3.wire;

import jarrah.aws.SignedBody;
import jarrah.aws.XmlElement;
import jarrah.http.Body;
import jarrah.http.ResponseHead;
import jarrah.s3.settings.TagSet;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import java.io.IOException;
import java.util.Map;

/** GetObjectTagging, PutObjectTagging, DeleteObjectTagging. */
final class TaggingOperations {
    private static final int MAX_DOCUMENT_BYTES = 64 * 1024;

    private final S3Store store;
    private final Access access;
    private final EventHooks events;

    TaggingOperations(S3Store store, Access access, EventHooks events) {
        this.store = store;
        this.access = access;
        this.events = events;
    }

    private StoredObject object(S3Request request, Bucket bucket, Map<String, String> requestTags) {
        try {
            StoredObject object = store.objects().head(bucket.name(), request.key(), Versions.asked(request));
            access.requireObject(request, bucket, object, null, requestTags);
            return object;
        } catch (S3Exception.NoSuchKey e) {
            boolean read = request.operation() == S3Operation.GET_OBJECT_TAGGING;
            throw access.missing(request, bucket, read ? e : Versions.missingForChange(request, e));
        }
    }

    void get(S3Request request) {
        Bucket bucket = access.bucketOfObject(request);
        StoredObject object = object(request, bucket, Map.of());
        ResponseHead head = request.head(200);
        head.headers().add("Content-Type", "application/xml");
        Versions.write(bucket, object, head.headers());
        request.answer(head, Body.of(Tags.write(object.tags()).bytes()));
    }

    void put(S3Request request) throws IOException {
        Bucket bucket = access.bucketOfObject(request);
        SignedBody body = request.body();
        byte[] document = request.checkedDocument(body, ChecksumHeaders.of(request, body), MAX_DOCUMENT_BYTES);
        XmlElement root = S3Request.xml(document, "Tagging");
        Map<String, String> tags = Tags.read(root, TagSet.MAX_OF_OBJECT);
        object(request, bucket, tags);
        set(request, bucket, tags, 200);
    }

    void delete(S3Request request) {
        Bucket bucket = access.bucketOfObject(request);
        object(request, bucket, Map.of());
        set(request, bucket, Map.of(), 204);
    }

    private void set(S3Request request, Bucket bucket, Map<String, String> tags, int status) {
        StoredObject object = store.objects().setTags(bucket.name(), request.key(), Versions.asked(request), tags);
        events.note(status == 200 ? "s3:ObjectTagging:Put" : "s3:ObjectTagging:Delete", request, bucket, object);
        ResponseHead head = request.head(status);
        Versions.write(bucket, object, head.headers());
        request.answer(head, Body.EMPTY);
    }
}
