package jarrah.accelerator.rules;

/**
 * What an operator has said about caching a site.
 *
 * @param ttlMillis how long an answer is fresh whose origin does not say; {@link #UNSET} leaves that to heuristics
 * @param graceMillis how long past its freshness a copy is still served while it is fetched anew
 * @param errorMillis how long past its freshness a copy is still served when the origin fails
 * @param keepMillis how long past these a copy is kept for revalidation
 * @param respectOrigin whether the origin's freshness counts; if not, {@code ttlMillis} alone does
 * @param query what of the query is part of the key, and sent to the origin
 * @param strict no heuristics (RFC 9111, 4.2.2)
 */
public record CachePolicy(
        long ttlMillis,
        long graceMillis,
        long errorMillis,
        long keepMillis,
        boolean respectOrigin,
        KeyQuery query,
        boolean strict) {
    /** No {@code ttl} given. */
    public static final long UNSET = -1;

    private static final long KEEP_MILLIS = 3_600_000;

    /**
     * Nothing stale but for ten seconds when the origin fails: RFC 9111, 4.2.4 leaves more to the operator. An hour of keep
     * saves bodies that did not change.
     */
    public static final CachePolicy DEFAULT =
            new CachePolicy(UNSET, 0, 10_000, KEEP_MILLIS, true, KeyQuery.WHOLE, false);

    /** By the book alone: no heuristics, and a stale copy for as long as the origin cannot be reached. */
    public static final CachePolicy STRICT =
            new CachePolicy(UNSET, 0, KEEP_MILLIS, KEEP_MILLIS, true, KeyQuery.WHOLE, true);
}
