package jarrah.s3.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import jarrah.storage.Kv;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Buckets: who owns them, their ACLs, their beginning and end. */
public final class Buckets {
    /** Where re-creating a bucket of one's own is no error. */
    private static final String LENIENT_REGION = "us-east-1";

    private final Backing backing;

    Buckets(Backing backing) {
        this.backing = backing;
    }

    /**
     * Creates a bucket.
     *
     * <p>If it is the owner's already: in us-east-1 its ACL is replaced and that is all, as AWS does there; elsewhere
     * {@link S3Exception.BucketAlreadyOwnedByYou}.
     *
     * @throws S3Exception.InvalidBucketName if the name breaks AWS's rules, or is {@code services}
     * @throws S3Exception.BucketAlreadyExists if it is somebody else's
     * @throws S3Exception.TooManyBuckets beyond {@link Limits#MAX_BUCKETS}
     */
    public Bucket create(NewBucket bucket) {
        BucketName.require(bucket.name());
        Instant now = backing.now();
        return raised(backing.transact(tx -> {
            byte[] there = tx.get(Keys.bucket(bucket.name()));
            return there == null
                    ? put(tx, first(tx, bucket, now))
                    : put(tx, again(Records.bucket(bucket.name(), there), bucket));
        }));
    }

    private static Bucket first(Kv.Tx tx, NewBucket bucket, Instant now) {
        int count = count(tx, bucket.accountId());
        if (count >= Limits.MAX_BUCKETS) {
            throw new S3Exception.TooManyBuckets();
        }
        setCount(tx, bucket.accountId(), count + 1);
        tx.put(Keys.owned(bucket.accountId(), bucket.name()), new byte[] {1});
        long number = Sequence.next(tx);
        return new Bucket(
                bucket.name(),
                number,
                bucket.accountId(),
                bucket.ownerId(),
                bucket.region(),
                now,
                number,
                bucket.acl(),
                bucket.ownership(),
                bucket.objectLock() ? Versioning.ENABLED : Versioning.UNSET,
                bucket.objectLock(),
                Optional.empty());
    }

    private static Bucket again(Bucket there, NewBucket bucket) {
        if (!there.accountId().equals(bucket.accountId())) {
            throw new S3Exception.BucketAlreadyExists(bucket.name());
        }
        if (!bucket.region().equals(LENIENT_REGION)) {
            throw new S3Exception.BucketAlreadyOwnedByYou(bucket.name());
        }
        if (!there.acl().equals(bucket.acl())) {
            throw new S3Exception.BucketAlreadyExists(bucket.name());
        }
        return there;
    }

    private static Bucket put(Kv.Tx tx, Bucket bucket) {
        tx.put(Keys.bucket(bucket.name()), Records.encode(bucket));
        return bucket;
    }

    private static int count(Kv.Tx tx, String accountId) {
        byte[] count = tx.get(Keys.bucketCount(accountId));
        return count == null ? 0 : ByteBuffer.wrap(count).getInt();
    }

    private static void setCount(Kv.Tx tx, String accountId, int count) {
        tx.put(Keys.bucketCount(accountId), ByteBuffer.allocate(4).putInt(count).array());
    }

    private Bucket raised(Bucket bucket) {
        backing.changes.raise(Subjects.bucket(bucket.name()), bucket.generation(), true);
        return bucket;
    }

    /** The bucket. {@link S3Exception.NoSuchBucket} if there is none. */
    public Bucket get(String name) {
        return backing.bucket(name);
    }

    /**
     * An account's buckets, by name.
     *
     * @param prefix that names begin with; may be empty
     * @param after only names behind this one; empty for all
     * @param limit 1 to 10,000
     */
    public Page list(String accountId, String prefix, String after, int limit) {
        byte[] owned = Keys.owned(accountId, "");
        byte[] from = Keys.owned(accountId, after.compareTo(prefix) >= 0 && !after.isEmpty() ? after + "\0" : prefix);
        byte[] to = Keys.behind(Keys.owned(accountId, prefix));
        var buckets = new ArrayList<Bucket>();
        // One more than asked for tells whether there is another page; a bucket deleted meanwhile is left out.
        List<Kv.Entry> names = backing.scan(from, to, Math.min(limit + 1, 10_000));
        for (Kv.Entry entry : names.subList(0, Math.min(limit, names.size()))) {
            String name = name(entry, owned);
            byte[] record = backing.get(Keys.bucket(name));
            if (record != null) {
                buckets.add(Records.bucket(name, record));
            }
        }
        return new Page(
                buckets, names.size() > limit ? Optional.of(name(names.get(limit - 1), owned)) : Optional.empty());
    }

    private static String name(Kv.Entry entry, byte[] owned) {
        return new String(entry.key(), owned.length, entry.key().length - owned.length, UTF_8);
    }

    /**
     * A page of buckets.
     *
     * @param next the name to go on after; empty if this page is the last
     */
    public record Page(List<Bucket> buckets, Optional<String> next) {}

    /**
     * Buckets of all accounts, by name.
     *
     * @param after only names behind this one; empty for all
     * @param limit 1 to 10,000
     */
    public List<Bucket> all(String after, int limit) {
        byte[] from = after.isEmpty() ? Keys.all('b') : Keys.next(Keys.bucket(after));
        int skipped = Keys.all('b').length;
        return backing.scan(from, Keys.behind(Keys.all('b')), limit).stream()
                .map(entry -> Records.bucket(
                        new String(entry.key(), skipped, entry.key().length - skipped, UTF_8), entry.value()))
                .toList();
    }

    /** Replaces the ACL. */
    public Bucket setAcl(String name, Acl acl) {
        return change(name, bucket -> bucket.withAcl(acl));
    }

    /**
     * Begins to keep versions, or stops.
     *
     * @throws S3Exception.InvalidBucketState if object lock or replication needs them
     */
    public Bucket setVersioning(String name, Versioning versioning) {
        return raised(backing.transact(tx -> {
            Bucket bucket = Backing.bucket(tx, name);
            if (versioning != Versioning.ENABLED && BucketSettings.has(tx, bucket, BucketSettings.Kind.REPLICATION)) {
                throw new S3Exception.InvalidBucketState(
                        "A replication configuration is present on this bucket, so you cannot change the versioning"
                                + " state. To change the versioning state, first delete the replication"
                                + " configuration.");
            }
            if (bucket.objectLock() && versioning != Versioning.ENABLED) {
                throw new S3Exception.InvalidBucketState(
                        "An Object Lock configuration is present on this bucket, so the versioning state cannot be"
                                + " changed.");
            }
            return put(tx, bucket.withVersioning(versioning).withGeneration(Sequence.next(tx)));
        }));
    }

    /**
     * Allows versions to be locked, for good.
     *
     * @param retention that new versions get
     * @throws S3Exception.InvalidBucketState if the bucket keeps no versions
     */
    public Bucket setObjectLock(String name, Optional<DefaultRetention> retention) {
        return change(name, bucket -> {
            if (bucket.versioning() != Versioning.ENABLED) {
                throw new S3Exception.InvalidBucketState(
                        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
            }
            return bucket.withObjectLock(retention);
        });
    }

    private Bucket change(String name, UnaryOperator<Bucket> change) {
        return raised(backing.transact(
                tx -> put(tx, change.apply(Backing.bucket(tx, name)).withGeneration(Sequence.next(tx)))));
    }

    /**
     * Says whether ACLs count.
     *
     * @param allowed throws if this bucket cannot have it
     */
    public Bucket setOwnership(String name, ObjectOwnership ownership, Consumer<Bucket> allowed) {
        return raised(backing.transact(tx -> {
            Bucket bucket = Backing.bucket(tx, name);
            allowed.accept(bucket);
            return put(tx, bucket.withOwnership(ownership).withGeneration(Sequence.next(tx)));
        }));
    }

    /**
     * Deletes an empty bucket; multipart uploads in progress end with it.
     *
     * @throws S3Exception.BucketNotEmpty if it has objects, or versions or delete markers
     */
    public void delete(String name) {
        Instant now = backing.now();
        long number = backing.transact(tx -> {
            Bucket bucket = Backing.bucket(tx, name);
            if (!isEmpty(tx, bucket)) {
                throw new S3Exception.BucketNotEmpty(name);
            }
            long next = Sequence.next(tx);
            tx.delete(Keys.bucket(name));
            tx.delete(Keys.owned(bucket.accountId(), name));
            tx.delete(Keys.quota(bucket.id()));
            setCount(tx, bucket.accountId(), count(tx, bucket.accountId()) - 1);
            Garbage.uploadsOf(bucket).note(tx, now);
            return next;
        });
        backing.changes.raise(Subjects.bucket(name), number, false);
    }

    private static boolean isEmpty(Kv.Tx tx, Bucket bucket) {
        byte[] objects = Keys.object(bucket.id(), new byte[0]);
        byte[] versions = Keys.versions(bucket.id());
        return tx.scan(objects, Keys.behind(objects), 1).isEmpty()
                && tx.scan(versions, Keys.behind(versions), 1).isEmpty();
    }
}
