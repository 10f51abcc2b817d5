package jarrah.s3.store;

import jarrah.storage.Blobs;
import jarrah.storage.Kv;
import jarrah.storage.StoreChanges;
import java.time.Clock;
import java.util.function.Function;

/** The object store: holds its parts together. */
public final class S3Store implements AutoCloseable {
    private final ChangeFeed feed = new ChangeFeed(System::nanoTime);
    private final Backing backing;
    private final Buckets buckets;
    private final BucketSettings settings;
    private final Objects objects;
    private final Multipart multipart;
    private final Expirations expirations;
    private final Outbox outbox;
    private final Replications replications;
    private final RemoteQueue remoteQueue;
    private final Quotas quotas;
    private final Sweeper sweeper;
    private final StoreCheck check;
    private final Scrubber scrubber;

    /** Opens a store that encrypts nothing. */
    public S3Store(Kv kv, Blobs blobs, Clock clock) {
        this(kv, blobs, clock, ServerKeys.NONE);
    }

    /** Opens a store that replicates nothing. */
    public S3Store(Kv kv, Blobs blobs, Clock clock, ServerKeys keys) {
        this(kv, blobs, clock, keys, _ -> ReplicationRules.NONE);
    }

    /**
     * Opens the store; neither the Kv nor the Blobs is closed with it.
     *
     * @param replication reads a bucket's setting of that kind
     */
    public S3Store(
            Kv kv,
            Blobs blobs,
            Clock clock,
            ServerKeys keys,
            Function<byte[], ? extends ReplicationRules> replication) {
        backing = new Backing(
                kv, blobs, clock, new StoreChanges(subject -> generation(kv, subject), feed::changed), keys);
        buckets = new Buckets(backing);
        settings = new BucketSettings(backing);
        replications = new Replications(backing, settings, replication);
        remoteQueue = new RemoteQueue(backing);
        objects = new Objects(backing, replications);
        multipart = new Multipart(backing, objects, replications);
        expirations = new Expirations(backing);
        outbox = new Outbox(backing);
        quotas = new Quotas(backing);
        sweeper = new Sweeper(backing);
        check = new StoreCheck(backing);
        scrubber = new Scrubber(check);
    }

    public Buckets buckets() {
        return buckets;
    }

    public BucketSettings settings() {
        return settings;
    }

    public Objects objects() {
        return objects;
    }

    public Multipart multipart() {
        return multipart;
    }

    /** What others are to be told. */
    public Outbox outbox() {
        return outbox;
    }

    /** How much buckets may hold. */
    public Quotas quotas() {
        return quotas;
    }

    /** What is to be copied to other buckets. */
    public Replications replications() {
        return replications;
    }

    /** What is to be copied to buckets of other endpoints. */
    public RemoteQueue remoteQueue() {
        return remoteQueue;
    }

    /** What lifecycles do. */
    public Expirations expirations() {
        return expirations;
    }

    /** To be started by the composition root. */
    public Sweeper sweeper() {
        return sweeper;
    }

    /** Counts and checks what is stored. */
    public StoreCheck check() {
        return check;
    }

    /** To be started by the composition root. */
    public Scrubber scrubber() {
        return scrubber;
    }

    /** Tells caches in this process of changes; subjects are named by {@link Subjects}. */
    public StoreChanges changes() {
        return backing.changes;
    }

    /** Tells caches elsewhere of changes. */
    public ChangeFeed feed() {
        return feed;
    }

    private static long generation(Kv kv, String subject) {
        String name = Subjects.bucketOf(subject);
        String key = Subjects.keyOf(subject);
        byte[] record = kv.get(Keys.bucket(name));
        if (record == null) {
            return 0;
        }
        Bucket bucket = Records.bucket(name, record);
        if (key.isEmpty()) {
            return bucket.generation();
        }
        byte[] object = kv.get(Keys.object(bucket.id(), ObjectKey.bytes(key)));
        return object == null ? 0 : Records.object(key, object).generation();
    }

    @Override
    public void close() {
        sweeper.close();
    }
}
