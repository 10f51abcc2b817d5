package jarrah.accelerator.site;

import jarrah.accelerator.rules.CachePolicy;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A set of URLs with one origin and one set of rules.
 *
 * @param name unique; in metrics, logs and the names of stored files
 * @param hosts in lower case; {@code *.example.com} for all names under one; empty for every host
 * @param path begins and ends with a slash
 * @param paths which objects paths stand for; of no account for HTTP origins
 * @param methods allowed ones; empty for all
 * @param compress whether text is sent as gzip to those who would rather have it
 * @param limits how much it may take of what sites share
 */
public record Site(
        String name,
        List<String> hosts,
        String path,
        SiteOrigin origin,
        PathRules paths,
        AccessRules access,
        Set<String> methods,
        CachePolicy cache,
        HeaderRules headers,
        boolean compress,
        Limits limits) {

    /** Whether the decoded path lies in this site; {@code /tools} counts as in {@code /tools/}. */
    boolean covers(String decodedPath) {
        return decodedPath.startsWith(path)
                || (decodedPath.length() == path.length() - 1 && path.startsWith(decodedPath));
    }

    public boolean allowsMethod(String method) {
        return methods.isEmpty() || methods.contains(method);
    }

    /** What a target means in this site. */
    public Locator locate(Target target) {
        return switch (origin) {
            case SiteOrigin.Objects objects -> object(objects, target);
            case SiteOrigin.Http http -> resource(target);
        };
    }

    /**
     * What a target means in a site.
     *
     * @param key what its answer is stored under; null if the path can mean nothing here
     * @param path the path that access rules see
     * @param rest what of it lies under the site's path
     * @param redirect whether the slash at the end of the site's path is missing
     * @param directory what is listed if there is no object of that key: what of it lies under the site's path, with a slash
     *     at its end unless it is empty; null if nothing is listed
     */
    public record Locator(
            @Nullable CacheKey key,
            String path,
            String rest,
            boolean redirect,
            @Nullable String directory) {}

    /** Access rules see what is served, rewritten and with its index, so that they cannot be asked around. */
    private Locator object(SiteOrigin.Objects bucket, Target target) {
        String decoded = target.path();
        if (decoded.length() < path.length()) {
            return new Locator(null, decoded, "", true, null);
        }
        String named = paths.rewritten(decoded, decoded.substring(path.length()));
        String rest = paths.indexed(named);
        String objectKey = bucket.prefix() + rest;
        boolean listed = paths.listing() && target.utf8();
        boolean possible = target.utf8() && !objectKey.isEmpty() && !(listed && PathRules.isDirectory(rest));
        return new Locator(
                possible ? new CacheKey(name, bucket.id(), objectKey, null) : null,
                path + rest,
                rest,
                false,
                !listed ? null : PathRules.isDirectory(named) ? named : named + "/");
    }

    /** The key of the object with that name under the prefix of a site with a bucket; null if there is no name. */
    public @Nullable CacheKey sibling(@Nullable String named) {
        return named != null && origin instanceof SiteOrigin.Objects bucket
                ? new CacheKey(name, bucket.id(), bucket.prefix() + named, null)
                : null;
    }

    /**
     * An HTTP origin may fold dots, slashes and parameters in ways of its own, where a bucket has names and nothing else.
     * So that a rule holds however the origin folds, a path with dot segments means nothing here, and rules see the path
     * with slashes folded and parameters cut.
     */
    private Locator resource(Target target) {
        String folded = folded(target.path());
        boolean safe = folded != null && (access.isOpen() || (target.utf8() && folded.indexOf('\\') < 0));
        String seen = folded == null ? target.path() : folded;
        String rest = seen.length() < path.length() ? "" : seen.substring(path.length());
        if (!safe) {
            return new Locator(null, seen, rest, false, null);
        }
        String query = cache.query().of(target.query());
        return new Locator(new CacheKey(name, origin.id(), target.canonicalRawPath(), query), seen, rest, false, null);
    }

    private static @Nullable String folded(String decoded) {
        if (decoded.indexOf("//") < 0 && decoded.indexOf("/.") < 0 && decoded.indexOf(';') < 0) {
            return decoded;
        }
        var text = new StringBuilder(decoded.length());
        for (String segment : decoded.split("/", -1)) {
            int parameters = segment.indexOf(';');
            String name = parameters < 0 ? segment : segment.substring(0, parameters);
            if (name.equals(".") || name.equals("..")) {
                return null;
            }
            if (!name.isEmpty()) {
                text.append('/').append(name);
            }
        }
        return decoded.endsWith("/") || text.isEmpty() ? text.append('/').toString() : text.toString();
    }
}
