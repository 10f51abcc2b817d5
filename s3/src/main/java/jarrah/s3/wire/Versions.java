package jarrah.s3.wire;

import jarrah.aws.AwsException;
import jarrah.http.Headers;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.Removal;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.StoredObject;
import jarrah.s3.store.VersionId;
import jarrah.s3.store.Versioning;
import org.jspecify.annotations.Nullable;

/** Versions as requests name them and answers tell them. */
final class Versions {
    private static final String HEADER = "x-amz-version-id";

    private Versions() {}

    /** The version that the request is about; null for the current one. */
    static @Nullable VersionId asked(S3Request request) {
        String text = request.query().get("versionId");
        return text == null ? null : parse(text, "versionId");
    }

    /**
     * Reads a version id.
     *
     * @param name of the parameter that it stands in
     */
    static VersionId parse(String text, String name) {
        if (text.isEmpty()) {
            throw new S3WireException.InvalidArgument("Version id cannot be the empty string", name, "");
        }
        VersionId version = VersionId.parse(text);
        if (version == null) {
            throw new S3WireException.InvalidArgument("Invalid version id specified", name, text);
        }
        return version;
    }

    /** What becomes of a change where a delete marker is current: 405, and not the 404 that a read gets. */
    static AwsException missingForChange(S3Request request, S3Exception.NoSuchKey missing) {
        return missing.headers().containsKey("x-amz-delete-marker")
                ? new S3WireException.MethodNotAllowed(
                        request.exchange().request().method())
                : missing;
    }

    /** Tells which version an answer is about, where there are versions. */
    static void write(Bucket bucket, StoredObject object, Headers headers) {
        if (bucket.versioning() != Versioning.UNSET) {
            headers.add(HEADER, object.version().text());
        }
    }

    /** Tells which version was made; while versions are suspended that is the null version, of which S3 tells nothing. */
    static void writeMade(Bucket bucket, StoredObject made, Headers headers) {
        if (bucket.versioning() == Versioning.ENABLED) {
            headers.add(HEADER, made.version().text());
        }
    }

    /** Tells which version a copy was made of. */
    static void writeSource(Bucket source, StoredObject object, Headers headers) {
        if (source.versioning() != Versioning.UNSET) {
            headers.add("x-amz-copy-source-version-id", object.version().text());
        }
    }

    /** Tells what a deletion deleted or made. */
    static void write(Removal removal, @Nullable VersionId asked, Headers headers) {
        VersionId version = asked == null ? removal.version() : asked;
        if (version != null) {
            headers.add(HEADER, version.text());
        }
        if (removal.deleteMarker()) {
            headers.add("x-amz-delete-marker", "true");
        }
    }
}
