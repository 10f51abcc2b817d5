package jarrah.s3.store;

import jarrah.storage.Kv;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a bucket's lifecycle does to its versions. Who decides has looked some time ago; here it holds only if bucket and
 * version are still as they were seen, asked in the transaction that acts. Nothing happens otherwise.
 */
public final class Expirations {
    private final Backing backing;

    Expirations(Backing backing) {
        this.backing = backing;
    }

    /**
     * Deletes the current version as a client's deletion without a version would; a delete marker is not replicated.
     *
     * @param bucket as it was when its lifecycle was read
     * @return empty if it is not as it was seen
     */
    public Optional<Removal> expire(Bucket bucket, StoredObject seen) {
        long salt = VersionId.newSalt();
        return act(
                bucket,
                seen,
                moment -> isCurrent(moment, seen)
                        ? moment.tree.delete(WriteCondition.NONE, salt, marker -> marker)
                        : Removal.NOTHING);
    }

    /** Deletes a version for good that is not current; one that is locked stays. */
    public Optional<Removal> remove(Bucket bucket, StoredObject seen) {
        return act(bucket, seen, moment -> {
            StoredObject kept = VersionTree.kept(moment.tx::get, moment.bucket, seen.key(), seen.version());
            StoredObject newest = VersionTree.newest(moment.tx::scan, moment.bucket, seen.key());
            boolean noncurrent = moment.tree.current() != null
                    || newest != null
                            && newest.version().number() != seen.version().number();
            return isSame(kept, seen) && noncurrent ? removed(moment.tree, seen) : Removal.NOTHING;
        });
    }

    /** Deletes a delete marker behind which no version is left. */
    public Optional<Removal> removeMarker(Bucket bucket, StoredObject seen) {
        return act(bucket, seen, moment -> {
            byte[] versions = Keys.versionsOf(moment.bucket.id(), ObjectKey.bytes(seen.key()));
            boolean alone = moment.tree.current() == null
                    && moment.tx.scan(versions, Keys.behind(versions), 2).size() == 1;
            StoredObject kept = VersionTree.kept(moment.tx::get, moment.bucket, seen.key(), seen.version());
            return alone && isSame(kept, seen) ? removed(moment.tree, seen) : Removal.NOTHING;
        });
    }

    private static Removal removed(VersionTree tree, StoredObject seen) {
        try {
            return tree.delete(seen.version(), WriteCondition.NONE, false);
        } catch (S3Exception.ObjectLocked _) {
            return Removal.NOTHING;
        }
    }

    /** Changes the storage class; whether it did. */
    public boolean move(Bucket bucket, StoredObject seen, String storageClass) {
        Instant now = backing.now();
        VersionTree.@Nullable Changed changed = backing.transact(tx -> {
            Bucket there = Backing.bucket(tx, bucket.name());
            var tree = new VersionTree(tx, there, seen.key(), now);
            StoredObject current = tree.current();
            StoredObject found =
                    isSame(current, seen) ? current : VersionTree.kept(tx::get, there, seen.key(), seen.version());
            if (there.generation() != bucket.generation() || !isSame(found, seen)) {
                return null;
            }
            var metadata =
                    new Metadata(seen.metadata().headers(), seen.metadata().user(), storageClass);
            return tree.change(seen.version(), object -> object.toBuilder().metadata(metadata));
        });
        if (changed != null && changed.isCurrent()) {
            String subject = Subjects.object(bucket.name(), seen.key());
            backing.changes.raise(subject, changed.object().generation(), true);
        }
        return changed != null;
    }

    /** A transaction on the versions of one key. */
    private record Moment(Kv.Tx tx, Bucket bucket, VersionTree tree) {}

    private Optional<Removal> act(Bucket bucket, StoredObject seen, Function<Moment, Removal> change) {
        Instant now = backing.now();
        Removal removal = backing.transact(tx -> {
            Bucket there = Backing.bucket(tx, bucket.name());
            return there.generation() == bucket.generation()
                    ? change.apply(new Moment(tx, there, new VersionTree(tx, there, seen.key(), now)))
                    : Removal.NOTHING;
        });
        if (!removal.happened()) {
            return Optional.empty();
        }
        if (!removal.sameCurrent()) {
            backing.changes.raise(Subjects.object(bucket.name(), seen.key()), removal.number(), removal.exists());
        }
        return Optional.of(removal);
    }

    private static boolean isCurrent(Moment moment, StoredObject seen) {
        return isSame(moment.tree.current(), seen);
    }

    private static boolean isSame(@Nullable StoredObject there, StoredObject seen) {
        return there != null && there.version().equals(seen.version()) && there.generation() == seen.generation();
    }
}
