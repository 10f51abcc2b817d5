package jarrah.s3.store;

import jarrah.storage.StoreChanges;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Bucket records at hand, since every request looks one up, often twice. A record is used as long as the bucket's
 * generation is that of the record, so a change is seen from the moment on at which it is acknowledged. Only buckets
 * that exist are kept: the bound is the number of buckets. (All changes come from this process; nodes that share a Kv will
 * need the leases of the change stream.)
 */
final class BucketCache {
    private final StoreChanges changes;
    private final Function<String, Bucket> stored;
    private final ConcurrentHashMap<String, Cached> buckets = new ConcurrentHashMap<>();

    /** A record, with what tells whether it still holds. */
    private record Cached(Bucket bucket, StoreChanges.Watch watch) {}

    /**
     * @param stored reads a committed record, or throws {@link S3Exception.NoSuchBucket}
     */
    BucketCache(StoreChanges changes, Function<String, Bucket> stored) {
        this.changes = changes;
        this.stored = stored;
    }

    Bucket get(String name) {
        Cached cached = buckets.get(name);
        if (cached != null && cached.watch.generation() == cached.bucket.generation()) {
            return cached.bucket;
        }
        return load(name);
    }

    // A change beside this makes the generations differ, and the next one reads again.
    private Bucket load(String name) {
        try {
            Bucket bucket = stored.apply(name);
            buckets.compute(
                    name,
                    (_, there) ->
                            new Cached(bucket, there == null ? changes.watch(Subjects.bucket(name)) : there.watch));
            return bucket;
        } catch (S3Exception.NoSuchBucket missing) {
            buckets.computeIfPresent(name, (_, there) -> {
                there.watch.close();
                return null;
            });
            throw missing;
        }
    }
}
