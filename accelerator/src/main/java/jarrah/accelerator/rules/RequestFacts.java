package jarrah.accelerator.rules;

import jarrah.http.Headers;
import jarrah.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** The fields of a request that matter to a cache, found in one pass; values as sent, null where missing. Immutable. */
public final class RequestFacts {
    private final boolean get;
    private final boolean head;
    private boolean authorization;
    private boolean cookie;
    private boolean body;
    private @Nullable String range;
    private @Nullable String ifRange;
    private @Nullable String ifMatch;
    private @Nullable String ifNoneMatch;
    private @Nullable String ifModifiedSince;
    private @Nullable String ifUnmodifiedSince;
    private @Nullable String host;
    private @Nullable String pragma;
    private @Nullable String cacheControl;
    private final CacheControl directives;

    private RequestFacts(RequestHead request) {
        get = request.method().equals("GET");
        head = request.method().equals("HEAD");
        Headers headers = request.headers();
        for (int i = 0; i < headers.size(); i++) {
            field(headers.name(i), headers.value(i));
        }
        directives = readDirectives();
    }

    public static RequestFacts of(RequestHead request) {
        return new RequestFacts(request);
    }

    private void field(String name, String value) {
        // By length first: a request has some ten fields and nearly all fall through without a comparison.
        switch (name.length()) {
            case 4 -> host = host == null && name.equalsIgnoreCase("Host") ? value : host;
            case 5 -> range = name.equalsIgnoreCase("Range") ? value : range;
            case 6 -> {
                cookie |= name.equalsIgnoreCase("Cookie");
                pragma = name.equalsIgnoreCase("Pragma") ? value : pragma;
            }
            case 8 -> {
                ifRange = name.equalsIgnoreCase("If-Range") ? value : ifRange;
                ifMatch = name.equalsIgnoreCase("If-Match") ? joined(ifMatch, value) : ifMatch;
            }
            case 13 -> {
                authorization |= name.equalsIgnoreCase("Authorization");
                ifNoneMatch = name.equalsIgnoreCase("If-None-Match") ? joined(ifNoneMatch, value) : ifNoneMatch;
                cacheControl = name.equalsIgnoreCase("Cache-Control") ? joined(cacheControl, value) : cacheControl;
            }
            case 14 -> body |= name.equalsIgnoreCase("Content-Length") && !value.equals("0");
            case 17 -> {
                ifModifiedSince = name.equalsIgnoreCase("If-Modified-Since") ? value : ifModifiedSince;
                body |= name.equalsIgnoreCase("Transfer-Encoding");
            }
            case 19 -> ifUnmodifiedSince = name.equalsIgnoreCase("If-Unmodified-Since") ? value : ifUnmodifiedSince;
            default -> {}
        }
    }

    private static String joined(@Nullable String before, String value) {
        return before == null ? value : before + ", " + value;
    }

    private CacheControl readDirectives() {
        if (cacheControl != null) {
            return CacheControl.parse(cacheControl);
        }
        // RFC 9111, 5.4: what HTTP/1.0 said, where nothing newer is said.
        return pragma != null && CacheControl.parse(pragma).has("no-cache")
                ? CacheControl.parse("no-cache")
                : CacheControl.NONE;
    }

    public boolean isGet() {
        return get;
    }

    public boolean isHead() {
        return head;
    }

    /** Whether the message has a body, as its framing says. */
    public boolean hasBody() {
        return body;
    }

    /** Cache-Control, or what Pragma says in its place. */
    public CacheControl directives() {
        return directives;
    }

    /** @param seen whether the origin gets to see Authorization and Cookie; if not, no answer can depend on them */
    public Storability.Asked asked(boolean seen) {
        boolean personal = seen && (authorization || cookie);
        return personal || directives.has("no-store")
                ? new Storability.Asked(seen && authorization, seen && cookie, directives.has("no-store"))
                : Storability.Asked.PLAIN;
    }

    public boolean authorization() {
        return authorization;
    }

    /** Whether there is any precondition but If-Range. */
    public boolean conditional() {
        return ifNoneMatch != null || ifModifiedSince != null || ifMatch != null || ifUnmodifiedSince != null;
    }

    public @Nullable String host() {
        return host;
    }

    public @Nullable String range() {
        return range;
    }

    public @Nullable String ifRange() {
        return ifRange;
    }

    public @Nullable String ifMatch() {
        return ifMatch;
    }

    public @Nullable String ifNoneMatch() {
        return ifNoneMatch;
    }

    public @Nullable String ifModifiedSince() {
        return ifModifiedSince;
    }

    public @Nullable String ifUnmodifiedSince() {
        return ifUnmodifiedSince;
    }
}
