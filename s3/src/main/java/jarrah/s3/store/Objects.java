package jarrah.s3.store;

import jarrah.storage.Kv;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Objects: put, get, copy, delete, list. All block; to be called on virtual threads. */
public final class Objects {
    /** Deletions that share a transaction: each writes up to six keys, and a transaction 1,000. */
    private static final int DELETIONS_AT_ONCE = 100;
    /** A record that changes between looking it up and opening its bytes is looked up again; so often at most. */
    private static final int OPEN_ATTEMPTS = 20;

    private final Backing backing;

    Objects(Backing backing) {
        this.backing = backing;
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
        requireEarly(object.bucket(), key, object.key(), object.condition());
        var digests = new RunningDigests(object.digests().algorithm());
        try (var intake = new Intake(backing, digests, object.length(), Limits.MAX_PUT_BYTES)) {
            intake.readAll(body, object.length());
            RunningDigests.Result result = intake.finish(object.digests());
            return commit(
                    object.bucket(),
                    object.key(),
                    object.condition(),
                    intake,
                    result,
                    result.checksum(object.digests().algorithm()),
                    object.metadata(),
                    object.acl());
        }
    }

    // A condition that fails already, or a bucket that is not there, need not cost the client its upload; what holds
    // is decided in the transaction.
    private void requireEarly(String bucket, byte[] key, String name, WriteCondition condition) {
        Bucket there = backing.bucket(bucket);
        if (!condition.equals(WriteCondition.NONE)) {
            condition.require(name, etag(name, backing.get(Keys.object(there.id(), key))));
        }
    }

    private static @Nullable String etag(String key, byte @Nullable [] record) {
        return record == null ? null : Records.object(key, record).etag();
    }

    private StoredObject commit(
            String bucket,
            String key,
            WriteCondition condition,
            Intake intake,
            RunningDigests.Result digests,
            Optional<Checksum> checksum,
            Metadata metadata,
            Acl acl) {
        Instant now = backing.now();
        StoredObject put;
        try {
            put = backing.transact(tx -> {
                byte[] place = Keys.object(Backing.bucket(tx, bucket).id(), ObjectKey.bytes(key));
                replace(tx, place, key, condition, now);
                long number = Sequence.next(tx);
                Content content = intake.refer(tx, number);
                var object = new StoredObject(
                        key, number, intake.length(), now, digests.etag(), metadata, acl, checksum, 0, content);
                tx.put(place, Records.encode(object));
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

    /** Checks the condition against what is there, and lets go of its bytes. */
    static void replace(Kv.Tx tx, byte[] place, String key, WriteCondition condition, Instant now) {
        byte[] record = tx.get(place);
        StoredObject former = record == null ? null : Records.object(key, record);
        condition.require(key, former == null ? null : former.etag());
        if (former != null) {
            Garbage.drop(tx, former.content(), now);
        }
    }

    /** The object's record. {@link S3Exception.NoSuchKey} if there is none. */
    public StoredObject head(String bucket, String key) {
        byte[] record = backing.get(Keys.object(backing.bucket(bucket).id(), ObjectKey.bytes(key)));
        if (record == null) {
            throw new S3Exception.NoSuchKey(key);
        }
        return Records.object(key, record);
    }

    /** Opens the object for reading; to be closed. {@link S3Exception.NoSuchKey} if there is none. */
    public ObjectReader open(String bucket, String key) {
        long tried = -1;
        for (int attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
            StoredObject object = head(bucket, key);
            ObjectReader reader = ContentReader.open(backing, object);
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
     * @param limit 1 to 1,000
     */
    public List<Part> parts(String bucket, String key, int after, int limit) {
        var parts = new ArrayList<Part>();
        try (ObjectReader reader = open(bucket, key)) {
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
        boolean onto = source.bucket().equals(copy.bucket()) && source.key().equals(copy.key());
        if (onto && copy.metadata().isEmpty() && copy.algorithm().isEmpty()) {
            throw new S3Exception.InvalidRequest(
                    "This copy request is illegal because it is trying to copy an object to"
                            + " itself without changing the object's metadata, storage class, website redirect location or"
                            + " encryption attributes.");
        }
        requireEarly(copy.bucket(), key, copy.key(), copy.condition());
        try (ObjectReader reader = openSource(source)) {
            StoredObject object = reader.object();
            Optional<ChecksumAlgorithm> algorithm =
                    copy.algorithm().or(() -> object.checksum().map(Checksum::algorithm));
            var digests = new RunningDigests(algorithm);
            try (var intake = new Intake(backing, digests, object.size(), Limits.MAX_PUT_BYTES)) {
                sendAll(reader, 0, object.size(), intake);
                RunningDigests.Result result = intake.finish(BodyDigests.NONE);
                return commit(
                        copy.bucket(),
                        copy.key(),
                        copy.condition(),
                        intake,
                        result,
                        result.checksum(algorithm),
                        copy.metadata().orElse(object.metadata()),
                        copy.acl());
            }
        }
    }

    /** Opens what is copied, if its condition holds. */
    ObjectReader openSource(CopySource source) {
        ObjectReader reader = open(source.bucket(), source.key());
        StoredObject object = reader.object();
        if (source.condition().judge(object.etag(), object.lastModified()) != ReadCondition.Verdict.PROCEED) {
            reader.close();
            throw new S3Exception.PreconditionFailed("x-amz-copy-source-If-Match");
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

    /** Replaces the ACL; the time of change of the object's bytes stays. */
    public StoredObject setAcl(String bucket, String key, Acl acl) {
        StoredObject changed = backing.transact(tx -> {
            byte[] place = Keys.object(Backing.bucket(tx, bucket).id(), ObjectKey.bytes(key));
            byte[] record = tx.get(place);
            if (record == null) {
                throw new S3Exception.NoSuchKey(key);
            }
            StoredObject former = Records.object(key, record);
            var object = new StoredObject(
                    key,
                    Sequence.next(tx),
                    former.size(),
                    former.lastModified(),
                    former.etag(),
                    former.metadata(),
                    acl,
                    former.checksum(),
                    former.parts(),
                    former.content());
            tx.put(place, Records.encode(object));
            return object;
        });
        backing.changes.raise(Subjects.object(bucket, key), changed.generation(), true);
        return changed;
    }

    /**
     * Deletes an object; one that is not there is deleted already, unless the condition wants it.
     *
     * @return whether it was there
     */
    public boolean delete(String bucket, String key, WriteCondition condition) {
        var deleted = deleteSome(bucket, List.of(new Deletion(key, condition))).getFirst();
        if (deleted.refusal != null) {
            throw deleted.refusal;
        }
        return deleted.number > 0;
    }

    /**
     * Deletes many.
     *
     * @return for each of the given ones, in order, what stood against it; empty if it is gone
     */
    public List<Optional<S3Exception>> deleteAll(String bucket, List<Deletion> deletions) {
        var results = new ArrayList<Optional<S3Exception>>(deletions.size());
        for (int from = 0; from < deletions.size(); from += DELETIONS_AT_ONCE) {
            int to = Math.min(deletions.size(), from + DELETIONS_AT_ONCE);
            deleteSome(bucket, deletions.subList(from, to))
                    .forEach(deleted -> results.add(Optional.ofNullable(deleted.refusal)));
        }
        return results;
    }

    /** One of many deletions. */
    public record Deletion(String key, WriteCondition condition) {}

    /**
     * What became of a deletion.
     *
     * @param number of the change; 0 if there was nothing to delete
     */
    private record Deleted(long number, @Nullable S3Exception refusal) {}

    private List<Deleted> deleteSome(String bucket, List<Deletion> deletions) {
        Instant now = backing.now();
        List<Deleted> results = backing.transact(tx -> {
            long bucketId = Backing.bucket(tx, bucket).id();
            return deletions.stream()
                    .map(deletion -> deleteOne(tx, bucketId, deletion, now))
                    .toList();
        });
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i).number > 0) {
                backing.changes.raise(Subjects.object(bucket, deletions.get(i).key()), results.get(i).number, false);
            }
        }
        return results;
    }

    private static Deleted deleteOne(Kv.Tx tx, long bucketId, Deletion deletion, Instant now) {
        try {
            byte[] place = Keys.object(bucketId, ObjectKey.bytes(deletion.key()));
            boolean there = tx.get(place) != null;
            replace(tx, place, deletion.key(), deletion.condition(), now);
            if (!there) {
                return new Deleted(0, null);
            }
            tx.delete(place);
            return new Deleted(Sequence.next(tx), null);
        } catch (S3Exception refused) { // before anything of this object was written
            return new Deleted(0, refused);
        }
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
