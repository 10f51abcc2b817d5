package jarrah.accelerator.site;

import java.time.Duration;

/**
 * How much of what sites share one of them may take.
 *
 * @param fetches requests to the origin at the same time, bodies included; {@link #NONE} for any number
 * @param fetchWait how long one more waits for those before it
 * @param requestsPerSecond that are answered, a second's worth of them at once; {@link #NONE} for any number
 */
public record Limits(int fetches, Duration fetchWait, int requestsPerSecond) {
    /** No limit. */
    public static final int NONE = Integer.MAX_VALUE;

    /** Longer than most fetches take, shorter than most people wait. */
    public static final Duration DEFAULT_FETCH_WAIT = Duration.ofSeconds(10);

    /** As much as there is. */
    public static final Limits OFF = new Limits(NONE, DEFAULT_FETCH_WAIT, NONE);
}
