package jarrah.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A {@link Kv} in memory, with the limits of the real one; guarded by itself. */
public final class MemoryKv implements Kv {
    private final TreeMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
    private final Layer committed = new Layer() {
        @Override
        public byte @Nullable [] get(byte[] key) {
            byte[] value = entries.get(key);
            return value == null ? null : value.clone();
        }

        @Override
        public List<Entry> scan(byte[] from, byte @Nullable [] to, int limit) {
            var found = new ArrayList<Entry>();
            for (var entry : range(from, to).entrySet()) {
                if (found.size() == limit) {
                    break;
                }
                found.add(new Entry(entry.getKey().clone(), entry.getValue().clone()));
            }
            return found;
        }
    };
    private boolean running;
    private boolean closed;

    public MemoryKv() {}

    /** A map with the same entries: what a restart would find. */
    public synchronized MemoryKv copy() {
        var copy = new MemoryKv();
        copy.entries.putAll(entries);
        return copy;
    }

    private SortedMap<byte[], byte[]> range(byte[] from, byte @Nullable [] to) {
        if (to == null) {
            return entries.tailMap(from);
        }
        return Arrays.compareUnsigned(from, to) >= 0 ? entries.subMap(to, to) : entries.subMap(from, to);
    }

    @Override
    public synchronized byte @Nullable [] get(byte[] key) {
        requireUsable();
        return committed.get(key);
    }

    @Override
    public synchronized List<Entry> scan(byte[] from, byte @Nullable [] to, int limit) {
        requireUsable();
        if (limit < 1 || limit > 10_000) {
            throw new IllegalArgumentException("A limit of " + limit);
        }
        return committed.scan(from, to, limit);
    }

    @Override
    public synchronized <T extends @Nullable Object> T transact(Function<Tx, T> body) {
        requireUsable();
        var own = new Overlay(committed);
        T result;
        running = true;
        try {
            result = body.apply(own);
        } finally {
            running = false;
        }
        own.forEach((key, value) -> {
            if (value == null) {
                entries.remove(key);
            } else {
                entries.put(key, value);
            }
        });
        return result;
    }

    private void requireUsable() {
        if (running || closed) {
            throw new IllegalStateException(
                    running ? "A transaction's body must use its Tx, not the Kv" : "The map is closed");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
