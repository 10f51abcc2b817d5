package jarrah.accelerator.origin;

import jarrah.accelerator.rules.CacheStatus;
import jarrah.accelerator.rules.Fields;
import jarrah.http.Headers;
import jarrah.http.RequestHead;
import java.util.List;
import java.util.Locale;
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
            "x-forwarded",
            "x-real-ip",
            "x-client-ip",
            "client-ip",
            "true-client-ip",
            "cf-connecting-ip",
            "x-host",
            "x-http-host-override",
            "x-http-path-override",
            "x-http-method",
            "x-http-method-override",
            "x-method-override",
            "front-end-https",
            "proxy", // becomes HTTP_PROXY in a CGI program's environment
            "transfer-encoding", // where it is written as Transfer_Encoding: the field itself is gone before
            "x-url-scheme");

    /** The same, with whatever follows. */
    private static final List<String> UNKEYED_BEGINNINGS = List.of("x-forwarded-", "x-original-", "x-rewrite-");

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

    private ForwardedFields() {}

    /**
     * Without the fields that are no part of a key. An underscore counts as a hyphen, since the interface of CGI and its
     * heirs makes them the same (RFC 3875, 4.1.18).
     */
    private static Headers keyed(Headers fields) {
        Headers result = Headers.of();
        fields.forEach((name, value) -> {
            String like = name.toLowerCase(Locale.ROOT).replace('_', '-');
            if (!UNKEYED.contains(like) && UNKEYED_BEGINNINGS.stream().noneMatch(like::startsWith)) {
                result.add(name, value);
            }
        });
        return result;
    }

    /**
     * Fields for a GET whose answer others may get too.
     *
     * @param etag to revalidate a stored answer by; null for none
     * @param lastModified to revalidate a stored answer by; null for none
     */
    public static Headers shared(Headers client, @Nullable String etag, @Nullable String lastModified) {
        Headers fields = Fields.without(keyed(Fields.withoutHopByHop(client)), NOT_SHARED);
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
        Headers fields = keyed(Fields.withoutHopByHop(request.headers()));
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
