package jarrah.accelerator.site;

import jarrah.http.PercentCoding;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request's target, taken apart and decoded once.
 *
 * @param rawPath as sent, still percent-encoded
 * @param path decoded, never dot-normalised: the bytes as UTF-8, or as ISO 8859-1 where they are no UTF-8
 * @param utf8 whether the bytes are UTF-8, as every key of an object is
 * @param query as sent, without its question mark; null if there is none
 * @param authority host and port of a target in absolute form, which counts more than Host (RFC 9112, 3.2.2); else null
 */
public record Target(
        String rawPath,
        String path,
        boolean utf8,
        @Nullable String query,
        @Nullable String authority) {

    /**
     * Takes a target apart.
     *
     * @return null if it is neither in origin form nor in absolute form, if an escape is broken, or if a NUL is in it
     */
    public static @Nullable Target parse(String target) {
        String authority = null;
        String rest = target;
        if (!target.startsWith("/")) {
            int scheme = schemeLength(target);
            if (scheme == 0) {
                return null;
            }
            int end = endOfAuthority(target, scheme);
            authority = target.substring(scheme, end);
            rest = target.substring(end).startsWith("/") ? target.substring(end) : "/" + target.substring(end);
        }
        int mark = rest.indexOf('?');
        String rawPath = mark < 0 ? rest : rest.substring(0, mark);
        String query = mark < 0 ? null : rest.substring(mark + 1);
        Optional<String> utf8 = PercentCoding.decode(rawPath);
        String path = utf8.isPresent() ? utf8.get() : bytes(rawPath);
        if (path == null || path.indexOf('\0') >= 0) {
            return null;
        }
        return new Target(rawPath, path, utf8.isPresent(), query, authority);
    }

    /** The same path with another query. */
    public Target withQuery(@Nullable String other) {
        return new Target(rawPath, path, utf8, other, authority);
    }

    private static @Nullable String bytes(String rawPath) {
        return PercentCoding.decodeToBytes(rawPath)
                .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1))
                .orElse(null);
    }

    private static int schemeLength(String target) {
        for (String scheme : new String[] {"http://", "https://"}) {
            if (target.regionMatches(true, 0, scheme, 0, scheme.length())) {
                return scheme.length();
            }
        }
        return 0;
    }

    private static int endOfAuthority(String target, int from) {
        int at = from;
        while (at < target.length() && target.charAt(at) != '/' && target.charAt(at) != '?') {
            at++;
        }
        return at;
    }

    /** The path in one spelling for a key: unreserved characters decoded, other escapes in capitals (RFC 3986, 6.2.2). */
    String canonicalRawPath() {
        if (rawPath.indexOf('%') < 0) {
            return rawPath;
        }
        var text = new StringBuilder(rawPath.length());
        for (int i = 0; i < rawPath.length(); i++) {
            char c = rawPath.charAt(i);
            if (c != '%') {
                text.append(c);
                continue;
            }
            int value = Integer.parseInt(rawPath, i + 1, i + 3, 16);
            if (isUnreserved(value)) {
                text.append((char) value);
            } else {
                text.append('%')
                        .append(Character.toUpperCase(rawPath.charAt(i + 1)))
                        .append(Character.toUpperCase(rawPath.charAt(i + 2)));
            }
            i += 2;
        }
        return text.toString();
    }

    private static boolean isUnreserved(int c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || "-._~".indexOf(c) >= 0;
    }
}
