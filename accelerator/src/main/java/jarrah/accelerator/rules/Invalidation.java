package jarrah.accelerator.rules;

import jarrah.http.Headers;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an unsafe request makes invalid (RFC 9111, 4.4). */
public final class Invalidation {
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    private Invalidation() {}

    /** Whether this method with that answer invalidates: any method not known to be safe, and no error. */
    public static boolean applies(String method, int status) {
        return !SAFE.contains(method) && status >= 200 && status < 400;
    }

    /**
     * The targets (path and query) to invalidate: the request's own, and those that Location and Content-Location name
     * on the same host; other hosts are not for this origin to speak for.
     *
     * @param host the request's Host field
     * @param target its target in origin form
     */
    public static List<String> targets(@Nullable String host, String target, Headers response) {
        var targets = new ArrayList<String>();
        targets.add(target);
        for (String field : List.of("Location", "Content-Location")) {
            String value = response.first(field);
            String other = value == null || host == null ? null : sameHost(host, target, value);
            if (other != null && !targets.contains(other)) {
                targets.add(other);
            }
        }
        return targets;
    }

    private static @Nullable String sameHost(String host, String target, String reference) {
        try {
            URI resolved = new URI("http://" + host + "/").resolve(path(target)).resolve(new URI(reference.strip()));
            if (resolved.getRawAuthority() == null
                    || !resolved.getRawAuthority().equalsIgnoreCase(host)) {
                return null;
            }
            String path =
                    resolved.getRawPath() == null || resolved.getRawPath().isEmpty() ? "/" : resolved.getRawPath();
            return resolved.getRawQuery() == null ? path : path + "?" + resolved.getRawQuery();
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static URI path(String target) throws URISyntaxException {
        int mark = target.indexOf('?');
        return new URI(mark < 0 ? target : target.substring(0, mark));
    }
}
