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
    private final @Nullable Lease lease;
    private final Lease.@Nullable Moment made;
    private boolean closed;

    private Generations(
            long bucket,
            long object,
            StoreChanges.@Nullable Watch bucketWatch,
            StoreChanges.@Nullable Watch objectWatch,
            @Nullable Lease lease) {
        this.lease = lease;
        this.made = lease == null ? null : lease.now();
        this.bucket = bucket;
        this.object = object;
        this.bucketWatch = bucketWatch;
        this.objectWatch = objectWatch;
    }

    /** The present generations of both; takes the watches over. */
    public static Generations of(StoreChanges.Watch bucket, StoreChanges.Watch object) {
        return new Generations(bucket.generation(), object.generation(), bucket, object, null);
    }

    /**
     * The present generations of both as a store elsewhere has told them; takes the watches over.
     *
     * @param lease whether what it has told is recent
     */
    public static Generations leased(StoreChanges.Watch bucket, StoreChanges.Watch object, Lease lease) {
        return new Generations(bucket.generation(), object.generation(), bucket, object, lease);
    }

    /** Numbers of an earlier life of this process. */
    public static Generations unwatched(long bucket, long object) {
        return new Generations(bucket, object, null, null, null);
    }

    /** Whether changes are seen at all; if not, {@link #current} cannot be asked. */
    public boolean watched() {
        return objectWatch != null;
    }

    /**
     * Whether the copy may be served unasked: neither the bucket nor the object has changed since, and what is known of
     * that is recent. Two volatile reads; a third and two clocks for a store elsewhere.
     */
    public boolean current() {
        // The lease first: what it is renewed by raises the generations before.
        return (lease == null || lease.held()) && unchanged();
    }

    /**
     * Whether others may have an answer that was asked for when these numbers were read: it is not older than a copy
     * that is served unasked may be.
     */
    public boolean shareable() {
        return (lease == null || lease.held() || (made != null && lease.covers(made))) && unchanged();
    }

    /** Whether no change is known, of the bucket or of the object. */
    public boolean unchanged() {
        return bucketWatch != null
                && objectWatch != null
                && bucketWatch.generation() == bucket
                && objectWatch.generation() == object;
    }

    /** Whether both tell the same numbers. */
    public boolean sameAs(Generations other) {
        return bucket == other.bucket && object == other.object;
    }

    /**
     * Whether the object is known to have changed since the older numbers were read: then its metadata may be others
     * although its entity tag is the same.
     */
    public boolean objectChangedSince(Generations older) {
        // What a former process was told of a store elsewhere has numbers of its own.
        return (lease == null || older.watched()) && object != older.object;
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
