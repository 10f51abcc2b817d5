package jarrah.storage;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A {@link Kv} that runs each body twice and keeps the second run, as a store that met a conflict does. */
public final class RunsTwice implements Kv {
    private static final class Again extends RuntimeException {
        Again() {
            super("conflict", null, false, false);
        }
    }

    private final Kv kv;

    public RunsTwice(Kv kv) {
        this.kv = kv;
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return kv.get(key);
    }

    @Override
    public List<Entry> scan(byte[] from, byte @Nullable [] to, int limit) {
        return kv.scan(from, to, limit);
    }

    @Override
    public <T extends @Nullable Object> T transact(Function<Tx, T> body) {
        try {
            kv.transact(tx -> {
                var _ = body.apply(tx);
                throw new Again();
            });
        } catch (Again _) {
            return kv.transact(body);
        }
        throw new AssertionError("A body's exception did not reach the caller");
    }

    @Override
    public void close() {
        kv.close();
    }
}
