package jarrah.accelerator.rules;

/**
 * What an operator has said about caching a site.
 *
 * @param ttlMillis how long an answer is fresh whose origin does not say; {@link #UNSET} leaves that to heuristics
 * @param graceMillis how long past its freshness a copy is still served, while it is fetched anew or the origin is down
 * @param keepMillis how long past its grace a copy is kept for revalidation
 * @param respectOrigin whether the origin's freshness counts; if not, {@code ttlMillis} alone does
 * @param ignoreQuery whether the query is no part of the key, and not sent to the origin
 * @param strict no heuristics (RFC 9111, 4.2.2), and a stale copy when the origin drops the connection
 */
public record CachePolicy(
        long ttlMillis, long graceMillis, long keepMillis, boolean respectOrigin, boolean ignoreQuery, boolean strict) {
    /** No {@code ttl} given. */
    public static final long UNSET = -1;

    /** Ten seconds of grace hide a refresh from everyone; an hour of keep saves bodies that did not change. */
    public static final CachePolicy DEFAULT = new CachePolicy(UNSET, 10_000, 3_600_000, true, false, false);

    /** By the book alone: no heuristics and no grace. */
    public static final CachePolicy STRICT = new CachePolicy(UNSET, 0, 3_600_000, true, false, true);
}
