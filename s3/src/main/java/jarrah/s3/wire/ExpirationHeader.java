package jarrah.s3.wire;

import jarrah.http.Headers;
import jarrah.s3.jobs.LifecycleRules;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings;
import jarrah.s3.store.BucketSettings.Kind;
import jarrah.s3.store.StoredObject;
import java.time.Duration;

/** {@code x-amz-expiration}: when the bucket's lifecycle ends a current version, and by which rule. */
final class ExpirationHeader {
    private final BucketSettings documents;
    private final Duration day;

    /**
     * @param day length of a day of lifecycles
     */
    ExpirationHeader(BucketSettings documents, Duration day) {
        this.documents = documents;
        this.day = day;
    }

    void write(Bucket bucket, StoredObject object, Headers headers) {
        write(bucket.name(), object, headers);
    }

    void write(String bucket, StoredObject object, Headers headers) {
        documents
                .get(bucket, Kind.LIFECYCLE, document -> LifecycleRules.read(document, day))
                .flatMap(rules -> rules.announced(object))
                .ifPresent(expiry -> headers.add("x-amz-expiration", expiry.header()));
    }
}
