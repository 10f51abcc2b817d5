package jarrah.accelerator.rules;

/** Our member of {@code Cache-Status} (RFC 9211). */
public final class CacheStatus {
    /** The name by which this cache goes in Cache-Status and Via. */
    public static final String NAME = "jarrah";

    /** Why a request went on to the origin (RFC 9211, 2.2). */
    public enum Forward {
        /** The cache was told not to handle it. */
        BYPASS("bypass"),
        /** Its method is not cached. */
        METHOD("method"),
        /** Nothing is stored under its URI. */
        URI_MISS("uri-miss"),
        /** What is stored was chosen by other fields. */
        VARY_MISS("vary-miss"),
        /** The request asked for it. */
        REQUEST("request"),
        /** What is stored is stale. */
        STALE("stale"),
        /** What is stored holds not all of it. */
        PARTIAL("partial");

        private final String word;

        Forward(String word) {
            this.word = word;
        }
    }

    private CacheStatus() {}

    /** A hit while fresh or, with a negative time, stale; the time in milliseconds is told in whole seconds. */
    public static String hit(long ttlMillis) {
        return NAME + "; hit; ttl=" + Math.floorDiv(ttlMillis, 1000L);
    }

    /** A hit that the store itself vouches for: it has no end in time. */
    public static String hit() {
        return NAME + "; hit";
    }

    /** A hit that is stale because the origin failed. */
    public static String hitOnError(long ttlMillis) {
        return hit(ttlMillis) + "; detail=origin-failed";
    }

    /**
     * A forwarded request.
     *
     * @param status what the origin answered; told where it differs from what the client gets
     */
    public static String forwarded(Forward why, int status, int answered, boolean stored, boolean collapsed) {
        return NAME + "; fwd=" + why.word
                + (status != answered && status != 0 ? "; fwd-status=" + status : "")
                + (stored ? "; stored" : "")
                + (collapsed ? "; collapsed" : "");
    }
}
