package jarrah.s3.store;

import jarrah.storage.Kv;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Objects: put, get, copy, delete, list. All block; to be called on virtual threads. */
public final class Objects {
    /** Deletions that share a transaction: each writes up to ten keys, and a transaction 1,000. */
    private static final int DELETIONS_AT_ONCE = 90;
    /** A record that changes between looking it up and opening its bytes is looked up again; so often at most. */
    private static final int OPEN_ATTEMPTS = 20;

    private final Backing backing;
    private final Replications replications;

    Objects(Backing backing, Replications replications) {
        this.backing = backing;
        this.replications = replications;
    }

    /**
     * Puts an object; when this returns it is durable and visible. The body is read to its end in one pass and not
     * closed; on any exception nothing is changed.
     *
     * @throws IOException from reading the body only
     * @throws S3Exception.BadDigest if the bytes are not what the client announced
     * @throws S3Exception.IncompleteBody if the body is not as long as declared
     * @throws S3Exception.Unavailable if the disk is full or takes no writes
     */
    public StoredObject put(NewObject object, ReadableByteChannel body) throws IOException {
        byte[] key = ObjectKey.bytes(object.key());
        requireEarly(object.bucket(), key, object.key(), object.condition(), object.lock());
        Quotas.requireRoom(backing, backing.bucket(object.bucket()), object.length());
        var digests = new RunningDigests(object.digests().algorithm());
        var dataKey = backing.dataKey(object.protection());
        try (var intake = new Intake(backing, digests, object.length(), Limits.MAX_PUT_BYTES, dataKey)) {
            intake.readAll(body, object.length());
            RunningDigests.Result result = intake.finish(object.digests());
            return commit(
                    object.bucket(),
                    object.key(),
                    object.condition(),
                    intake,
                    object.lock(),
                    object.acl(),
                    intake.etag(result),
                    draft -> draft.checksum(result.checksum(object.digests().algorithm()))
                            .metadata(object.metadata())
                            .tags(object.tags()));
        }
    }

    // A condition that fails already, or a bucket that is not there, need not cost the client its upload; what holds
    // is decided in the transaction.
    private void requireEarly(String bucket, byte[] key, String name, WriteCondition condition, ObjectLock lock) {
        Bucket there = backing.bucket(bucket);
        requireLockable(there, lock);
        requireFuture(lock.retention(), backing.now());
        if (!condition.equals(WriteCondition.NONE)) {
            byte[] record = backing.get(Keys.object(there.id(), key));
            condition.requireForPut(name, record == null ? null : Records.object(name, record));
        }
    }

    static void requireLockable(Bucket bucket, ObjectLock lock) {
        if (lock.isSet() && !bucket.objectLock()) {
            throw new S3Exception.MissingObjectLock();
        }
    }

    static void requireFuture(Optional<Retention> retention, Instant now) {
        if (retention.isPresent() && retention.get().isOver(now)) {
            throw new S3Exception.RetentionInThePast();
        }
    }

    /** The lock of a new version: what was asked for, else what the bucket gives. */
    static ObjectLock lockOf(Bucket bucket, ObjectLock asked, Instant now) {
        return asked.retention().isPresent() || bucket.defaultRetention().isEmpty()
                ? asked
                : new ObjectLock(bucket.defaultRetention().map(given -> given.from(now)), asked.legalHold());
    }

    private StoredObject commit(
            String bucket,
            String key,
            WriteCondition condition,
            Intake intake,
            ObjectLock lock,
            Acl acl,
            String etag,
            UnaryOperator<StoredObject.Builder> details) {
        Instant now = backing.now();
        long salt = VersionId.newSalt();
        ReplicationRules rules = replications.rules(bucket);
        StoredObject put;
        try {
            put = backing.transact(tx -> {
                Bucket there = Backing.bucket(tx, bucket);
                requireLockable(there, lock);
                var tree = new VersionTree(tx, there, key, now);
                StoredObject former = tree.current();
                condition.requireForPut(key, former);
                long number = Sequence.next(tx);
                Content content = intake.refer(tx, number);
                StoredObject draft = details.apply(
                                StoredObject.builder(key, tree.newId(number, salt), number, now, acl))
                        .bytes(content, intake.length(), etag)
                        .lock(lockOf(there, lock, now))
                        .encryption(intake.encryption())
                        .build();
                StoredObject object = replications.begin(tx, there, rules, draft);
                tree.put(object, former);
                return object;
            });
        } catch (S3Exception.Unavailable doubtful) {
            throw doubtful; // the transaction may have reached the disk: the blob is left to the sweeper
        } catch (S3Exception refused) {
            intake.refused();
            throw refused;
        }
        intake.referred();
        backing.changes.raise(Subjects.object(bucket, key), put.generation(), true);
        return put;
    }

    /** The record of the current version. {@link S3Exception.NoSuchKey} if there is none. */
    public StoredObject head(String bucket, String key) {
        return head(bucket, key, null);
    }

    /**
     * The record of a version.
     *
     * @param version null for the current one
     * @throws S3Exception.NoSuchKey if there is no current version, or it is a delete marker
     * @throws S3Exception.NoSuchVersion if there is none of that id
     * @throws S3Exception.IsDeleteMarker if the id is a delete marker's
     */
    public StoredObject head(String bucket, String key, @Nullable VersionId version) {
        Bucket there = backing.bucket(bucket);
        byte[] place = Keys.object(there.id(), ObjectKey.bytes(key));
        StoredObject found = null;
        // A version changes its place beside us when another one comes or goes: then it is looked up again.
        for (int attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
            byte[] record = backing.get(place);
            StoredObject current = record == null ? null : Records.object(key, record);
            if (current != null && (version == null || current.version().answers(version))) {
                return current;
            }
            if (there.versioning() == Versioning.UNSET) {
                break;
            }
            found = version == null
                    ? VersionTree.newest(backing::scan, there, key)
                    : VersionTree.kept(backing::get, there, key, version);
            boolean settled =
                    found == null ? Arrays.equals(record, backing.get(place)) : found.deleteMarker() || version != null;
            if (settled) {
                break;
            }
        }
        return VersionTree.requireObject(key, version, found);
    }

    /** Opens the current version for reading; to be closed. {@link S3Exception.NoSuchKey} if there is none. */
    public ObjectReader open(String bucket, String key) {
        return open(bucket, key, null);
    }

    /**
     * Opens a version for reading; to be closed. Errors are those of {@link #head(String, String, VersionId)}.
     *
     * @param version null for the current one
     */
    public ObjectReader open(String bucket, String key, @Nullable VersionId version) {
        return openContent(bucket, key, version);
    }

    ContentReader openContent(String bucket, String key, @Nullable VersionId version) {
        long tried = -1;
        for (int attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
            StoredObject object = head(bucket, key, version);
            ContentReader reader = ContentReader.open(backing, object);
            if (reader != null) {
                return reader;
            }
            if (object.generation() == tried) {
                break; // nobody replaced it: its bytes are lost
            }
            tried = object.generation();
        }
        throw new S3Exception.Damaged(key);
    }

    /**
     * The parts of an object that a multipart upload made, in order; none of one that was put as one.
     *
     * @param after only part numbers above it; 0 for all
     * @param limit 0 to 1,001
     */
    public List<Part> parts(ObjectReader reader, int after, int limit) {
        var parts = new ArrayList<Part>();
        if (reader.object().content() instanceof Content.Parts(String uploadId)) {
            PartIndex index = PartIndex.read(backing::get, uploadId);
            int from = after + 1;
            while (index != null && parts.size() < limit && from <= Limits.MAX_PARTS) {
                List<Kv.Entry> page =
                        backing.scan(Keys.part(uploadId, from), Keys.part(uploadId, Limits.MAX_PARTS + 1), limit);
                for (Kv.Entry entry : page) {
                    int number = Keys.partNumber(entry.key());
                    if (index.has(number) && parts.size() < limit) {
                        parts.add(Records.part(number, entry.value()));
                    }
                    from = number + 1;
                }
                if (page.size() < limit) {
                    break;
                }
            }
        }
        return parts;
    }

    /**
     * Copies an object within or across buckets, on this side, by streaming it into a new one.
     *
     * @throws S3Exception.InvalidRequest if source and destination are the same and nothing changes
     * @throws S3Exception.PreconditionFailed if the source's or the destination's condition does not hold
     * @throws S3Exception.EntityTooLarge if the source has more than 5 GiB
     */
    public StoredObject copy(NewCopy copy) {
        byte[] key = ObjectKey.bytes(copy.key());
        CopySource source = copy.source();
        boolean onto = source.bucket().equals(copy.bucket())
                && source.key().equals(copy.key())
                && source.version().isEmpty();
        if (onto
                && copy.metadata().isEmpty()
                && copy.algorithm().isEmpty()
                && !copy.lock().isSet()
                && !copy.protection().map(Protection::asked).orElse(false)) {
            throw new S3Exception.InvalidRequest(
                    "This copy request is illegal because it is trying to copy an object to"
                            + " itself without changing the object's metadata, storage class, website redirect location or"
                            + " encryption attributes.");
        }
        requireEarly(copy.bucket(), key, copy.key(), copy.condition(), copy.lock());
        try (ObjectReader reader = openSource(source)) {
            StoredObject object = reader.object();
            Optional<ChecksumAlgorithm> algorithm =
                    copy.algorithm().or(() -> object.checksum().map(Checksum::algorithm));
            var digests = new RunningDigests(algorithm);
            var dataKey = backing.dataKey(copy.protection());
            try (var intake = new Intake(backing, digests, object.size(), Limits.MAX_PUT_BYTES, dataKey)) {
                sendAll(reader, 0, object.size(), intake);
                RunningDigests.Result result = intake.finish(BodyDigests.NONE);
                return commit(
                        copy.bucket(),
                        copy.key(),
                        copy.condition(),
                        intake,
                        copy.lock(),
                        copy.acl(),
                        intake.etag(result),
                        draft -> draft.checksum(result.checksum(algorithm))
                                .metadata(copy.metadata().orElse(object.metadata()))
                                .tags(copy.tags().orElse(object.tags())));
            }
        }
    }

    /** Opens what is copied, if its condition holds. */
    ObjectReader openSource(CopySource source) {
        ObjectReader reader =
                open(source.bucket(), source.key(), source.version().orElse(null));
        StoredObject object = reader.object();
        if (source.condition().judge(object.etag(), object.lastModified()) != ReadCondition.Verdict.PROCEED) {
            reader.close();
            throw new S3Exception.PreconditionFailed("x-amz-copy-source-If-Match");
        }
        try {
            reader.unlock(source.customerKey());
        } catch (S3Exception refused) {
            reader.close();
            throw refused;
        }
        return reader;
    }

    /** From disk to disk: a failing file is a failing disk. */
    static void sendAll(ObjectReader from, long offset, long length, Intake to) {
        try {
            from.send(offset, length, to);
        } catch (IOException failed) {
            throw new S3Exception.Unavailable(String.valueOf(failed.getMessage()));
        }
    }

    /**
     * Replaces the ACL; the time of change of the object's bytes stays.
     *
     * @param version null for the current one
     */
    public StoredObject setAcl(String bucket, String key, @Nullable VersionId version, Acl acl) {
        return change(bucket, key, version, (_, object) -> object.toBuilder().acl(acl));
    }

    /** Replaces the tags. */
    public StoredObject setTags(String bucket, String key, @Nullable VersionId version, Map<String, String> tags) {
        return change(bucket, key, version, (_, object) -> object.toBuilder().tags(tags));
    }

    /**
     * Replaces the retention.
     *
     * @param retention empty to end it
     * @param bypass whether the caller bypasses governance
     * @throws S3Exception.MissingObjectLock if the bucket has no object lock
     * @throws S3Exception.ObjectLocked if that would shorten or weaken what must stay
     */
    public StoredObject setRetention(
            String bucket, String key, @Nullable VersionId version, Optional<Retention> retention, boolean bypass) {
        Instant now = backing.now();
        return change(bucket, key, version, (there, object) -> {
            requireObjectLock(there);
            requireFuture(retention, now);
            return object.toBuilder().lock(object.lock().withRetention(retention, now, bypass));
        });
    }

    /**
     * Asks for a copy of an archived object that can be read for a while, or for that copy to stay until another time.
     *
     * @param asked from now on
     * @return whether the copy was there
     * @throws S3Exception.RestoreNotAllowed if the object is not archived
     * @throws S3Exception.RestoreInProgress if a copy is awaited already
     */
    public boolean restore(
            String bucket, String key, @Nullable VersionId version, Function<StoredObject, Restoration> asked) {
        Instant now = backing.now();
        var there = new boolean[1];
        change(bucket, key, version, (_, object) -> {
            if (!object.isArchived()) {
                throw new S3Exception.RestoreNotAllowed(object.metadata().storageClass());
            }
            Optional<Restoration> former = object.restoration().filter(one -> !one.isOver(now));
            if (former.isPresent() && former.get().isOngoing(now)) {
                throw new S3Exception.RestoreInProgress();
            }
            there[0] = former.isPresent();
            Restoration next = asked.apply(object);
            Instant ready = former.map(Restoration::ready).orElse(next.ready());
            return object.toBuilder().restoration(Optional.of(new Restoration(ready, next.until())));
        });
        return there[0];
    }

    /** Begins or ends a legal hold. {@link S3Exception.MissingObjectLock} if the bucket has no object lock. */
    public StoredObject setLegalHold(String bucket, String key, @Nullable VersionId version, boolean on) {
        return change(bucket, key, version, (there, object) -> {
            requireObjectLock(there);
            return object.toBuilder().lock(object.lock().withLegalHold(on));
        });
    }

    private static void requireObjectLock(Bucket bucket) {
        if (!bucket.objectLock()) {
            throw new S3Exception.MissingObjectLock();
        }
    }

    private StoredObject change(
            String bucket,
            String key,
            @Nullable VersionId version,
            BiFunction<Bucket, StoredObject, StoredObject.Builder> change) {
        Instant now = backing.now();
        VersionTree.Changed changed = backing.transact(tx -> {
            Bucket there = Backing.bucket(tx, bucket);
            return new VersionTree(tx, there, key, now)
                    .change(version, object -> Replications.again(tx, there, object, change.apply(there, object)));
        });
        if (changed.isCurrent()) {
            backing.changes.raise(Subjects.object(bucket, key), changed.object().generation(), true);
        }
        return changed.object();
    }

    /**
     * Deletes an object, or marks it as deleted where versions are kept; one that is not there is deleted already.
     *
     * @throws S3Exception.PreconditionFailed if it is not as the condition says
     */
    public Removal delete(String bucket, String key, WriteCondition condition) {
        return delete(bucket, new Deletion(key, condition));
    }

    /** Deletes an object or a version of it. */
    public Removal delete(String bucket, Deletion deletion) {
        Outcome outcome = deleteSome(bucket, List.of(deletion)).getFirst();
        if (outcome.refusal().isPresent()) {
            throw outcome.refusal().get();
        }
        return outcome.removal();
    }

    /**
     * Deletes many.
     *
     * @return what became of each of the given ones, in order
     */
    public List<Outcome> deleteAll(String bucket, List<Deletion> deletions) {
        var results = new ArrayList<Outcome>(deletions.size());
        for (int from = 0; from < deletions.size(); from += DELETIONS_AT_ONCE) {
            int to = Math.min(deletions.size(), from + DELETIONS_AT_ONCE);
            results.addAll(deleteSome(bucket, deletions.subList(from, to)));
        }
        return results;
    }

    /**
     * One of many deletions.
     *
     * @param version empty for the object
     * @param bypass whether the caller bypasses governance
     */
    public record Deletion(String key, Optional<VersionId> version, WriteCondition condition, boolean bypass) {
        /** The object, whatever its version. */
        public Deletion(String key, WriteCondition condition) {
            this(key, Optional.empty(), condition, false);
        }
    }

    /**
     * What became of a deletion.
     *
     * @param refusal what stood against it; empty if it is gone
     */
    public record Outcome(Removal removal, Optional<S3Exception> refusal) {}

    private List<Outcome> deleteSome(String bucket, List<Deletion> deletions) {
        Instant now = backing.now();
        ReplicationRules rules = replications.rules(bucket);
        long[] salts = deletions.stream().mapToLong(_ -> VersionId.newSalt()).toArray();
        List<Outcome> results = backing.transact(tx -> {
            Bucket there = Backing.bucket(tx, bucket);
            var outcomes = new ArrayList<Outcome>(deletions.size());
            for (int i = 0; i < salts.length; i++) {
                outcomes.add(deleteOne(tx, there, deletions.get(i), now, salts[i], rules));
            }
            return outcomes;
        });
        for (int i = 0; i < results.size(); i++) {
            Removal removal = results.get(i).removal();
            if (removal.happened() && !removal.sameCurrent()) {
                String subject = Subjects.object(bucket, deletions.get(i).key());
                backing.changes.raise(subject, removal.number(), removal.exists());
            }
        }
        return results;
    }

    private Outcome deleteOne(
            Kv.Tx tx, Bucket bucket, Deletion deletion, Instant now, long salt, ReplicationRules rules) {
        try {
            var tree = new VersionTree(tx, bucket, deletion.key(), now);
            Removal removal = deletion.version().isEmpty()
                    ? tree.delete(deletion.condition(), salt, marker -> replications.begin(tx, bucket, rules, marker))
                    : tree.delete(deletion.version().get(), deletion.condition(), deletion.bypass());
            return new Outcome(removal, Optional.empty());
        } catch (S3Exception refused) { // before anything of this object was written
            return new Outcome(Removal.NOTHING, Optional.of(refused));
        }
    }

    /** A page of the bucket's versions and delete markers. */
    public VersionListing listVersions(VersionListing.Query query) {
        return new VersionWalk(backing, query).run();
    }

    /** A page of the bucket's keys. */
    public Listing list(Listing.Query query) {
        long bucketId = backing.bucket(query.bucket()).id();
        byte[] base = Keys.object(bucketId, new byte[0]);
        var walk = new PrefixWalk(query.prefix(), query.delimiter(), query.after(), query.limit());
        var objects = new ArrayList<StoredObject>();
        Optional<String> next = walk.run(
                backing::scan,
                prefix -> Keys.object(bucketId, prefix),
                key -> Keys.next(Keys.object(bucketId, key)),
                entry -> Arrays.copyOfRange(entry.key(), base.length, entry.key().length),
                (key, entry) -> objects.add(Records.object(ObjectKey.text(key, 0), entry.value())));
        return new Listing(objects, walk.commonPrefixes(), next);
    }
}
