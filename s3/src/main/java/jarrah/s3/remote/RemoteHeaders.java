package jarrah.s3.remote;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import jarrah.aws.AwsTime;
import jarrah.aws.UriEncoding;
import jarrah.http.Headers;
import jarrah.s3.settings.Replication;
import jarrah.s3.store.Checksum;
import jarrah.s3.store.Encryption;
import jarrah.s3.store.Metadata;
import jarrah.s3.store.ObjectLock;
import jarrah.s3.store.StoredObject;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;

/** What goes along with a version that is put, or whose upload is begun, at another endpoint. */
final class RemoteHeaders {
    /**
     * Name of the user metadata that says of which version this is the replica: a repeated attempt finds by it what an
     * earlier one has made, and a destination that replicates back finds that it has the version already.
     */
    static final String MARK = "jarrah-version-id";

    private static final String META = "x-amz-meta-";
    /** What names and values of user metadata may have together, bytes ("Working with object metadata"). */
    private static final int MAX_METADATA_BYTES = 2_048;

    private RemoteHeaders() {}

    /**
     * All of it but what describes the bytes: length, MD5 and checksum.
     *
     * @param lock whether the destination has object lock
     */
    static Headers of(StoredObject version, Replication.Rule rule, boolean lock, Instant now) {
        Headers headers = Headers.of();
        Metadata metadata = version.metadata();
        metadata.headers().forEach(headers::set);
        metadata.user().forEach((name, value) -> headers.set(META + name, wire(value)));
        String mark = mark(version);
        if (!metadata.user().containsKey(MARK)
                && bytes(metadata.user()) + MARK.length() + mark.length() <= MAX_METADATA_BYTES) {
            headers.set(META + MARK, mark);
        }
        if (!version.tags().isEmpty()) {
            headers.set("x-amz-tagging", tagging(version.tags()));
        }
        String storageClass = rule.storageClass().orElse(metadata.storageClass());
        if (!storageClass.equals(Metadata.STANDARD)) {
            headers.set("x-amz-storage-class", storageClass);
        }
        version.encryption().ifPresent(there -> encrypt(headers, there, rule));
        if (lock) {
            lock(headers, version.lock(), now);
        }
        return headers;
    }

    /** The value of the mark: the one that it came with, of the first source in a row, or its own version. */
    static String mark(StoredObject version) {
        String given = version.metadata().user().get(MARK);
        return given == null ? version.version().toString() : given;
    }

    private static int bytes(Map<String, String> metadata) {
        return metadata.entrySet().stream()
                .mapToInt(entry ->
                        entry.getKey().getBytes(UTF_8).length + entry.getValue().getBytes(UTF_8).length)
                .sum();
    }

    /** Fields are written as Latin-1, a byte a character; S3 takes their bytes for UTF-8. */
    private static String wire(String value) {
        return new String(value.getBytes(UTF_8), ISO_8859_1);
    }

    static String tagging(Map<String, String> tags) {
        return tags.entrySet().stream()
                .map(tag -> UriEncoding.encode(tag.getKey()) + "=" + UriEncoding.encode(tag.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static void encrypt(Headers headers, Encryption there, Replication.Rule rule) {
        headers.set("x-amz-server-side-encryption", there.kind().wireName());
        if (there.kind() == Encryption.Kind.KMS || there.kind() == Encryption.Kind.KMS_DSSE) {
            rule.keyId().ifPresent(id -> headers.set("x-amz-server-side-encryption-aws-kms-key-id", id));
            if (!there.context().isEmpty()) {
                headers.set("x-amz-server-side-encryption-context", there.context());
            }
        }
    }

    /** A retention that is over is left out: it could not be put, and keeps nothing. */
    private static void lock(Headers headers, ObjectLock lock, Instant now) {
        lock.retention()
                .filter(there -> there.until().isAfter(now))
                .ifPresent(there -> headers.set(
                                "x-amz-object-lock-mode", there.mode().name())
                        .set("x-amz-object-lock-retain-until-date", AwsTime.iso(there.until())));
        lock.legalHold().ifPresent(on -> headers.set("x-amz-object-lock-legal-hold", on ? "ON" : "OFF"));
    }

    /** The checksum of bytes that are sent at once. */
    static void checksum(Headers headers, Checksum checksum) {
        headers.set(checksum.algorithm().header(), checksum.value());
    }
}
