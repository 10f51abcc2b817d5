package jarrah.s3.wire;

import jarrah.aws.AwsTime;
import jarrah.aws.SignedBody;
import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.s3.store.Acl;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.DefaultRetention;
import jarrah.s3.store.ObjectLock;
import jarrah.s3.store.Retention;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Get and Put of ObjectLockConfiguration, ObjectRetention and ObjectLegalHold. */
final class ObjectLockOperations {
    private static final int MAX_DOCUMENT_BYTES = 64 * 1024;

    private final S3Store store;
    private final Access access;

    ObjectLockOperations(S3Store store, Access access) {
        this.store = store;
        this.access = access;
    }

    private static XmlElement document(S3Request request, String root) throws IOException {
        SignedBody body = request.body();
        return S3Request.xml(
                request.checkedDocument(body, ChecksumHeaders.of(request, body), MAX_DOCUMENT_BYTES), root);
    }

    void getConfiguration(S3Request request) {
        Bucket bucket = access.bucket(request, null);
        if (!bucket.objectLock()) {
            throw new S3WireException.NotConfigured(
                    "ObjectLockConfigurationNotFoundError",
                    "Object Lock configuration does not exist for this bucket",
                    bucket.name());
        }
        var xml = new XmlWriter("ObjectLockConfiguration", S3Request.NAMESPACE).text("ObjectLockEnabled", "Enabled");
        bucket.defaultRetention().ifPresent(retention -> {
            xml.start("Rule")
                    .start("DefaultRetention")
                    .text("Mode", retention.mode().name());
            if (retention.days() > 0) {
                xml.text("Days", retention.days());
            } else {
                xml.text("Years", retention.years());
            }
            xml.end().end();
        });
        request.answer(xml);
    }

    void putConfiguration(S3Request request) throws IOException {
        Bucket bucket = access.bucket(request, null);
        XmlElement root = document(request, "ObjectLockConfiguration");
        String enabled = root.childText("ObjectLockEnabled");
        if (enabled != null && !enabled.equals("Enabled")) {
            throw new S3WireException.MalformedXml();
        }
        XmlElement rule = root.child("Rule");
        Optional<DefaultRetention> retention = rule == null ? Optional.empty() : Optional.of(defaultRetention(rule));
        store.buckets().setObjectLock(bucket.name(), retention);
        request.answer(200);
    }

    private static DefaultRetention defaultRetention(XmlElement rule) {
        XmlElement element = rule.child("DefaultRetention");
        Retention.Mode mode = element == null ? null : LockHeaders.mode(element.childText("Mode"));
        String days = element == null ? null : element.childText("Days");
        String years = element == null ? null : element.childText("Years");
        if (mode == null || (days == null) == (years == null)) {
            throw new S3WireException.MalformedXml();
        }
        return days == null
                ? new DefaultRetention(mode, 0, period(String.valueOf(years), DefaultRetention.MAX_YEARS))
                : new DefaultRetention(mode, period(days, DefaultRetention.MAX_DAYS), 0);
    }

    private static int period(String text, int most) {
        int period;
        try {
            period = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new S3WireException.MalformedXml();
        }
        if (period < 1) {
            throw new S3WireException.InvalidRetentionPeriod(
                    "Default retention period must be a positive integer value.");
        }
        if (period > most) {
            throw new S3WireException.InvalidRetentionPeriod("Default retention period is too large");
        }
        return period;
    }

    /** The object of a request that is about its lock, and the right that it takes. */
    private StoredObject object(S3Request request, Acl.Permission permission) {
        Bucket bucket = access.bucketOfObject(request);
        StoredObject object;
        try {
            object = store.objects().head(bucket.name(), request.key(), Versions.asked(request));
        } catch (S3Exception.NoSuchKey e) {
            throw access.missing(request, bucket, e);
        }
        access.requireObject(request, bucket, object, permission);
        if (!bucket.objectLock()) {
            throw new S3Exception.MissingObjectLock();
        }
        return object;
    }

    void getRetention(S3Request request) {
        ObjectLock lock = object(request, Acl.Permission.READ).lock();
        Retention retention = lock.retention().orElseThrow(S3Exception.NoSuchObjectLock::new);
        request.answer(new XmlWriter("Retention", S3Request.NAMESPACE)
                .text("Mode", retention.mode().name())
                .text("RetainUntilDate", AwsTime.iso(retention.until())));
    }

    void putRetention(S3Request request) throws IOException {
        object(request, Acl.Permission.FULL_CONTROL);
        Optional<Retention> retention = retention(document(request, "Retention"));
        Bucket bucket = access.bucketOfObject(request);
        store.objects()
                .setRetention(
                        bucket.name(),
                        request.key(),
                        Versions.asked(request),
                        retention,
                        bypassesGovernance(request, bucket));
        request.answer(200);
    }

    /** None if the document is empty: that ends it. */
    private static Optional<Retention> retention(XmlElement root) {
        String name = root.childText("Mode");
        String date = root.childText("RetainUntilDate");
        if (name == null && date == null) {
            return Optional.empty();
        }
        Retention.@Nullable Mode mode = LockHeaders.mode(name);
        Instant until = LockHeaders.time(date);
        if (mode == null || until == null) {
            throw new S3WireException.MalformedXml();
        }
        return Optional.of(new Retention(mode, until));
    }

    void getLegalHold(S3Request request) {
        boolean on =
                object(request, Acl.Permission.READ).lock().legalHold().orElseThrow(S3Exception.NoSuchObjectLock::new);
        request.answer(new XmlWriter("LegalHold", S3Request.NAMESPACE).text("Status", on ? "ON" : "OFF"));
    }

    void putLegalHold(S3Request request) throws IOException {
        object(request, Acl.Permission.FULL_CONTROL);
        String status = document(request, "LegalHold").childText("Status");
        if (status == null || !status.equals("ON") && !status.equals("OFF")) {
            throw new S3WireException.MalformedXml();
        }
        store.objects().setLegalHold(request.bucket(), request.key(), Versions.asked(request), status.equals("ON"));
        request.answer(200);
    }

    /** Whether the caller bypasses governance: by asking for it, and being allowed to. */
    private boolean bypassesGovernance(S3Request request, Bucket bucket) {
        return bypassesGovernance(request, bucket, access);
    }

    static boolean bypassesGovernance(S3Request request, Bucket bucket, Access access) {
        return "true".equalsIgnoreCase(request.header("x-amz-bypass-governance-retention"))
                && access.mayBypassGovernance(request, bucket);
    }
}
