package jarrah.accelerator.rules;

/** Whether a stored response may answer a request now (RFC 9111, 4.2); {@link #judge} decides. */
public sealed interface Freshness {
    /**
     * It may be used as it is.
     *
     * @param ttlMillis how long it stays fresh
     */
    record Fresh(long ttlMillis) implements Freshness {}

    /**
     * It is stale, may be used all the same, and should be fetched anew behind the client's back.
     *
     * @param staleMillis how long it has been stale
     */
    record InGrace(long staleMillis) implements Freshness {}

    /**
     * It must be validated before it is used.
     *
     * @param ttlMillis how long it is still fresh; negative if it is stale
     * @param usableOnError whether it may be used if the origin fails
     */
    record Stale(long ttlMillis, boolean usableOnError) implements Freshness {}

    /**
     * Judges a stored response.
     *
     * @param life of the stored response
     * @param responseMillis when it was received or last validated
     * @param request the request's directives (RFC 9111, 5.2.1); {@link CacheControl#NONE} if there are none
     */
    static Freshness judge(Lifetime life, long responseMillis, CacheControl request, long nowMillis) {
        long age = life.ageMillis(responseMillis, nowMillis);
        long ttl = life.freshMillis() - age;
        boolean onError = ttl + life.errorMillis() > 0 && !life.validateAlways() && !request.has("no-cache");
        if (life.validateAlways() || request.has("no-cache")) {
            return new Stale(ttl, onError);
        }
        if (request != CacheControl.NONE) {
            return withWishes(life, age, ttl, request, onError);
        }
        if (ttl > 0) {
            return new Fresh(ttl);
        }
        return ttl + life.graceMillis() > 0 ? new InGrace(-ttl) : new Stale(ttl, onError);
    }

    /** RFC 9111, 5.2.1: what the client wants at most, at least, and would put up with. */
    private static Freshness withWishes(
            Lifetime life, long age, long ttl, CacheControl request, boolean usableOnError) {
        long maxAge = request.seconds("max-age", 0);
        long minFresh = request.seconds("min-fresh", DeltaSeconds.MAX);
        boolean asFreshAsWanted = minFresh == CacheControl.ABSENT || ttl >= minFresh * 1000;
        // RFC 8246, 2.1: a reload (max-age=0) need not disturb the origin over what will not change.
        boolean youngEnough = maxAge == CacheControl.ABSENT
                || (age <= maxAge * 1000 && maxAge > 0)
                || (maxAge == 0 && life.immutable());
        if (!asFreshAsWanted || !youngEnough) {
            return new Stale(ttl, usableOnError);
        }
        if (ttl > 0) {
            return new Fresh(ttl);
        }
        boolean forgiven = false;
        if (request.has("max-stale") && !life.revalidate()) {
            // Without an argument any staleness is accepted (5.2.1.2); one that is no number accepts none.
            long maxStale = request.fields("max-stale").isEmpty() ? DeltaSeconds.MAX : request.seconds("max-stale", 0);
            forgiven = -ttl <= maxStale * 1000;
        }
        boolean inGrace =
                maxAge == CacheControl.ABSENT && minFresh == CacheControl.ABSENT && ttl + life.graceMillis() > 0;
        return forgiven || inGrace ? new InGrace(-ttl) : new Stale(ttl, usableOnError);
    }
}
