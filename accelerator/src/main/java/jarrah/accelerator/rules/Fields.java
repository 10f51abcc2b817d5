package jarrah.accelerator.rules;

import jarrah.http.Headers;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which fields of a message go on, are stored, are replaced (RFC 9110, 7.6.1; RFC 9111, 3.1 and 3.2). */
public final class Fields {
    /** Fields of one connection only, whether or not Connection names them. */
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "te",
            "transfer-encoding",
            "upgrade",
            "trailer",
            "proxy-authenticate",
            "proxy-authentication-info",
            "proxy-authorization");

    /**
     * What a 304 does not replace (RFC 9111, 3.2): what describes the stored bytes, which stay as they are.
     */
    private static final Set<String> KEPT_ON_UPDATE =
            Set.of("content-length", "content-encoding", "content-md5", "content-range", "transfer-encoding");

    private Fields() {}

    /** Removes what belongs to the connection that the message came over. */
    public static Headers withoutHopByHop(Headers headers) {
        Set<String> dropped = HOP_BY_HOP;
        List<String> named = headers.all("Connection");
        if (!named.isEmpty()) {
            dropped = new HashSet<>(HOP_BY_HOP);
            for (String name : String.join(",", named).split(",")) {
                dropped.add(name.strip().toLowerCase(Locale.ROOT));
            }
            // A sender that names these would take away what says how the message is to be read.
            dropped.removeAll(Set.of("cache-control", "content-length", "content-type", "host", "vary", "date"));
        }
        return without(headers, dropped);
    }

    /**
     * What of a response is stored: without the fields that {@code private} and {@code no-cache} name (RFC 9111, 5.2.2.4
     * and 5.2.2.7), and without its length, which the body tells.
     */
    public static Headers stored(Headers response, CacheControl control) {
        var dropped = new HashSet<String>();
        dropped.add("content-length");
        control.fields("private").forEach(name -> dropped.add(name.toLowerCase(Locale.ROOT)));
        control.fields("no-cache").forEach(name -> dropped.add(name.toLowerCase(Locale.ROOT)));
        return without(response, dropped);
    }

    /**
     * The stored fields after a 304 with those (RFC 9111, 3.2 and 4.3.4). The age of what was stored is over with its
     * validation.
     */
    public static Headers updated(Headers stored, Headers notModified) {
        var replaced = new HashSet<>(Set.of("age", "cache-status"));
        notModified.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!KEPT_ON_UPDATE.contains(lower)) {
                replaced.add(lower);
            }
        });
        Headers result = without(stored, replaced);
        notModified.forEach((name, value) -> {
            if (replaced.contains(name.toLowerCase(Locale.ROOT))) {
                result.add(name, value);
            }
        });
        return result;
    }

    /** What a 304 says of a representation (RFC 9110, 15.4.5): not the fields that describe the body left out. */
    public static Headers ofNotModified(Headers representation) {
        Headers result = Headers.of();
        boolean tagged = representation.contains("ETag");
        representation.forEach((name, value) -> {
            boolean describes =
                    name.regionMatches(true, 0, "Content-", 0, 8) && !name.equalsIgnoreCase("Content-Location");
            boolean spare =
                    (tagged && name.equalsIgnoreCase("Last-Modified")) || name.equalsIgnoreCase("Accept-Ranges");
            if (!describes && !spare) {
                result.add(name, value);
            }
        });
        return result;
    }

    /** A copy without the fields of those names, given in lower case. */
    public static Headers without(Headers headers, Set<String> names) {
        Headers result = Headers.of();
        headers.forEach((name, value) -> {
            if (!names.contains(name.toLowerCase(Locale.ROOT))) {
                result.add(name, value);
            }
        });
        return result;
    }
}
