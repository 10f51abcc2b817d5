package jarrah.accelerator.store;

import jarrah.storage.StoreChanges;
import org.jspecify.annotations.Nullable;

/**
 * What a bucket and an object were when a copy was fetched: as long as both watches still tell these numbers, the copy
 * is what the store would answer.
 *
 * <p>Made before the fetch. A copy loaded from files has its numbers and no watches yet, see {@link #unwatched}.
 */
public final class Generations implements AutoCloseable {
    private final long bucket;
    private final long object;
    private final StoreChanges.@Nullable Watch bucketWatch;
    private final StoreChanges.@Nullable Watch objectWatch;
    private boolean closed;

    private Generations(
            long bucket,
            long object,
            StoreChanges.@Nullable Watch bucketWatch,
            StoreChanges.@Nullable Watch objectWatch) {
        this.bucket = bucket;
        this.object = object;
        this.bucketWatch = bucketWatch;
        this.objectWatch = objectWatch;
    }

    /** The present generations of both; takes the watches over. */
    public static Generations of(StoreChanges.Watch bucket, StoreChanges.Watch object) {
        return new Generations(bucket.generation(), object.generation(), bucket, object);
    }

    /** Numbers of an earlier life of this process. */
    public static Generations unwatched(long bucket, long object) {
        return new Generations(bucket, object, null, null);
    }

    /** Whether changes are seen at all; if not, {@link #current} cannot be asked. */
    public boolean watched() {
        return objectWatch != null;
    }

    /** Whether neither the bucket nor the object has changed since: two volatile reads. */
    public boolean current() {
        return bucketWatch != null
                && objectWatch != null
                && bucketWatch.generation() == bucket
                && objectWatch.generation() == object;
    }

    /** Whether both tell the same numbers. */
    public boolean sameAs(Generations other) {
        return bucket == other.bucket && object == other.object;
    }

    long bucket() {
        return bucket;
    }

    long object() {
        return object;
    }

    /** Stops watching; once. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            if (bucketWatch != null) {
                bucketWatch.close();
            }
            if (objectWatch != null) {
                objectWatch.close();
            }
        }
    }
}
