package jarrah.accelerator;

import jarrah.accelerator.site.CacheKey;
import java.util.concurrent.ConcurrentHashMap;

/** Keys whose answers turned out not to be stored: their requests go to the origin side by side, not one by one. */
final class HitForMiss {
    /** A mark says nothing about an object that has changed since; Varnish keeps its own for two minutes as well. */
    private static final long LIFE_MILLIS = 120_000;

    /** Marks of random URLs must not fill the memory. */
    private static final int MAX_MARKS = 20_000;

    private final ConcurrentHashMap<CacheKey, Long> until = new ConcurrentHashMap<>();

    void mark(CacheKey key, long nowMillis) {
        if (until.size() >= MAX_MARKS) {
            until.values().removeIf(end -> end <= nowMillis);
            if (until.size() >= MAX_MARKS) {
                until.clear();
            }
        }
        until.put(key, nowMillis + LIFE_MILLIS);
    }

    boolean marked(CacheKey key, long nowMillis) {
        Long end = until.get(key);
        return end != null && end > nowMillis;
    }

    void clear(CacheKey key) {
        until.remove(key);
    }
}
