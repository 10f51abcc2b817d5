package jarrah.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Entries that an {@link Overlay} lies on. */
interface Layer {
    byte @Nullable [] get(byte[] key);

    /** As {@link Kv#scan}; the limit may be any positive number. */
    List<Kv.Entry> scan(byte[] from, byte @Nullable [] to, int limit);
}
