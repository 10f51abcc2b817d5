package jarrah.accelerator.origin;

import jarrah.accelerator.store.Generations;
import jarrah.accelerator.store.Lease;
import jarrah.http.PercentCoding;
import jarrah.storage.StoreChanges;
import java.net.ProtocolException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of the changes of a bucket elsewhere: numbers of this node's own for the bucket and for each object that
 * it has copies of, as a store in the same process has them, and the lease under which they count. Says what the answers
 * of the store mean, and asks nothing itself; {@link ChangeFollower} does.
 *
 * <p>The numbers begin at random in each process, so that none that lies in a file from an earlier one ever comes again.
 * A broken sequence is a change of the bucket: then each copy is revalidated once.
 */
final class BucketChanges {
    private static final Logger LOG = LoggerFactory.getLogger(BucketChanges.class);

    /** How long the first fetches wait for the store to say whether it tells of changes. */
    private static final long FIRST_ANSWER_MILLIS = 1_000;

    private static final String REVALIDATES = "without a lease every hit is revalidated";

    private static final String BUCKET = "b";

    private final String name;
    private final boolean insisting;
    private final Lease lease;
    private final StoreChanges changes = new StoreChanges(_ -> number());
    private volatile long number = new SecureRandom().nextLong() >>> 2;
    private volatile boolean follows;
    private volatile boolean byTime;
    private volatile boolean answered;
    private final LongAdder lapses = new LongAdder();
    private final LongAdder told = new LongAdder();
    private volatile @Nullable String trouble;

    /**
     * What the store says to one who asks for changes; {@code jarrah.s3.wire} has the format.
     *
     * @param cursor to ask with the next time
     * @param broken whether more may have changed than is told
     * @param bucket whether the bucket itself changed
     * @param keys of objects that changed
     */
    record News(String cursor, boolean broken, boolean bucket, List<String> keys) {
        News {
            keys = List.copyOf(keys);
        }

        /** @throws ProtocolException if it is something else */
        static News parse(String text) throws ProtocolException {
            String cursor = null;
            boolean broken = false;
            boolean bucket = false;
            var keys = new ArrayList<String>();
            for (String line : text.lines().toList()) {
                int space = line.indexOf(' ');
                String value = space < 0 ? "" : line.substring(space + 1);
                switch (space < 0 ? line : line.substring(0, space)) {
                    case "cursor" -> cursor = value;
                    case "broken" -> broken = true;
                    case "bucket" -> bucket = true;
                    case "key" ->
                        keys.add(PercentCoding.decode(value)
                                .orElseThrow(() -> new ProtocolException("no key: " + line)));
                    default -> throw new ProtocolException("no news of changes");
                }
            }
            if (cursor == null) {
                throw new ProtocolException("no news of changes");
            }
            return new News(cursor, broken, bucket, keys);
        }
    }

    /**
     * Nothing is known yet.
     *
     * @param name of the bucket and its store, for the log
     * @param insisting whether copies never live by time, even if the store does not tell of changes
     * @param nanos a clock that never goes back
     */
    BucketChanges(String name, boolean insisting, LongSupplier nanos, Clock clock) {
        this.name = name;
        this.insisting = insisting;
        lease = new Lease(nanos, clock);
    }

    private long number() {
        return number;
    }

    /** To be called before the store is asked. */
    Lease.Moment asking() {
        return lease.now();
    }

    /** The store has answered what it was asked at that moment. By one thread. */
    void told(Lease.Moment asked, News news) {
        if (follows && !lease.held()) {
            lapses.increment();
        }
        if (news.broken() || news.bucket() || !follows) {
            change(BUCKET);
        }
        news.keys().forEach(key -> change("o/" + key));
        told.add(news.keys().size() + (news.bucket() ? 1 : 0));
        lease.renew(asked); // after the changes: whoever sees the lease sees them
        if (!follows || trouble != null) {
            LOG.info("{} tells of its changes", name);
        }
        trouble = null;
        byTime = false;
        follows = true;
        first();
    }

    /** The number first: whoever begins to watch at this moment and fetches later has seen this change. */
    private void change(String subject) {
        long next = number + 1;
        number = next;
        changes.raise(subject, next, true);
    }

    /** The store will not tell, or cannot. By one thread. */
    void refused(String why) {
        boolean time = !insisting && !follows;
        if (trouble == null) {
            LOG.warn("{} does not tell of changes: {}; {}", name, why, time ? "copies live by time" : REVALIDATES);
        }
        if (lease.held()) {
            lapses.increment();
        }
        lease.end();
        trouble = why;
        byTime = time;
        first();
    }

    /** There was no answer. By one thread. */
    void silent(String why) {
        if (trouble == null) {
            LOG.warn("{} is silent about changes: {}; {}", name, why, REVALIDATES);
        }
        trouble = why;
        first();
    }

    private synchronized void first() {
        answered = true;
        notifyAll();
    }

    /**
     * What vouches for an answer that is fetched from now on; null if only time does. Waits a moment for the store's first
     * word.
     */
    @Nullable
    Generations generations(String key) {
        awaitFirst();
        return byTime ? null : Generations.leased(changes.watch(BUCKET), changes.watch("o/" + key), lease);
    }

    private void awaitFirst() {
        if (answered) {
            return;
        }
        long deadline = System.nanoTime() + FIRST_ANSWER_MILLIS * 1_000_000;
        synchronized (this) {
            try {
                for (long left = FIRST_ANSWER_MILLIS; !answered && left > 0; ) {
                    wait(left);
                    left = (deadline - System.nanoTime()) / 1_000_000;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whether no copy lives by time: the store tells of changes, or has. */
    boolean vouches() {
        return follows || insisting;
    }

    /** Whether the store has never told, nor has to. */
    boolean byTime() {
        return byTime;
    }

    Coherence coherence() {
        Coherence.State state = byTime
                ? Coherence.State.BY_TIME
                : lease.held() ? Coherence.State.LEASED : follows ? Coherence.State.LOST : Coherence.State.ASKING;
        return new Coherence(state, lease.ageMillis(), lapses.sum(), told.sum(), trouble);
    }
}
