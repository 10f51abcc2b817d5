package jarrah.s3.store;

import jarrah.storage.BlobException;
import jarrah.storage.Blobs;
import jarrah.storage.Kv;
import jarrah.storage.KvException;
import jarrah.storage.StoreChanges;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all operations stand on, with the store's faults turned into S3's words. */
final class Backing {
    private static final Logger LOG = LoggerFactory.getLogger(Backing.class);

    final Blobs blobs;
    final StoreChanges changes;
    final BlobLeases leases;
    final Pins pins = new Pins();
    final ServerKeys keys;
    private final BucketCache buckets;
    private final Kv kv;
    private final Clock clock;

    Backing(Kv kv, Blobs blobs, Clock clock, StoreChanges changes, ServerKeys keys) {
        this.keys = keys;
        this.kv = kv;
        this.blobs = blobs;
        this.clock = clock;
        this.changes = changes;
        leases = new BlobLeases(this);
        buckets = new BucketCache(changes, name -> bucket(name, get(Keys.bucket(name))));
    }

    /** A data key for bytes that shall be protected so. */
    Optional<ServerKeys.DataKey> dataKey(Optional<Protection> protection) {
        return protection.map(wanted -> wanted.mode().kind() == Encryption.Kind.CUSTOMER
                ? CustomerKeys.make(wanted.mode(), wanted.customerKey())
                : keys.make(wanted.mode()));
    }

    /** The time, to the millisecond that records keep. */
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    byte @Nullable [] get(byte[] key) {
        try {
            return kv.get(key);
        } catch (KvException failed) {
            throw translated(failed);
        }
    }

    List<Kv.Entry> scan(byte[] from, byte[] to, int limit) {
        try {
            return kv.scan(from, to, limit);
        } catch (KvException failed) {
            throw translated(failed);
        }
    }

    <T extends @Nullable Object> T transact(Function<Kv.Tx, T> body) {
        try {
            return kv.transact(body);
        } catch (KvException failed) {
            throw translated(failed);
        }
    }

    /** The bucket of a name. {@link S3Exception.NoSuchBucket} if there is none. */
    Bucket bucket(String name) {
        return buckets.get(name);
    }

    static Bucket bucket(Kv.Tx tx, String name) {
        return bucket(name, tx.get(Keys.bucket(name)));
    }

    private static Bucket bucket(String name, byte @Nullable [] record) {
        if (record == null) {
            throw new S3Exception.NoSuchBucket(name);
        }
        return Records.bucket(name, record);
    }

    static S3Exception translated(KvException failed) {
        return switch (failed) {
            case KvException.DiskFull full -> unavailable("the disk is full", full);
            case KvException.ReadOnly readOnly -> unavailable("the disk failed", readOnly);
            case KvException.Corrupt corrupt -> damaged("a record", corrupt);
            case KvException.TooLarge ours -> throw ours; // the store asked for more than it may
        };
    }

    /**
     * @param what of the client's the blob belongs to
     */
    static S3Exception translated(BlobException failed, String what) {
        return switch (failed) {
            case BlobException.DiskFull full -> unavailable("the disk is full", full);
            case BlobException.ReadOnly readOnly -> unavailable("the disk failed", readOnly);
            case BlobException.Failed broken -> unavailable("the disk failed", broken);
            case BlobException.Missing missing -> damaged(what, missing);
            case BlobException.Corrupt corrupt -> damaged(what, corrupt);
        };
    }

    private static S3Exception unavailable(String reason, Exception cause) {
        LOG.warn("A write was refused: {}", cause.getMessage());
        return new S3Exception.Unavailable(reason);
    }

    private static S3Exception damaged(String what, Exception cause) {
        LOG.error("{} is damaged: {}", what, cause.getMessage());
        return new S3Exception.Damaged(what);
    }
}
