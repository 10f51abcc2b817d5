package jarrah.storage;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * Tells caches in this process whether what they hold is still what the store holds.
 *
 * <p>Each subject (an object, a bucket) has a <em>generation</em>: a number that the store keeps in the subject's own
 * record, takes from one ascending counter at each change, in the same transaction as the change, and that is 0 while
 * the subject does not exist. So a deleted and recreated object never has an earlier generation again.
 *
 * <p>A cache reads {@link Watch#generation()} <em>before</em> it fetches, keeps the number with its copy, and compares
 * the two at each hit: one volatile read. The store calls {@link #raise} after the commit and before it acknowledges
 * the change. A fetch that ran beside the change then carries the older number and its copy is never served.
 */
public final class StoreChanges {
    private final ConcurrentHashMap<String, Watch> watches = new ConcurrentHashMap<>();
    private final ToLongFunction<String> current;
    private final Consumer<String> listener;

    /**
     * @param current reads a subject's committed generation from the store; 0 if it does not exist
     */
    public StoreChanges(ToLongFunction<String> current) {
        this(current, _ -> {});
    }

    /**
     * Tells also of changes that nobody watches.
     *
     * @param listener hears the subject of each change before it is acknowledged; must not block
     */
    public StoreChanges(ToLongFunction<String> current, Consumer<String> listener) {
        this.current = current;
        this.listener = listener;
    }

    /**
     * Starts to watch a subject, or shares the watch that is there; blocks for one read of the store.
     *
     * @param subject the store's own name for it; see {@code jarrah.s3}
     */
    public Watch watch(String subject) {
        Watch watch = watches.compute(subject, (name, there) -> {
            var kept = there == null ? new Watch(name) : there;
            kept.holders.incrementAndGet();
            return kept;
        });
        watch.load(current);
        return watch;
    }

    /**
     * The store has committed a change of the subject. To be called before the change is acknowledged; calls for one
     * subject may come out of order.
     *
     * @param sequence the number that the change took from the counter
     * @param exists whether the subject exists after the change; then its generation is the sequence, else 0
     */
    public void raise(String subject, long sequence, boolean exists) {
        Watch watch = watches.get(subject);
        if (watch != null) {
            watch.raise(sequence, exists ? sequence : 0);
        }
        listener.accept(subject);
    }

    /** The number of subjects being watched. */
    public int watched() {
        return watches.size();
    }

    /** A subject's generation, kept up to date for as long as somebody holds it. */
    public final class Watch implements AutoCloseable {
        private final String subject;
        private final AtomicInteger holders = new AtomicInteger();
        private volatile long generation = -1;
        /** The newest change seen; guarded by this. */
        private long sequence = -1;

        private Watch(String subject) {
            this.subject = subject;
        }

        /** The subject's generation now; 0 while it does not exist. */
        public long generation() {
            return generation;
        }

        // The first read of the store races with raises: whoever comes first under the lock, a raise that came after
        // our
        // registration is never overwritten by the older number that we read.
        private void load(ToLongFunction<String> source) {
            if (generation >= 0) {
                return;
            }
            long read = source.applyAsLong(subject);
            synchronized (this) {
                if (generation < 0) {
                    generation = read;
                    sequence = read;
                }
            }
        }

        // A put that is slow to report must not undo the report of the delete that followed it.
        private synchronized void raise(long changed, long next) {
            if (changed > sequence) {
                sequence = changed;
                generation = next;
            }
        }

        /** Lets go; the subject is forgotten when nobody holds it. */
        @Override
        public void close() {
            watches.computeIfPresent(subject, (name, there) -> holders.decrementAndGet() <= 0 ? null : there);
        }
    }
}
