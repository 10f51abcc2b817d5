package jarrah.storage;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An ordered, transactional, durable map of bytes to bytes; keys compare as unsigned bytes.
 *
 * <p>Transactions are serializable, scanned ranges included: one that listed a bucket and found it empty cannot commit
 * beside one that put an object into it. When {@link #transact} returns, the changes are on the disk; nobody sees them
 * before. The limits are such that PostgreSQL, YugabyteDB and FoundationDB could serve this seam.
 */
public interface Kv extends AutoCloseable {
    /** The longest key, bytes. */
    int MAX_KEY_BYTES = 2_304;
    /** The longest value, bytes; a value is never empty. */
    int MAX_VALUE_BYTES = 64 * 1024;
    /** The most keys that a transaction writes. */
    int MAX_TRANSACTION_KEYS = 1_000;
    /** The most bytes of keys and values that a transaction writes. */
    int MAX_TRANSACTION_BYTES = 1_000_000;

    /** The value as last committed; null if there is none. {@link KvException.Corrupt} if its bytes are damaged. */
    byte @Nullable [] get(byte[] key);

    /**
     * Entries of one committed snapshot, in order.
     *
     * @param from the first key, inclusive
     * @param to the end, exclusive; null for the end of the map
     * @param limit the most entries to return, 1 to 10,000
     */
    List<Entry> scan(byte[] from, byte @Nullable [] to, int limit);

    /**
     * Runs the body on a view of its own and commits what it wrote, durably, as one.
     *
     * <p>The body may run more than once and so must have no effect but through the {@link Tx}; it must be quick (two
     * seconds at most), and must not call this Kv. An exception from the body discards its writes and reaches the caller
     * as it is.
     *
     * @throws KvException.ReadOnly after a failed sync. Nobody sees the changes; only for the transactions whose own sync
     *     failed, whether they are there after the map was opened again is open
     * @throws KvException.DiskFull if the disk has no room; nothing was written
     * @throws KvException.TooLarge if the body wrote more than the limits
     */
    <T extends @Nullable Object> T transact(Function<Tx, T> body);

    @Override
    void close();

    /** A transaction's view: what is committed, under its own writes. */
    interface Tx {
        byte @Nullable [] get(byte[] key);

        List<Entry> scan(byte[] from, byte @Nullable [] to, int limit);

        void put(byte[] key, byte[] value);

        /** Removes the key, if it is there. */
        void delete(byte[] key);
    }

    /** A key with its value; both belong to the caller. */
    record Entry(byte[] key, byte[] value) {}
}
