package jarrah.s3.store;

import jarrah.storage.Kv;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How much a bucket may hold. What it holds is counted from the day it has a quota, in the transactions that change it,
 * so writers that come together do not pass the limit together.
 *
 * <pre>
 * quota  1, most versions, most bytes (0: no limit), versions, bytes, counted up to
 * </pre>
 *
 * <p>What was there before is counted a page at a time, in the order of keys; meanwhile changes count only where the count
 * has been. Each write goes on with it, so a crash in the middle is made good.
 */
public final class Quotas {
    private static final int PAGE = 1_000;
    private static final byte[] ALL = new byte[0];

    private final Backing backing;

    Quotas(Backing backing) {
        this.backing = backing;
    }

    /**
     * A bucket's quota.
     *
     * @param mostVersions versions that are no delete markers; 0 for no limit
     * @param mostBytes of these versions; 0 for no limit
     * @param versions that there are
     * @param bytes that they have
     */
    public record Quota(long mostVersions, long mostBytes, long versions, long bytes) {}

    /** A bucket's quota; empty if it has none. */
    public Optional<Quota> get(String bucket) {
        long id = backing.bucket(bucket).id();
        byte[] record = backing.get(Keys.quota(id));
        if (record == null) {
            return Optional.empty();
        }
        while (record != null && new Count(record).isUnderWay()) {
            record = backing.<byte @Nullable []>transact(tx -> {
                Count count = Count.of(tx, id);
                if (count != null) {
                    count.goOn(tx, id);
                    tx.put(Keys.quota(id), count.toBytes());
                }
                return count == null ? null : count.toBytes();
            });
        }
        return Optional.ofNullable(record).map(there -> new Count(there).quota());
    }

    /** Sets a bucket's limits, and counts what it holds. A bucket that holds more keeps it, but takes no more. */
    public Quota set(String bucket, long mostVersions, long mostBytes) {
        backing.transact(tx -> {
            long id = Backing.bucket(tx, bucket).id();
            Count count = Count.of(tx, id);
            if (count == null) {
                count = new Count(new Quota(0, 0, 0, 0), Keys.object(id, new byte[0]));
            }
            count.limit(mostVersions, mostBytes);
            tx.put(Keys.quota(id), count.toBytes());
            return true;
        });
        return get(bucket).orElseThrow(() -> new S3Exception.NoSuchBucket(bucket));
    }

    /** Takes the limits away. */
    public void remove(String bucket) {
        backing.transact(tx -> {
            tx.delete(Keys.quota(Backing.bucket(tx, bucket).id()));
            return true;
        });
    }

    /**
     * Spares a client an upload that will not fit; what holds is decided in the transaction.
     *
     * @param length bytes, or -1 if nobody knows
     */
    static void requireRoom(Backing backing, Bucket bucket, long length) {
        byte[] record = backing.get(Keys.quota(bucket.id()));
        if (record != null) {
            Quota quota = new Count(record).quota();
            // What is replaced gives its bytes back, so that only an object larger than all is sure not to fit.
            if (quota.mostBytes > 0 && length > quota.mostBytes) {
                throw new S3Exception.QuotaExceeded();
            }
        }
    }

    /** A count under way in a transaction; used by one thread. */
    static final class Count {
        private long mostVersions;
        private long mostBytes;
        private long versions;
        private long bytes;
        /** Records up to this key are counted; empty if all are. */
        private byte[] upTo;

        private Count(Quota quota, byte[] upTo) {
            limit(quota.mostVersions, quota.mostBytes);
            versions = quota.versions;
            bytes = quota.bytes;
            this.upTo = upTo;
        }

        private Count(byte[] record) {
            var in = new RecordReader(record, 1);
            mostVersions = in.number();
            mostBytes = in.number();
            versions = in.number();
            bytes = in.number();
            upTo = in.blob();
        }

        /** That of a bucket; null if it has no quota. */
        static @Nullable Count of(Kv.Tx tx, long bucketId) {
            byte[] record = tx.get(Keys.quota(bucketId));
            return record == null ? null : new Count(record);
        }

        private void limit(long nextVersions, long nextBytes) {
            mostVersions = nextVersions;
            mostBytes = nextBytes;
        }

        Quota quota() {
            return new Quota(mostVersions, mostBytes, versions, bytes);
        }

        boolean isUnderWay() {
            return upTo.length > 0;
        }

        byte[] toBytes() {
            return new RecordWriter(1)
                    .number(mostVersions)
                    .number(mostBytes)
                    .number(versions)
                    .number(bytes)
                    .blob(upTo)
                    .toBytes();
        }

        /** Counts another page of what was there before. */
        void goOn(Kv.Tx tx, long bucketId) {
            byte[] objects = Keys.object(bucketId, new byte[0]);
            byte[] olders = Keys.versions(bucketId);
            for (byte[] prefix : List.of(objects, olders)) {
                byte[] end = Keys.behind(prefix);
                if (Arrays.compareUnsigned(upTo, end) >= 0) {
                    continue;
                }
                byte[] from = Arrays.compareUnsigned(upTo, prefix) < 0 ? prefix : Keys.next(upTo);
                List<Kv.Entry> page = tx.scan(from, end, PAGE);
                for (Kv.Entry entry : page) {
                    add(Records.object("", entry.value()), 1);
                }
                upTo = page.size() == PAGE ? page.getLast().key() : end;
                if (page.size() == PAGE) {
                    return;
                }
            }
            upTo = ALL;
        }

        /** A record takes the place of another one. */
        void changed(byte[] key, byte @Nullable [] former, byte @Nullable [] next) {
            if (isUnderWay() && Arrays.compareUnsigned(key, upTo) > 0) {
                return;
            }
            if (former != null) {
                add(Records.object("", former), -1);
            }
            if (next != null) {
                add(Records.object("", next), 1);
            }
        }

        private void add(StoredObject version, int sign) {
            if (!version.deleteMarker()) {
                versions += sign;
                bytes += sign * version.size();
            }
        }

        /**
         * Passes if there is room for what a transaction adds.
         *
         * @param before what there was when it began
         */
        void requireRoom(Quota before) {
            if (mostVersions > 0 && versions > mostVersions && versions > before.versions
                    || mostBytes > 0 && bytes > mostBytes && bytes > before.bytes) {
                throw new S3Exception.QuotaExceeded();
            }
        }
    }
}
