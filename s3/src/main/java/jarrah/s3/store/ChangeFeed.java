package jarrah.s3.store;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The latest changes of the buckets that caches elsewhere follow, in the order in which they were told here: each before
 * it was acknowledged.
 *
 * <p>Whoever follows asks again and again, each time with the cursor of the answer before. Nothing is kept for each of
 * them: a bucket has one bounded list for all, and who comes back after more changes than it holds is told that the
 * sequence is broken. So is who comes with a cursor of another life of the server, or after a bucket was not followed for
 * a while. A bucket that nobody follows costs a look into a map for each change.
 */
public final class ChangeFeed {
    /** Buckets followed at a time; with {@link #KEY_CHARS} it bounds the memory of all lists (32 MiB of keys). */
    static final int MAX_BUCKETS = 256;

    /** Requests that wait at a time. */
    static final int MAX_WAITING = 1_024;

    /** Changes kept for a bucket. */
    static final int MAX_CHANGES = 1_024;

    /** Characters of their keys kept for a bucket. */
    static final int KEY_CHARS = 64 * 1024;

    /** A bucket that nobody asked about for so long is not followed any more. */
    private static final long IDLE_NANOS = Duration.ofMinutes(1).toNanos();

    private final ConcurrentHashMap<String, Followed> buckets = new ConcurrentHashMap<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final SecureRandom random = new SecureRandom();
    private final LongSupplier nanos;

    /** @param nanos a clock that never goes back */
    ChangeFeed(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * What happened since a cursor.
     *
     * @param cursor to ask with the next time
     * @param broken whether more happened than is known: anything may have changed
     * @param bucket whether the bucket itself changed: its ACL, its policy, whether it exists
     * @param keys of objects that changed, each as often as it did
     */
    public record News(String cursor, boolean broken, boolean bucket, List<String> keys) {
        public News {
            keys = List.copyOf(keys);
        }
    }

    /** A followed bucket's latest changes; guarded by its own monitor, but for the count of those who ask. */
    private static final class Followed {
        /** Tells this list from every other that this bucket had or will have. */
        private final String epoch;

        /** Keys, an empty one for the bucket itself. */
        private final ArrayDeque<String> changes = new ArrayDeque<>();

        private int chars;
        private long next;
        /** How many ask at this moment; changed and read under the map's lock on the bucket's name. */
        private int asking;

        private volatile long askedNanos;

        private Followed(String epoch) {
            this.epoch = epoch;
        }

        synchronized void add(String key) {
            changes.addLast(key);
            next++;
            chars += key.length();
            while (changes.size() > MAX_CHANGES || chars > KEY_CHARS) {
                chars -= changes.removeFirst().length();
            }
            notifyAll();
        }

        /** What happened since that position, or null if nothing of that prefix did until the deadline. */
        synchronized News since(long position, String prefix, LongSupplier nanos, long deadline)
                throws InterruptedException {
            long seen = position;
            var keys = new ArrayList<String>();
            while (true) {
                if (seen < next - changes.size() || seen > next) {
                    return new News(cursor(), true, false, List.of());
                }
                boolean bucket = false;
                if (seen < next) {
                    var newest = changes.descendingIterator();
                    for (long at = next; at > seen; at--) {
                        String key = newest.next();
                        bucket |= key.isEmpty();
                        if (!key.isEmpty() && key.startsWith(prefix)) {
                            keys.add(key);
                        }
                    }
                    seen = next;
                }
                long left = deadline - nanos.getAsLong();
                if (bucket || !keys.isEmpty() || left <= 0) {
                    return new News(cursor(), false, bucket, keys);
                }
                wait(left / 1_000_000, (int) (left % 1_000_000));
            }
        }

        synchronized News present() {
            return new News(cursor(), true, false, List.of());
        }

        private String cursor() {
            return epoch + "." + next;
        }

        private long position(String cursor) {
            int dot = cursor.indexOf('.');
            if (dot < 0 || !cursor.substring(0, dot).equals(epoch)) {
                return -1;
            }
            try {
                return Long.parseLong(cursor, dot + 1, cursor.length(), 10);
            } catch (NumberFormatException e) {
                return -1;
            }
        }
    }

    /** A subject of {@link Subjects} has changed, and that is not acknowledged yet. */
    void changed(String subject) {
        if (buckets.isEmpty()) {
            return;
        }
        String bucket = Subjects.bucketOf(subject);
        Followed followed = buckets.get(bucket);
        if (followed != null) {
            followed.add(Subjects.keyOf(subject));
            if (idle(followed)) {
                forgetIfIdle(bucket);
            }
        }
    }

    /**
     * What happened in a bucket; waits for something to happen.
     *
     * @param prefix changes of other objects are left out
     * @param cursor of the former answer; null for the first time, which is answered at once
     * @param patience how long to wait
     * @throws S3Exception.SlowDown if too many buckets are followed, or too many wait
     */
    public News await(String bucket, String prefix, @Nullable String cursor, Duration patience)
            throws InterruptedException {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            throw new S3Exception.SlowDown();
        }
        try {
            Followed followed = enter(bucket);
            try {
                long position = cursor == null ? -1 : followed.position(cursor);
                return position < 0
                        ? followed.present()
                        : followed.since(position, prefix, nanos, nanos.getAsLong() + patience.toNanos());
            } finally {
                leave(bucket);
            }
        } finally {
            waiting.decrementAndGet();
        }
    }

    private Followed enter(String bucket) {
        if (buckets.size() >= MAX_BUCKETS && !buckets.containsKey(bucket)) {
            buckets.keySet().forEach(this::forgetIfIdle);
            if (buckets.size() >= MAX_BUCKETS) {
                throw new S3Exception.SlowDown();
            }
        }
        return buckets.compute(bucket, (_, there) -> {
            Followed followed = there == null ? new Followed(Long.toHexString(random.nextLong())) : there;
            followed.asking++;
            return followed;
        });
    }

    private void leave(String bucket) {
        buckets.computeIfPresent(bucket, (_, followed) -> {
            followed.askedNanos = nanos.getAsLong();
            followed.asking--;
            return followed;
        });
    }

    private boolean idle(Followed followed) {
        return nanos.getAsLong() - followed.askedNanos > IDLE_NANOS;
    }

    private void forgetIfIdle(String bucket) {
        buckets.computeIfPresent(bucket, (_, followed) -> followed.asking == 0 && idle(followed) ? null : followed);
    }

    /** How many buckets are followed. */
    int followed() {
        return buckets.size();
    }
}
