package jarrah.s3.store;

import jarrah.s3.store.BucketSettings.Kind;
import jarrah.storage.Kv;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Versions that are to be replicated, and their replicas. The task is written in the transaction that makes or changes the
 * version, so that none is forgotten; it only names the version, and carrying it out makes the replica what the version is
 * then, so that it may be carried out twice and in any order.
 *
 * <pre>
 * task  1, bucket id, bucket, key, version number, version salt (8 bytes), written (ms)
 * </pre>
 *
 * <p>A replica has the version id of its source, and the place among the versions of its key that this gives it.
 */
public final class Replications {
    private final Backing backing;
    private final Objects objects;
    private final BucketSettings settings;
    private final Function<byte[], ? extends ReplicationRules> reader;

    Replications(Backing backing, BucketSettings settings, Function<byte[], ? extends ReplicationRules> reader) {
        this.backing = backing;
        this.settings = settings;
        this.reader = reader;
        objects = new Objects(backing, this);
    }

    /**
     * A version that waits to be replicated.
     *
     * @param number ascending
     */
    public record Task(long number, long bucketId, String bucket, String key, VersionId version, Instant written) {}

    /**
     * What a replica has that its source does not say.
     *
     * @param owner canonical id of the replica's owner, who alone is granted anything; empty to keep the source's ACL
     * @param storageClass empty for the source's
     * @param protection how to encrypt it, unless a client's key seals the source; empty to keep the bytes as they are
     */
    public record Replica(
            String bucket, Optional<String> owner, Optional<String> storageClass, Optional<Protection> protection) {}

    /** The bucket's rules. {@link S3Exception.NoSuchBucket} if there is no such bucket. */
    ReplicationRules rules(String bucket) {
        return settings.<ReplicationRules>get(bucket, Kind.REPLICATION, reader::apply)
                .orElse(ReplicationRules.NONE);
    }

    /** A new version as it is to be recorded; one that is to be replicated waits from now on. */
    StoredObject begin(Kv.Tx tx, Bucket bucket, ReplicationRules rules, StoredObject version) {
        if (bucket.versioning() != Versioning.ENABLED) {
            return version;
        }
        List<String> destinations = rules.destinations(version);
        if (destinations.isEmpty()) {
            return version;
        }
        note(tx, bucket, version);
        var state = new ReplicationState(ReplicationState.Status.PENDING, destinations, Map.of());
        return version.toBuilder().replication(Optional.of(state)).build();
    }

    /** A version whose tags, ACL or lock change: one that is replicated waits again. */
    static StoredObject.Builder again(Kv.Tx tx, Bucket bucket, StoredObject version, StoredObject.Builder changed) {
        StoredObject next = changed.build();
        if (next.tags().equals(version.tags())
                && next.acl().equals(version.acl())
                && next.lock().equals(version.lock())) {
            return changed;
        }
        Optional<ReplicationState> state = version.replication()
                .filter(there -> there.status() != ReplicationState.Status.REPLICA)
                .map(there -> there.with(ReplicationState.Status.PENDING));
        if (state.isEmpty()) {
            return changed;
        }
        note(tx, bucket, version);
        return changed.replication(state);
    }

    private static void note(Kv.Tx tx, Bucket bucket, StoredObject version) {
        var task = new Task(
                Sequence.next(tx),
                bucket.id(),
                bucket.name(),
                version.key(),
                version.version(),
                version.lastModified());
        tx.put(Keys.replication(task.number()), write(new RecordWriter(1), task).toBytes());
    }

    /**
     * Tasks, the oldest first.
     *
     * @param after only numbers above it; 0 for all
     * @param limit 1 to 1,000
     */
    public List<Task> list(long after, int limit) {
        return backing.scan(Keys.replication(after + 1), Keys.behind(Keys.all('m')), limit).stream()
                .map(entry -> read(Keys.letterNumber(entry.key()), new RecordReader(entry.value(), 1)))
                .toList();
    }

    /** Reads what {@link #write} wrote. */
    static Task read(long number, RecordReader in) {
        return new Task(
                number,
                in.number(),
                in.text(),
                in.text(),
                new VersionId(in.number(), in.bits()),
                Instant.ofEpochMilli(in.number()));
    }

    /** Writes all of a task but its number, which stands in its key. */
    static RecordWriter write(RecordWriter out, Task task) {
        return out.number(task.bucketId())
                .text(task.bucket())
                .text(task.key())
                .number(task.version().number())
                .bits(task.version().salt())
                .number(task.written().toEpochMilli());
    }

    /** The version as it is now; empty if it or its bucket is gone. */
    public Optional<StoredObject> source(Task task) {
        return Optional.ofNullable(backing.<@Nullable StoredObject>transact(tx -> {
            byte[] record = tx.get(Keys.bucket(task.bucket()));
            Bucket bucket = record == null ? null : Records.bucket(task.bucket(), record);
            return bucket == null || bucket.id() != task.bucketId()
                    ? null
                    : new VersionTree(tx, bucket, task.key(), backing.now()).find(task.version());
        }));
    }

    /**
     * Ends a task.
     *
     * @param seen the version as it was replicated; if it has changed since, a later task is about it
     */
    public void finish(Task task, StoredObject seen, ReplicationState.Status status) {
        long generation = backing.transact(tx -> {
            tx.delete(Keys.replication(task.number()));
            byte[] record = tx.get(Keys.bucket(task.bucket()));
            Bucket bucket = record == null ? null : Records.bucket(task.bucket(), record);
            if (bucket == null || bucket.id() != task.bucketId()) {
                return 0L;
            }
            var tree = new VersionTree(tx, bucket, task.key(), backing.now());
            if (!seen.equals(tree.find(task.version()))) {
                return 0L;
            }
            var state = seen.replication().map(there -> there.with(status));
            return tree.replace(seen.toBuilder().replication(state).build());
        });
        if (generation > 0) {
            backing.changes.raise(Subjects.object(task.bucket(), task.key()), generation, true);
        }
    }

    /** Forgets a task whose version is gone. */
    public void drop(Task task) {
        backing.transact(tx -> {
            tx.delete(Keys.replication(task.number()));
            return true;
        });
    }

    /**
     * Makes a replica, or makes one that is there what its source is.
     *
     * @param version the source
     * @throws S3Exception.InvalidBucketState if the destination keeps no versions
     */
    public void replicate(String bucket, StoredObject version, Replica replica) {
        if (version.deleteMarker() || isThere(replica.bucket(), version)) {
            commit(version, replica, null);
            return;
        }
        // What a client's key seals is copied as it lies: the same key opens the replica.
        boolean sealed = Encryption.isCustomers(version.encryption());
        try (ContentReader reader = objects.openContent(bucket, version.key(), version.version())) {
            if (!sealed) {
                reader.unlock(Optional.empty());
            }
            if (version.content() instanceof Content.Parts) {
                replicateParts(reader, version, replica, sealed);
            } else {
                replicateWhole(reader, version, replica, sealed);
            }
        } catch (IOException failed) {
            throw new S3Exception.Unavailable(String.valueOf(failed.getMessage()));
        }
    }

    private void replicateParts(ContentReader reader, StoredObject version, Replica replica, boolean sealed) {
        Optional<Encryption> encryption = sealed
                ? version.encryption()
                : replica.protection().map(wanted -> wanted.mode().mode());
        try (var parts = PartCopies.of(backing, objects, reader, replica.protection())) {
            commit(
                    version,
                    replica,
                    (tx, _, draft) -> draft.bytes(parts.refer(tx), version.size(), version.etag())
                            .parts(version.parts())
                            .encryption(encryption));
        }
    }

    private void replicateWhole(ContentReader reader, StoredObject version, Replica replica, boolean sealed)
            throws IOException {
        var digests = new RunningDigests(Optional.empty());
        var dataKey = sealed ? Optional.<ServerKeys.DataKey>empty() : backing.dataKey(replica.protection());
        try (var intake = new Intake(backing, digests, -1, Limits.MAX_OBJECT_BYTES, dataKey)) {
            if (sealed) {
                reader.sendKept(null, intake);
            } else {
                reader.send(0, version.size(), intake);
            }
            intake.finish(BodyDigests.NONE);
            boolean refers = false;
            try {
                refers = commit(
                        version,
                        replica,
                        (tx, number, draft) -> draft.bytes(intake.refer(tx, number), version.size(), version.etag())
                                .encryption(sealed ? version.encryption() : intake.encryption()));
            } catch (S3Exception.Unavailable doubtful) {
                throw doubtful; // the transaction may have reached the disk: the blob is left to the sweeper
            } catch (S3Exception refused) {
                intake.refused();
                throw refused;
            }
            if (refers) {
                intake.referred();
            } else {
                intake.refused();
            }
        }
    }

    private boolean isThere(String bucket, StoredObject version) {
        return backing.transact(tx ->
                new VersionTree(tx, Backing.bucket(tx, bucket), version.key(), backing.now()).find(version.version())
                        != null);
    }

    /**
     * What a commit did.
     *
     * @param generation of the current version if it changed, else 0
     * @param refers whether the record names the bytes that were copied
     */
    private record Committed(long generation, boolean refers) {}

    /** Gives a record the bytes that were copied for it, in the transaction that puts it. */
    private interface Bytes {
        StoredObject.Builder refer(Kv.Tx tx, long number, StoredObject.Builder draft);
    }

    /**
     * Puts the replica's record, or changes the one that is there.
     *
     * @param bytes null if none were copied, for a delete marker or since the replica was there
     * @return whether the record names the bytes
     */
    private boolean commit(StoredObject version, Replica replica, @Nullable Bytes bytes) {
        Instant now = backing.now();
        Committed committed = backing.transact(tx -> {
            Bucket there = Backing.bucket(tx, replica.bucket());
            if (there.versioning() != Versioning.ENABLED) {
                throw new S3Exception.InvalidBucketState("The destination bucket keeps no versions");
            }
            var tree = new VersionTree(tx, there, version.key(), now);
            StoredObject former = tree.find(version.version());
            if (former != null) {
                StoredObject changed = like(version, former.toBuilder(), former.lock(), replica, there, now)
                        .build();
                return new Committed(changed.equals(former) ? 0 : tree.replace(changed), false);
            }
            if (!version.deleteMarker() && bytes == null) {
                throw new S3Exception.Unavailable("the replica was deleted meanwhile");
            }
            long number = Sequence.next(tx);
            StoredObject.Builder draft = StoredObject.builder(
                            version.key(), version.version(), number, version.lastModified(), version.acl())
                    .deleteMarker(version.deleteMarker())
                    .checksum(version.checksum());
            if (bytes != null) {
                draft = bytes.refer(tx, number, draft);
            }
            StoredObject made =
                    like(version, draft, ObjectLock.NONE, replica, there, now).build();
            return new Committed(tree.insert(made) ? number : 0, true);
        });
        if (committed.generation > 0) {
            boolean exists = !version.deleteMarker();
            backing.changes.raise(Subjects.object(replica.bucket(), version.key()), committed.generation, exists);
        }
        return committed.refers;
    }

    private static StoredObject.Builder like(
            StoredObject version,
            StoredObject.Builder draft,
            ObjectLock lock,
            Replica replica,
            Bucket to,
            Instant now) {
        Metadata metadata = version.metadata();
        Optional<String> owner = to.honoursAcls() ? replica.owner() : Optional.of(to.ownerId());
        return draft.metadata(new Metadata(
                        metadata.headers(),
                        metadata.user(),
                        replica.storageClass().orElse(metadata.storageClass())))
                .tags(Map.copyOf(version.tags()))
                .acl(owner.map(one -> CannedAcl.PRIVATE.expand(one, one)).orElse(version.acl()))
                .lock(to.objectLock() && !version.deleteMarker() ? lock(version, lock, now) : ObjectLock.NONE)
                .replication(Optional.of(ReplicationState.REPLICA));
    }

    /** The source's lock, unless the replica's own retention is one that nobody may weaken. */
    private static ObjectLock lock(StoredObject version, ObjectLock replicas, Instant now) {
        try {
            ObjectLock retained = replicas.withRetention(version.lock().retention(), now, true);
            return new ObjectLock(retained.retention(), version.lock().legalHold());
        } catch (S3Exception.ObjectLocked _) {
            return new ObjectLock(replicas.retention(), version.lock().legalHold());
        }
    }
}
