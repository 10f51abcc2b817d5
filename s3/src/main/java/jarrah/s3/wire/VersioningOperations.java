package jarrah.s3.wire;

import jarrah.aws.SignedBody;
import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.Versioning;
import java.io.IOException;

/** GetBucketVersioning, PutBucketVersioning. */
final class VersioningOperations {
    private static final int MAX_DOCUMENT_BYTES = 64 * 1024;

    private final S3Store store;
    private final Access access;

    VersioningOperations(S3Store store, Access access) {
        this.store = store;
        this.access = access;
    }

    void get(S3Request request) {
        Bucket bucket = access.bucket(request, null);
        var xml = new XmlWriter("VersioningConfiguration", S3Request.NAMESPACE);
        if (bucket.versioning() != Versioning.UNSET) {
            xml.text("Status", bucket.versioning().wireName());
        }
        request.answer(xml);
    }

    void put(S3Request request) throws IOException {
        Bucket bucket = access.bucket(request, null);
        SignedBody body = request.body();
        XmlElement root = S3Request.xml(
                request.checkedDocument(body, ChecksumHeaders.of(request, body), MAX_DOCUMENT_BYTES),
                "VersioningConfiguration");
        refuseMfa(request, root.childText("MfaDelete"));
        String status = root.childText("Status");
        if (status == null) {
            throw new S3WireException.IllegalVersioningConfiguration();
        }
        Versioning versioning = Versioning.of(status);
        if (versioning == null) {
            throw new S3WireException.MalformedXml();
        }
        store.buckets().setVersioning(bucket.name(), versioning);
        request.answer(200);
    }

    /** There are no authentication devices here, so nobody could ever delete what asks for one. */
    private static void refuseMfa(S3Request request, @org.jspecify.annotations.Nullable String mfaDelete) {
        if (mfaDelete == null || mfaDelete.equals("Disabled")) {
            return;
        }
        if (!mfaDelete.equals("Enabled")) {
            throw new S3WireException.MalformedXml();
        }
        if (request.header("x-amz-mfa") == null) {
            throw new S3WireException.MfaRequired();
        }
        throw new S3WireException.NotImplemented("MfaDelete");
    }
}
