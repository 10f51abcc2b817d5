package jarrah.accelerator.store;

import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Until when what a store elsewhere has told of its changes is recent enough to go by. Safe for many threads.
 *
 * <p>It runs from the moment at which the store was <em>asked</em>, not from its answer: an answer that was long on its
 * way speaks of the past. Two clocks count, and the one that says longer: the steady one is right where somebody sets the
 * time, the other where the machine was suspended.
 */
public final class Lease {
    /** The longest that a change elsewhere may stay unseen. */
    public static final Duration TERM = Duration.ofSeconds(2);

    private static final long TERM_NANOS = TERM.toNanos();
    private static final long TERM_MILLIS = TERM.toMillis();

    private final LongSupplier nanos;
    private final Clock clock;
    private volatile @Nullable Moment asked;

    /**
     * Not held yet.
     *
     * @param nanos a clock that never goes back
     * @param clock the time of day
     */
    public Lease(LongSupplier nanos, Clock clock) {
        this.nanos = nanos;
        this.clock = clock;
    }

    /** A point in time on both clocks. */
    public record Moment(long nanos, long millis) {}

    /** The present one. */
    public Moment now() {
        return new Moment(nanos.getAsLong(), clock.millis());
    }

    /** All changes that were acknowledged before that moment are known. */
    public void renew(Moment whenAsked) {
        asked = whenAsked;
    }

    /** Nothing is known any more. */
    public void end() {
        asked = null;
    }

    /** Whether all changes are known that were acknowledged more than {@link #TERM} ago. */
    public boolean held() {
        Moment last = asked;
        return last != null && covers(last);
    }

    /** Whether that moment is not longer ago than {@link #TERM}. */
    public boolean covers(Moment moment) {
        return nanos.getAsLong() - moment.nanos() < TERM_NANOS && clock.millis() - moment.millis() < TERM_MILLIS;
    }

    /** How old is what is known, milliseconds; -1 if nothing is. */
    public long ageMillis() {
        Moment last = asked;
        return last == null ? -1 : Math.max(0, (nanos.getAsLong() - last.nanos()) / 1_000_000);
    }
}
