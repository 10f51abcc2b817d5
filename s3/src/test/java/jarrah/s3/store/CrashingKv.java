package jarrah.s3.store;

import jarrah.storage.FaultyDisk;
import jarrah.storage.Kv;
import jarrah.storage.MemoryKv;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A map that loses power together with a disk, at a transaction: just before it is durable, or just after. */
final class CrashingKv implements Kv {
    private final MemoryKv kv;
    private final FaultyDisk disk;
    private long left = -1;
    private boolean durable;

    CrashingKv(MemoryKv kv, FaultyDisk disk) {
        this.kv = kv;
        this.disk = disk;
    }

    /** Crashes in the n-th transaction from here, 1 for the next. */
    void crashIn(long transactions, boolean afterItIsDurable) {
        left = transactions;
        durable = afterItIsDurable;
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        disk.usableBytes(StoreFixture.BLOBS); // throws if the power is off
        return kv.get(key);
    }

    @Override
    public List<Entry> scan(byte[] from, byte @Nullable [] to, int limit) {
        disk.usableBytes(StoreFixture.BLOBS);
        return kv.scan(from, to, limit);
    }

    @Override
    public <T extends @Nullable Object> T transact(Function<Tx, T> body) {
        disk.usableBytes(StoreFixture.BLOBS);
        if (--left != 0) {
            return kv.transact(body);
        }
        if (durable) {
            var _ = kv.transact(body);
        }
        throw disk.crashNow();
    }

    @Override
    public void close() {}
}
