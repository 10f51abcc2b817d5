package jarrah.s3.store;

import jarrah.storage.Kv;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The versions of one key in a transaction: which is current, what becomes of it when another comes or when it goes.
 *
 * <p>The current version lies under `o`, where listings and gets look; the others and all delete markers under `v`,
 * newest first. Nothing is under `o` if the newest is a delete marker. There is one null version at most: under `o`, or
 * under `v` and then `w` has its number.
 */
final class VersionTree {
    private final Kv.Tx tx;
    private final Bucket bucket;
    private final String name;
    private final byte[] key;
    private final Instant now;
    private final byte[] place;
    private final Quotas.@Nullable Count count;
    private final Quotas.@Nullable Quota before;

    VersionTree(Kv.Tx tx, Bucket bucket, String name, Instant now) {
        this.tx = tx;
        this.bucket = bucket;
        this.name = name;
        this.now = now;
        key = ObjectKey.bytes(name);
        place = Keys.object(bucket.id(), key);
        count = Quotas.Count.of(tx, bucket.id());
        if (count != null && count.isUnderWay()) {
            count.goOn(tx, bucket.id());
        }
        before = count == null ? null : count.quota();
    }

    /** Puts a record, or takes it away if there is none, and counts it where the bucket has a quota. */
    private void record(byte[] at, @Nullable StoredObject version) {
        byte[] next = version == null ? null : Records.encode(version);
        if (count != null) {
            count.changed(at, tx.get(at), next);
            tx.put(Keys.quota(bucket.id()), count.toBytes());
        }
        if (next == null) {
            tx.delete(at);
        } else {
            tx.put(at, next);
        }
    }

    private void requireRoom() {
        if (count != null && before != null) {
            count.requireRoom(before);
        }
    }

    /** The current version; null if there is none or it is a delete marker. */
    @Nullable
    StoredObject current() {
        byte[] record = tx.get(place);
        return record == null ? null : Records.object(name, record);
    }

    /** The id of a version to be put: the null version where none are kept. */
    VersionId newId(long number, long salt) {
        return bucket.versioning() == Versioning.ENABLED ? new VersionId(number, salt) : VersionId.none(number);
    }

    /**
     * Puts the current version.
     *
     * @param former what {@link #current} is
     */
    void put(StoredObject object, @Nullable StoredObject former) {
        makeRoom(former, object.version().isNull());
        record(place, object);
        requireRoom();
    }

    /**
     * Puts a version, or a delete marker, in the place among the others that its number gives it.
     *
     * @return whether it is the newest
     */
    boolean insert(StoredObject version) {
        StoredObject former = current();
        StoredObject newest = former == null ? newest() : former;
        boolean isNewest =
                newest == null || newest.version().number() < version.version().number();
        if (isNewest && former != null) {
            keep(former);
            record(place, null);
        }
        if (isNewest && !version.deleteMarker()) {
            record(place, version);
        } else {
            keep(version);
        }
        requireRoom();
        return isNewest;
    }

    /** The version or delete marker of an id; null if there is none. */
    @Nullable
    StoredObject find(VersionId version) {
        StoredObject current = current();
        return current != null && current.version().answers(version) ? current : kept(tx::get, bucket, name, version);
    }

    /**
     * Records anew what {@link #find} found.
     *
     * @return its generation if it is current, else 0
     */
    long replace(StoredObject version) {
        StoredObject current = current();
        if (current == null || !current.version().equals(version.version())) {
            keep(version);
            return 0;
        }
        long number = Sequence.next(tx);
        record(place, version.toBuilder().generation(number).build());
        return number;
    }

    /** What was current is kept, or let go if it was the null version and another comes. */
    private void makeRoom(@Nullable StoredObject former, boolean nullComes) {
        boolean goes = former != null && nullComes && former.version().isNull();
        if (former != null && goes) {
            Garbage.drop(tx, former.content(), now);
        } else if (former != null) {
            keep(former);
        }
        if (nullComes && !goes && bucket.versioning() != Versioning.UNSET) {
            StoredObject old = kept(tx::get, bucket, name, VersionId.none(0));
            if (old != null) {
                remove(old);
            }
        }
    }

    private void keep(StoredObject version) {
        long number = version.version().number();
        record(Keys.version(bucket.id(), key, number), version);
        if (version.version().isNull()) {
            tx.put(
                    Keys.nullVersion(bucket.id(), key),
                    ByteBuffer.allocate(8).putLong(number).array());
        }
    }

    /** Takes a version away that lies under `v`, with its bytes. */
    private void remove(StoredObject version) {
        Garbage.drop(tx, version.content(), now);
        takeOut(version);
    }

    private void takeOut(StoredObject version) {
        record(Keys.version(bucket.id(), key, version.version().number()), null);
        if (version.version().isNull()) {
            tx.delete(Keys.nullVersion(bucket.id(), key));
        }
    }

    /**
     * Deletes the object: its bytes where no versions are kept, else a delete marker becomes current.
     *
     * @param salt of the marker
     * @param ofMarker what is to be recorded for a new marker
     */
    Removal delete(WriteCondition condition, long salt, UnaryOperator<StoredObject> ofMarker) {
        StoredObject former = current();
        if (former != null) {
            condition.requireForDelete(former);
        }
        if (bucket.versioning() == Versioning.UNSET) {
            if (former == null) {
                return Removal.NOTHING;
            }
            Garbage.drop(tx, former.content(), now);
            record(place, null);
            return Removal.of(Sequence.next(tx), null, false);
        }
        if (former == null && !condition.equals(WriteCondition.NONE)) {
            StoredObject newest = newest();
            if (newest == null) {
                return Removal.NOTHING;
            }
            condition.requireForDelete(newest);
        }
        long number = Sequence.next(tx);
        VersionId id = newId(number, salt);
        makeRoom(former, id.isNull());
        if (former != null) {
            record(place, null);
        }
        Acl acl = CannedAcl.PRIVATE.expand(bucket.ownerId(), bucket.ownerId());
        keep(ofMarker.apply(StoredObject.builder(name, id, number, now, acl)
                .deleteMarker(true)
                .build()));
        return Removal.of(number, id, true);
    }

    /**
     * Deletes one version for good; the newest of those that are left becomes current.
     *
     * @param bypass whether governance is bypassed
     * @throws S3Exception.ObjectLocked if it must stay
     */
    Removal delete(VersionId asked, WriteCondition condition, boolean bypass) {
        StoredObject former = current();
        boolean isCurrent = former != null && former.version().answers(asked);
        StoredObject version = isCurrent ? former : kept(tx::get, bucket, name, asked);
        if (version == null) {
            return Removal.NOTHING;
        }
        condition.requireForDelete(version);
        version.lock().requireDeletable(now, bypass);
        long number = Sequence.next(tx);
        if (isCurrent) {
            Garbage.drop(tx, version.content(), now);
            record(place, null);
        } else {
            remove(version);
        }
        if (former != null && !isCurrent) {
            return new Removal(number, version.version(), version.deleteMarker(), true, true);
        }
        boolean exists = promote(number) != null;
        boolean neverExisted = former == null && !exists;
        return new Removal(number, version.version(), version.deleteMarker(), exists, neverExisted);
    }

    /** Makes the newest version under `v` current, if it is not a delete marker; null if there is none such. */
    private @Nullable StoredObject promote(long generation) {
        StoredObject newest = bucket.versioning() == Versioning.UNSET ? null : newest();
        if (newest == null || newest.deleteMarker()) {
            return null;
        }
        takeOut(newest);
        StoredObject current = newest.toBuilder().generation(generation).build();
        record(place, current);
        return current;
    }

    private @Nullable StoredObject newest() {
        return newest(tx::scan, bucket, name);
    }

    /**
     * A version that was changed.
     *
     * @param isCurrent whether a get of the key is about it
     */
    record Changed(StoredObject object, boolean isCurrent) {}

    /** Changes a version in its place; one that is not current keeps its generation. */
    Changed change(@Nullable VersionId asked, Function<StoredObject, StoredObject.Builder> change) {
        StoredObject current = current();
        if (current != null && (asked == null || current.version().answers(asked))) {
            StoredObject changed =
                    change.apply(current).generation(Sequence.next(tx)).build();
            record(place, changed);
            return new Changed(changed, true);
        }
        StoredObject version =
                requireObject(name, asked, asked == null ? newest() : kept(tx::get, bucket, name, asked));
        StoredObject changed = change.apply(version).build();
        keep(changed);
        return new Changed(changed, false);
    }

    /** What was found for a request, if it is an object. */
    static StoredObject requireObject(String name, @Nullable VersionId asked, @Nullable StoredObject found) {
        if (found == null) {
            throw asked == null
                    ? S3Exception.NoSuchKey.withoutMarker(name)
                    : new S3Exception.NoSuchVersion(name, asked.text());
        }
        if (found.deleteMarker()) {
            throw asked == null
                    ? new S3Exception.NoSuchKey(name, found.version())
                    : new S3Exception.IsDeleteMarker(found.version(), found.lastModified());
        }
        return found;
    }

    /** The version of an id under `v`; null if it is not there. */
    static @Nullable StoredObject kept(
            Function<byte[], byte @Nullable []> get, Bucket bucket, String name, VersionId asked) {
        byte[] key = ObjectKey.bytes(name);
        long number = asked.number();
        if (asked.isNull()) {
            byte[] pointer = get.apply(Keys.nullVersion(bucket.id(), key));
            if (pointer == null) {
                return null;
            }
            number = ByteBuffer.wrap(pointer).getLong();
        }
        byte[] record = get.apply(Keys.version(bucket.id(), key, number));
        StoredObject version = record == null ? null : Records.object(name, record);
        return version != null && version.version().answers(asked) ? version : null;
    }

    /** The newest under `v`, a delete marker if nothing is under `o`; null if there is none. */
    static @Nullable StoredObject newest(PrefixWalk.Scan scan, Bucket bucket, String name) {
        byte[] versions = Keys.versionsOf(bucket.id(), ObjectKey.bytes(name));
        List<Kv.Entry> first = scan.scan(versions, Keys.behind(versions), 1);
        return first.isEmpty() ? null : Records.object(name, first.getFirst().value());
    }
}
