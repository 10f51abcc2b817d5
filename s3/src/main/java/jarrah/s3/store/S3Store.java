package jarrah.s3.store;

import jarrah.storage.Blobs;
import jarrah.storage.Kv;
import jarrah.storage.StoreChanges;
import java.time.Clock;

/** The object store: holds its parts together. */
@SuppressWarnings("DoNotCallSuggester")
public final class S3Store implements AutoCloseable {
    private final Buckets buckets = new Buckets();
    private final Objects objects = new Objects();
    private final Multipart multipart = new Multipart();
    private final Sweeper sweeper = new Sweeper();
    private final StoreChanges changes = new StoreChanges(this::currentGeneration);

    /** Opens the store; neither the Kv nor the Blobs is closed with it. */
    public S3Store(Kv kv, Blobs blobs, Clock clock) {}

    public Buckets buckets() {
        return buckets;
    }

    public Objects objects() {
        return objects;
    }

    public Multipart multipart() {
        return multipart;
    }

    /** To be started by the composition root. */
    public Sweeper sweeper() {
        return sweeper;
    }

    /** Tells caches in this process of changes; subjects are named by {@link Subjects}. */
    public StoreChanges changes() {
        return changes;
    }

    /** The committed generation of a subject; 0 if it does not exist. */
    public long currentGeneration(String subject) {
        throw Later.now();
    }

    @Override
    public void close() {}
}
