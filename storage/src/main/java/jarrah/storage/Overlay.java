package jarrah.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes that are not in the map yet, seen over what is under them: a transaction over its batch, a batch over what is
 * committed. Owned by one thread.
 */
final class Overlay implements Kv.Tx, Layer {
    /** Stands for a removed key: no value is empty. */
    private static final byte[] REMOVED = {};

    private final Layer base;
    private final TreeMap<byte[], byte[]> changes = new TreeMap<>(Arrays::compareUnsigned);
    private long bytes;
    private int removals;

    Overlay(Layer base) {
        this.base = base;
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        byte[] changed = changes.get(key);
        if (changed == null) {
            return base.get(key);
        }
        return changed.length == 0 ? null : changed.clone();
    }

    @Override
    public List<Kv.Entry> scan(byte[] from, byte @Nullable [] to, int limit) {
        if (to != null && Arrays.compareUnsigned(from, to) >= 0) {
            return List.of();
        }
        var mine = (to == null ? changes.tailMap(from, true) : changes.subMap(from, true, to, false))
                .entrySet()
                .iterator();
        if (!mine.hasNext()) {
            return base.scan(from, to, limit);
        }
        // A change hides at most one entry of the base: so many more are enough, however many the base holds.
        var under = base.scan(from, to, limit + changesWithin(from, to)).iterator();
        var merged = new ArrayList<Kv.Entry>();
        Map.Entry<byte[], byte[]> change = mine.next();
        Kv.Entry entry = next(under);
        while (merged.size() < limit && (change != null || entry != null)) {
            int order = change == null ? 1 : entry == null ? -1 : Arrays.compareUnsigned(change.getKey(), entry.key());
            if (order > 0 && entry != null) {
                merged.add(entry);
            } else if (change != null && change.getValue().length > 0) {
                merged.add(
                        new Kv.Entry(change.getKey().clone(), change.getValue().clone()));
            }
            if (order >= 0) {
                entry = next(under);
            }
            if (order <= 0) {
                change = mine.hasNext() ? mine.next() : null;
            }
        }
        return merged;
    }

    private static Kv.@Nullable Entry next(Iterator<Kv.Entry> entries) {
        return entries.hasNext() ? entries.next() : null;
    }

    private int changesWithin(byte[] from, byte @Nullable [] to) {
        return (to == null ? changes.tailMap(from, true) : changes.subMap(from, true, to, false)).size();
    }

    @Override
    public void put(byte[] key, byte[] value) {
        if (value.length == 0 || value.length > Kv.MAX_VALUE_BYTES) {
            throw new KvException.TooLarge(
                    "A value of %,d bytes; 1 to %,d are allowed".formatted(value.length, Kv.MAX_VALUE_BYTES));
        }
        change(key, value.clone());
    }

    @Override
    public void delete(byte[] key) {
        change(key, REMOVED);
    }

    private void change(byte[] key, byte[] value) {
        if (key.length > Kv.MAX_KEY_BYTES) {
            throw new KvException.TooLarge(
                    "A key of %,d bytes; at most %,d are allowed".formatted(key.length, Kv.MAX_KEY_BYTES));
        }
        record(key.clone(), value);
        if (changes.size() > Kv.MAX_TRANSACTION_KEYS || bytes > Kv.MAX_TRANSACTION_BYTES) {
            throw new KvException.TooLarge("A transaction of %,d keys and %,d bytes; %,d keys and %,d bytes are allowed"
                    .formatted(changes.size(), bytes, Kv.MAX_TRANSACTION_KEYS, Kv.MAX_TRANSACTION_BYTES));
        }
    }

    private void record(byte[] key, byte[] value) {
        byte[] former = changes.put(key, value);
        bytes += value.length - (former == null ? -key.length : former.length);
        removals += (value.length == 0 ? 1 : 0) - (former != null && former.length == 0 ? 1 : 0);
    }

    /** Takes over the changes of a transaction that lay on this one; a batch has no limits of its own. */
    void absorb(Overlay above) {
        above.changes.forEach(this::record);
    }

    /** Calls back for each change in the order of keys; the value is null for a removed key. */
    void forEach(Change change) {
        changes.forEach((key, value) -> change.accept(key, value.length == 0 ? null : value));
    }

    boolean isEmpty() {
        return changes.isEmpty();
    }

    /** Bytes of all changed keys and values. */
    long bytes() {
        return bytes;
    }

    /** The number of keys that it removes. */
    int removals() {
        return removals;
    }

    /** A changed key. */
    interface Change {
        void accept(byte[] key, byte @Nullable [] value);
    }
}
