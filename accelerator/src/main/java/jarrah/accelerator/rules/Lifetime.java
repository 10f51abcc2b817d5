package jarrah.accelerator.rules;

import jarrah.http.Headers;
import org.jspecify.annotations.Nullable;

/**
 * What a response says about how long it may be used, with the operator's policy applied; worked out once, when it is
 * stored.
 *
 * @param initialAgeMillis its age when we received it (RFC 9111, 4.2.3)
 * @param freshMillis its freshness lifetime (4.2.1)
 * @param graceMillis how long it may be served stale while it is fetched anew (RFC 5861, 3, or the policy)
 * @param errorMillis how long it may be served stale when the origin fails (RFC 5861, 4, or the policy)
 * @param keepMillis how long past its freshness it is of any use
 * @param revalidate whether it must never be served stale (5.2.2.2, 5.2.2.8)
 * @param validateAlways whether each use needs validation (5.2.2.4)
 * @param immutable whether a reload need not validate it while it is fresh (RFC 8246)
 * @param source who said so
 */
public record Lifetime(
        long initialAgeMillis,
        long freshMillis,
        long graceMillis,
        long errorMillis,
        long keepMillis,
        boolean revalidate,
        boolean validateAlways,
        boolean immutable,
        Source source) {

    /** Where a freshness lifetime comes from; the later ones say less about whether sharing is wanted. */
    public enum Source {
        /** {@code s-maxage}, {@code max-age} or {@code Expires} of the origin. */
        ORIGIN,
        /** The site's {@code ttl}. */
        OPERATOR,
        /** A tenth of the time since it was last changed (RFC 9111, 4.2.2). */
        HEURISTIC,
        /** Nobody: it is stale at once. */
        NONE
    }

    /** The longest that a heuristic makes a response fresh; RFC 9111, 4.2.2 speaks of a day. */
    private static final long HEURISTIC_MAX_MILLIS = 86_400_000;

    /**
     * The same for an error: what is missing may be asked for by many at once, and whoever puts it there does not want to
     * wait. An error page of the origin may have a date that says nothing about it.
     */
    private static final long HEURISTIC_ERROR_MILLIS = 10_000;

    private static final long UNSAID = -1;

    /**
     * Reads a response.
     *
     * @param directives the directives that count, see {@link ResponseDirectives}
     * @param requestMillis when it was asked for
     * @param responseMillis when its head arrived
     */
    public static Lifetime of(
            int status,
            Headers headers,
            ResponseDirectives directives,
            CachePolicy policy,
            long requestMillis,
            long responseMillis) {
        CacheControl control = policy.respectOrigin() ? directives.control() : CacheControl.NONE;
        long date = dateMillis(headers, responseMillis);
        long fresh = policy.respectOrigin() ? explicitMillis(headers, directives, date, responseMillis) : UNSAID;
        Source source = fresh == UNSAID ? Source.NONE : Source.ORIGIN;
        if (fresh == UNSAID) {
            fresh = 0;
            if (Storability.hasDefaultFreshness(status, control) && policy.ttlMillis() != CachePolicy.UNSET) {
                fresh = policy.ttlMillis();
                source = Source.OPERATOR;
            } else if (Storability.hasDefaultFreshness(status, control) && !policy.strict()) {
                fresh = heuristicMillis(headers, date, responseMillis);
            } else if (Storability.isLastingError(status) && !policy.strict()) {
                fresh = Math.min(heuristicMillis(headers, date, responseMillis), HEURISTIC_ERROR_MILLIS);
            }
            if (fresh > 0 && source == Source.NONE) {
                source = Source.HEURISTIC;
            }
        }
        // s-maxage carries the meaning of proxy-revalidate (5.2.2.10).
        boolean revalidate =
                control.has("must-revalidate") || control.has("proxy-revalidate") || control.has("s-maxage");
        boolean always = control.hasUnqualified("no-cache");
        long grace = span(control, "stale-while-revalidate", policy.graceMillis());
        long error = span(control, "stale-if-error", policy.errorMillis());
        return new Lifetime(
                initialAgeMillis(headers, date, requestMillis, responseMillis),
                fresh,
                revalidate || always ? 0 : grace,
                revalidate || always ? 0 : error,
                Math.max(grace, error) + policy.keepMillis(),
                revalidate,
                always,
                control.has("immutable"),
                source);
    }

    /** The response's age then (RFC 9111, 4.2.3). */
    public long ageMillis(long responseMillis, long nowMillis) {
        return initialAgeMillis + Math.max(0, nowMillis - responseMillis);
    }

    private static long span(CacheControl control, String directive, long otherwise) {
        long seconds = control.seconds(directive, 0);
        return seconds == CacheControl.ABSENT ? otherwise : seconds * 1000;
    }

    /** RFC 9110, 6.6.1: a response without a (readable) Date counts as made when it was received. */
    static long dateMillis(Headers headers, long responseMillis) {
        long date = CacheDates.parse(headers.first("Date"), responseMillis);
        return date == CacheDates.INVALID ? responseMillis : date;
    }

    /**
     * RFC 9111, 4.2.1: {@code s-maxage}, else {@code max-age}, else {@code Expires} less {@code Date}. What is there and
     * cannot be read counts as stale, {@code Expires: 0} included (5.3).
     */
    private static long explicitMillis(
            Headers headers, ResponseDirectives directives, long dateMillis, long responseMillis) {
        CacheControl control = directives.control();
        if (control.has("s-maxage")) {
            return control.seconds("s-maxage", 0) * 1000;
        }
        if (control.has("max-age")) {
            return control.seconds("max-age", 0) * 1000;
        }
        String expires = directives.targeted() ? null : headers.first("Expires");
        if (expires == null) {
            return UNSAID;
        }
        long at = CacheDates.parse(expires, responseMillis);
        return at == CacheDates.INVALID ? 0 : Math.max(0, at - dateMillis);
    }

    /** RFC 9111, 4.2.2: a tenth of the time since the last change, at most a day. */
    private static long heuristicMillis(Headers headers, long dateMillis, long responseMillis) {
        long modified = CacheDates.parse(headers.first("Last-Modified"), responseMillis);
        return modified == CacheDates.INVALID ? 0 : Math.clamp((dateMillis - modified) / 10, 0, HEURISTIC_MAX_MILLIS);
    }

    /**
     * RFC 9111, 4.2.3: the greater of what Date tells and what the caches before us told, plus the time under way.
     */
    static long initialAgeMillis(Headers headers, long dateMillis, long requestMillis, long responseMillis) {
        long apparent = Math.max(0, responseMillis - dateMillis);
        long told = ageSeconds(headers.first("Age")) * 1000 + Math.max(0, responseMillis - requestMillis);
        return Math.max(apparent, told);
    }

    /** RFC 9111, 5.1: of a list the first member counts; what is no number is ignored. */
    private static long ageSeconds(@Nullable String value) {
        if (value == null) {
            return 0;
        }
        int comma = value.indexOf(',');
        return Math.max(0, DeltaSeconds.parse((comma < 0 ? value : value.substring(0, comma)).strip()));
    }
}
