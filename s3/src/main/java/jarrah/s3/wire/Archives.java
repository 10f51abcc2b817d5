package jarrah.s3.wire;

import jarrah.aws.SignedBody;
import jarrah.aws.XmlElement;
import jarrah.http.Headers;
import jarrah.http.HttpDate;
import jarrah.s3.jobs.LifecycleRules;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.Restoration;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * RestoreObject, and what archived objects ask of others: those of the classes GLACIER and DEEP_ARCHIVE are read only
 * while there is a restored copy.
 */
final class Archives {
    private static final int MAX_DOCUMENT_BYTES = 64 * 1024;
    private static final int MAX_DAYS = 36_500;

    /** How long a restoration takes, parts of a day: what AWS says that it takes at most ("Archive retrieval options"). */
    private static final Map<String, Map<String, Double>> DAYS_TAKEN = Map.of(
            "GLACIER", Map.of("Expedited", 5.0 / 1_440, "Standard", 5.0 / 24, "Bulk", 12.0 / 24),
            "DEEP_ARCHIVE", Map.of("Standard", 12.0 / 24, "Bulk", 48.0 / 24));

    private final S3Store store;
    private final Access access;
    private final EventHooks events;
    private final Clock clock;
    private final Duration day;

    /**
     * @param day length of a day of lifecycles, by which restorations go too
     */
    Archives(S3Store store, Access access, EventHooks events, Clock clock, Duration day) {
        this.store = store;
        this.access = access;
        this.events = events;
        this.clock = clock;
        this.day = day;
    }

    /** Passes if the bytes may be read. */
    void requireReadable(StoredObject object) {
        if (!object.isReadable(clock.instant())) {
            throw new S3Exception.Archived(
                    object.metadata().storageClass(), "The operation is not valid for the object's storage class");
        }
    }

    /** Passes if the bytes may be copied. */
    void requireCopyable(StoredObject object) {
        if (!object.isReadable(clock.instant())) {
            throw new S3Exception.Archived(
                    object.metadata().storageClass(), "Operation is not valid for the source object's storage class");
        }
    }

    /** Tells how far a restoration is. */
    void write(StoredObject object, Headers headers) {
        Instant now = clock.instant();
        object.restoration()
                .filter(there -> object.isArchived() && !there.isOver(now))
                .ifPresent(there -> headers.add(
                        "x-amz-restore",
                        there.isOngoing(now)
                                ? "ongoing-request=\"true\""
                                : "ongoing-request=\"false\", expiry-date=\"" + HttpDate.format(there.until()) + "\""));
    }

    /**
     * What a restoration is to be.
     *
     * @param days how long the copy stays
     */
    private record Order(int days, String tier) {}

    void restore(S3Request request) throws IOException {
        Bucket bucket = access.bucketOfObject(request);
        StoredObject object;
        try {
            object = store.objects().head(bucket.name(), request.key(), Versions.asked(request));
        } catch (S3Exception.NoSuchKey e) {
            throw access.missing(request, bucket, e);
        }
        access.requireObject(request, bucket, object, null);
        SignedBody body = request.body();
        Order order = order(S3Request.xml(
                request.checkedDocument(body, ChecksumHeaders.of(request, body), MAX_DOCUMENT_BYTES),
                "RestoreRequest"));
        Instant now = clock.instant();
        boolean there = store.objects()
                .restore(
                        bucket.name(), request.key(), Versions.asked(request), found -> restoration(found, order, now));
        events.note("s3:ObjectRestore:Post", request, bucket, object);
        request.answer(there ? 200 : 202);
    }

    private Restoration restoration(StoredObject object, Order order, Instant now) {
        Double taken = DAYS_TAKEN
                .getOrDefault(object.metadata().storageClass(), Map.of())
                .get(order.tier());
        if (taken == null) {
            throw new S3WireException.InvalidArgument(
                    "Retrieval option is not supported by this storage class", "Tier", order.tier());
        }
        boolean restored = object.isReadable(now);
        Instant ready = restored ? now : now.plusMillis((long) (day.toMillis() * taken));
        return new Restoration(ready, LifecycleRules.due(day, ready, order.days()));
    }

    private static Order order(XmlElement request) {
        for (XmlElement child : request.children()) {
            switch (child.name()) {
                case "Days", "Tier", "GlacierJobParameters", "Description" -> {}
                case "Type", "SelectParameters", "OutputLocation" ->
                    throw new S3WireException.NotImplemented("RestoreRequest " + child.name());
                default -> throw new S3WireException.MalformedXml();
            }
        }
        XmlElement job = request.child("GlacierJobParameters");
        String tier = tier(job == null ? request.childText("Tier") : job.childText("Tier"));
        String days = request.childText("Days");
        if (days == null || !days.strip().matches("-?[0-9]{1,9}")) {
            throw new S3WireException.MalformedXml();
        }
        int count = Integer.parseInt(days.strip());
        if (count < 1 || count > MAX_DAYS) {
            throw new S3WireException.InvalidArgument("restoration days should be at least 1", "Days", days);
        }
        return new Order(count, tier);
    }

    private static String tier(@Nullable String name) {
        if (name == null) {
            return "Standard";
        }
        if (!Set.of("Expedited", "Standard", "Bulk").contains(name)) {
            throw new S3WireException.MalformedXml();
        }
        return name;
    }
}
