package jarrah.accelerator.rules;

import jarrah.http.Headers;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Whether a response to a GET may be stored by a shared cache (RFC 9111, 3), and what of it. */
public enum Storability {
    /** It may. */
    STORE,
    /** {@code no-store}, of the response or the request (5.2.2.5, 5.2.1.5). */
    NO_STORE,
    /** {@code private} (5.2.2.7). */
    PRIVATE,
    /** The request had {@code Authorization} and the response does not allow sharing (3.5). */
    AUTHORIZATION,
    /** {@code Vary: *} never matches a later request (4.1). */
    VARIES,
    /** A partial answer (3.3), an answer to a condition that was not the client's, or an interim one. */
    STATUS,
    /** Nobody said that it may be kept, and its status does not say so by itself (4.2.2). */
    NOT_EXPLICIT,
    /** It would never be used: stale at once, no grace, and nothing to validate it by. */
    USELESS;

    /** Statuses with a heuristic lifetime (RFC 9110, 15.1) without the errors, which the site's {@code ttl} leaves alone. */
    private static final Set<Integer> DEFAULT_FRESHNESS = Set.of(200, 203, 204, 300, 301, 308);

    /** The errors with a heuristic lifetime (RFC 9110, 15.1). */
    private static final Set<Integer> LASTING_ERRORS = Set.of(404, 405, 410, 414, 501);

    /** Statuses whose caching rules this cache knows, for {@code must-understand} (RFC 9111, 5.2.2.3). */
    private static final Set<Integer> UNDERSTOOD =
            Set.of(200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501);

    /** Fields that others depend on: if only they are private, the message is as good as private. */
    private static final Set<String> ESSENTIAL = Set.of("content-encoding", "content-type", "content-range", "vary");

    /**
     * What of the request matters.
     *
     * @param authorization whether it had an Authorization field
     * @param cookie whether it had a Cookie field
     * @param noStore whether it said {@code no-store}
     */
    public record Asked(boolean authorization, boolean cookie, boolean noStore) {
        /** A request without any of these. */
        public static final Asked PLAIN = new Asked(false, false, false);
    }

    /** Judges a response whose lifetime was worked out already. */
    public static Storability judge(
            Asked asked,
            int status,
            Headers headers,
            ResponseDirectives directives,
            Lifetime life,
            CachePolicy policy) {
        CacheControl control = directives.control();
        boolean understood = control.has("must-understand") && UNDERSTOOD.contains(status);
        if (asked.noStore() || (control.has("no-store") && !understood)) {
            return NO_STORE;
        }
        if (status < 200 || status == 206 || status == 304 || (control.has("must-understand") && !understood)) {
            return STATUS;
        }
        if (control.hasUnqualified("private") || essential(control.fields("private"))) {
            return PRIVATE;
        }
        if (asked.authorization() && !allowsAuthorization(directives)) {
            return AUTHORIZATION;
        }
        if (Vary.of(headers).contains("*")) {
            return VARIES;
        }
        if (!permitted(asked, status, headers, control, life, policy)) {
            return NOT_EXPLICIT;
        }
        return life.freshMillis() > 0 || life.graceMillis() > 0 || hasValidator(headers) ? STORE : USELESS;
    }

    /**
     * RFC 9111, 3, the last item. A response that sets a cookie, or answers one, is shared only where somebody has said
     * so: heuristics would hand one visitor's page to the next.
     */
    private static boolean permitted(
            Asked asked, int status, Headers headers, CacheControl control, Lifetime life, CachePolicy policy) {
        boolean explicit = life.source() == Lifetime.Source.ORIGIN || (policy.respectOrigin() && control.has("public"));
        if (headers.contains("Set-Cookie")) {
            return explicit;
        }
        if (asked.cookie()) {
            return explicit || life.source() == Lifetime.Source.OPERATOR;
        }
        return explicit || DEFAULT_FRESHNESS.contains(status) || life.source() == Lifetime.Source.HEURISTIC;
    }

    /** RFC 9111, 3.5: only these let an answer to one who proved who he is be used for others. */
    public static boolean allowsAuthorization(ResponseDirectives directives) {
        CacheControl control = directives.control();
        return control.has("public") || control.has("s-maxage") || control.has("must-revalidate");
    }

    /** Whether the site's {@code ttl} and heuristics apply: to these statuses, and wherever the origin says public. */
    static boolean hasDefaultFreshness(int status, CacheControl control) {
        return DEFAULT_FRESHNESS.contains(status) || control.has("public");
    }

    /** Whether it is an error that may be kept although nobody said so, for a moment. */
    static boolean isLastingError(int status) {
        return LASTING_ERRORS.contains(status);
    }

    private static boolean hasValidator(Headers headers) {
        return headers.contains("ETag") || headers.contains("Last-Modified");
    }

    private static boolean essential(List<String> fields) {
        return fields.stream().anyMatch(field -> ESSENTIAL.contains(field.toLowerCase(Locale.ROOT)));
    }
}
