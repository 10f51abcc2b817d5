package jarrah.accelerator.origin;

import jarrah.accelerator.rules.CacheStatus;
import jarrah.accelerator.rules.Fields;
import jarrah.http.Headers;
import jarrah.http.RequestHead;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which fields of a client's request an origin gets to see. */
public final class ForwardedFields {
    /**
     * Fields by which a client could pass for another, or for another URL, with origins that believe them. They are no
     * part of a key, so that an answer which depends on them would poison the cache.
     */
    private static final Set<String> UNKEYED = Set.of(
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-proto",
            "x-forwarded-scheme",
            "x-forwarded-server",
            "x-forwarded-prefix",
            "x-original-url",
            "x-original-host",
            "x-rewrite-url",
            "x-real-ip",
            "x-client-ip",
            "client-ip",
            "true-client-ip",
            "cf-connecting-ip",
            "x-host",
            "x-http-host-override",
            "x-http-method",
            "x-http-method-override",
            "x-method-override",
            "front-end-https",
            "x-url-scheme");

    /** What concerns one client's copy, or a body that a GET of ours does not have. */
    private static final Set<String> NOT_SHARED = Set.of(
            "host",
            "range",
            "if-range",
            "if-match",
            "if-none-match",
            "if-modified-since",
            "if-unmodified-since",
            "expect",
            "content-length",
            "content-type",
            "content-encoding",
            "upgrade-insecure-requests");

    private static final Set<String> LEFT_OUT_OF_SHARED = union(UNKEYED, NOT_SHARED);

    private ForwardedFields() {}

    private static Set<String> union(Set<String> one, Set<String> two) {
        var all = new HashSet<>(one);
        all.addAll(two);
        return Set.copyOf(all);
    }

    /**
     * Fields for a GET whose answer others may get too.
     *
     * @param etag to revalidate a stored answer by; null for none
     * @param lastModified to revalidate a stored answer by; null for none
     */
    public static Headers shared(Headers client, @Nullable String etag, @Nullable String lastModified) {
        Headers fields = Fields.without(Fields.withoutHopByHop(client), LEFT_OUT_OF_SHARED);
        if (etag != null) {
            fields.add("If-None-Match", etag);
        }
        if (lastModified != null) {
            fields.add("If-Modified-Since", lastModified);
        }
        return fields.add("Via", "1.1 " + CacheStatus.NAME);
    }

    /**
     * Fields for a request that is passed on for one client alone; X-Forwarded-For, -Host and -Proto are written anew.
     *
     * @param trusted whether the peer's own X-Forwarded-For is believed
     */
    public static Headers passed(RequestHead request, boolean trusted) {
        String before = trusted ? request.headers().joined("X-Forwarded-For") : null;
        String peer = request.remote().getAddress().getHostAddress();
        Headers fields = Fields.without(Fields.withoutHopByHop(request.headers()), UNKEYED);
        String host = fields.first("Host");
        fields.remove("Host");
        fields.add("X-Forwarded-For", before == null ? peer : before + ", " + peer);
        if (host != null) {
            fields.add("X-Forwarded-Host", host);
        }
        return fields.add("X-Forwarded-Proto", request.secure() ? "https" : "http")
                .add("Via", request.protocol().substring("HTTP/".length()) + " " + CacheStatus.NAME);
    }
}
