package jarrah.s3.jobs;

import jarrah.s3.jobs.LifecycleRules.Act;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings.Kind;
import jarrah.s3.store.Removal;
import jarrah.s3.store.ReplicationState;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import jarrah.s3.store.Upload;
import jarrah.s3.store.VersionId;
import jarrah.s3.store.VersionListing;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Walks the buckets that have a lifecycle and does what is due: 60 times a day, once an hour for a real one. A crash
 * anywhere is harmless: the next walk finds what is left to do.
 */
public final class LifecycleRunner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LifecycleRunner.class);
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int WALKS_A_DAY = 60;
    private static final int PAGE = 1_000;

    private final S3Store store;
    private final Clock clock;
    private final Duration day;
    private final Events events;
    private final Repeating repeating;

    public LifecycleRunner(S3Store store, Clock clock, Duration day, Events events) {
        this.store = store;
        this.clock = clock;
        this.day = day;
        this.events = events;
        repeating = new Repeating("s3-lifecycle", pause(day), this::runOnce);
    }

    /** Starts to walk now and then, on a virtual thread, until closed. */
    public LifecycleRunner start() {
        repeating.start();
        return this;
    }

    static Duration pause(Duration day) {
        Duration pause = day.dividedBy(WALKS_A_DAY);
        return pause.compareTo(SHORTEST) < 0 ? SHORTEST : pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
    }

    /** One walk over all buckets. */
    public void runOnce() {
        String after = "";
        List<Bucket> page;
        do {
            page = store.buckets().all(after, PAGE);
            for (Bucket bucket : page) {
                after = bucket.name();
                runOn(bucket);
            }
        } while (page.size() == PAGE && !repeating.ends());
    }

    private void runOn(Bucket bucket) {
        try {
            Optional<LifecycleRules> rules =
                    store.settings().get(bucket.name(), Kind.LIFECYCLE, document -> LifecycleRules.read(document, day));
            // Rules that are newer than the bucket as it was seen are found out by its generation when it comes to act.
            if (rules.isPresent() && !rules.get().rules().isEmpty()) {
                new VersionsOf(bucket, rules.get()).walk();
                abortUploads(bucket, rules.get());
            }
        } catch (S3Exception.NoSuchBucket gone) {
            LOG.debug("{} was deleted meanwhile", bucket.name());
        } catch (S3Exception failed) {
            LOG.warn("The lifecycle of {} goes on later: {}", bucket.name(), failed.getMessage());
        }
    }

    /** A walk over the versions of a bucket: by key, newest first. */
    private final class VersionsOf {
        private final Bucket bucket;
        private final LifecycleRules rules;
        private final Instant now = clock.instant();
        /** The one seen last. */
        private VersionListing.@Nullable Listed last;
        /** How many versions of its key are newer. */
        private int newer;

        VersionsOf(Bucket bucket, LifecycleRules rules) {
            this.bucket = bucket;
            this.rules = rules;
        }

        void walk() {
            String key = "";
            Optional<VersionId> version = Optional.empty();
            Optional<String> next;
            do {
                VersionListing page = store.objects()
                        .listVersions(new VersionListing.Query(bucket.name(), rules.prefix(), "", key, version, PAGE));
                page.versions().forEach(this::visit);
                next = page.nextKey();
                key = next.orElse("");
                version = page.nextVersion();
            } while (next.isPresent() && !repeating.ends());
            if (next.isEmpty()) {
                finish(null);
            }
        }

        private void visit(VersionListing.Listed version) {
            VersionListing.Listed before = last;
            boolean sameKey = before != null
                    && before.version().key().equals(version.version().key());
            finish(sameKey ? version : null);
            if (sameKey && before != null) {
                // Of those that are newer the first is the current one.
                Instant since = before.version().lastModified();
                rules.ofNoncurrent(version.version(), since, newer, now)
                        .ifPresent(act -> carryOut(act, version.version()));
                newer++;
            } else {
                newer = 0;
            }
            last = version;
        }

        /** Judges the newest version of a key, once it is known whether there is an older one. */
        private void finish(VersionListing.@Nullable Listed older) {
            VersionListing.Listed newest = last;
            if (newest != null && newest.isLatest()) {
                rules.ofCurrent(newest.version(), older == null, now).ifPresent(act -> carryOut(act, newest.version()));
            }
        }

        private boolean told(StoredObject version, Optional<Removal> removal) {
            removal.ifPresent(done ->
                    events.removed("s3:LifecycleExpiration:", bucket, version.key(), done, Events.Cause.ITSELF));
            return removal.isPresent();
        }

        private boolean moved(StoredObject version, String storageClass) {
            boolean moved = store.expirations().move(bucket, version, storageClass);
            if (moved) {
                events.note("s3:LifecycleTransition", bucket, version, Events.Cause.ITSELF);
            }
            return moved;
        }

        private void carryOut(Act act, StoredObject version) {
            if (version.replication()
                    .map(there -> there.status() == ReplicationState.Status.PENDING)
                    .orElse(false)) {
                return; // it shall reach its destinations first
            }
            boolean done = switch (act) {
                case Act.Expire _ -> told(version, store.expirations().expire(bucket, version));
                case Act.Remove _ -> told(version, store.expirations().remove(bucket, version));
                case Act.RemoveMarker _ -> told(version, store.expirations().removeMarker(bucket, version));
                case Act.Move(String storageClass) -> moved(version, storageClass);
            };
            LOG.debug("{} of {}/{}: {}", act, bucket.name(), version.key(), done ? "done" : "it has changed");
        }
    }

    private void abortUploads(Bucket bucket, LifecycleRules rules) {
        Instant now = clock.instant();
        String key = "";
        String id = "";
        Optional<String> next;
        do {
            Upload.Page page =
                    store.multipart().listUploads(new Upload.Query(bucket.name(), rules.prefix(), "", key, id, PAGE));
            for (Upload upload : page.uploads()) {
                if (rules.aborts(upload.key(), upload.initiated(), now)) {
                    abort(bucket, upload);
                }
            }
            next = page.nextKey();
            key = next.orElse("");
            id = page.nextUploadId().orElse("");
        } while (next.isPresent() && !repeating.ends());
    }

    private void abort(Bucket bucket, Upload upload) {
        try {
            store.multipart().abort(bucket.name(), upload.key(), upload.uploadId());
        } catch (S3Exception.NoSuchUpload ended) {
            LOG.debug("{} has ended meanwhile", upload.uploadId());
        }
    }

    /** Ends the thread after the page that it is in. */
    @Override
    public void close() {
        repeating.close();
    }
}
