package jarrah.s3.wire;

/** Versions of objects in buckets that were never versioned: each object has the one version {@code null}. */
final class Versions {
    /** The id of the version of an unversioned object. */
    static final String NULL = "null";

    private Versions() {}

    /** Refuses a {@code versionId} that no object here can have. */
    static void requireNullVersion(S3Request request) {
        String versionId = request.query().get("versionId");
        if (versionId != null && !versionId.equals(NULL)) {
            throw versionId.isEmpty()
                    ? new S3WireException.InvalidArgument("Version id cannot be the empty string", "versionId", "")
                    : new S3WireException.NoSuchVersion(request.key(), versionId);
        }
    }
}
