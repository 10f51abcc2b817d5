package jarrah.accelerator;

import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.Glob;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.accelerator.site.Sites;
import jarrah.accelerator.store.Entry;
import jarrah.http.Headers;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which stored answers are to go: those for which all of it holds. Patterns are globs: {@code *} for any characters,
 * {@code ?} for one.
 *
 * @param site pattern on the site's name; null for all
 * @param path pattern on the path as clients ask for it, decoded for buckets and as sent for HTTP origins; null for all
 * @param field name of a field of the stored answer, with {@code value} as pattern on it; null for all
 * @param value see {@code field}
 * @param tags one of these stands in the answer's {@code Surrogate-Key}, {@code xkey} or {@code Cache-Tag}; empty for all
 */
public record Ban(
        @Nullable String site,
        @Nullable String path,
        @Nullable String field,
        @Nullable String value,
        Set<String> tags) {
    /** Fields in which origins name the tags of an answer, separated by spaces or commas. */
    private static final List<String> TAG_FIELDS = List.of("Surrogate-Key", "xkey", "Cache-Tag");

    /** Answers of a site. */
    public static Ban ofSite(String name) {
        return new Ban(name, null, null, null, Set.of());
    }

    /** Whether it would take everything. */
    public boolean unlimited() {
        return site == null && path == null && field == null && tags.isEmpty();
    }

    /** Whether answers under that key can match. */
    boolean mayMatch(Sites sites, CacheKey key) {
        if (site != null && !new Glob(site).matches(key.site())) {
            return false;
        }
        return path == null
                || sites.named(key.site())
                        .map(one -> new Glob(path).matches(path(one, key)))
                        .orElse(true);
    }

    /** The path that clients ask for. */
    static String path(Site site, CacheKey key) {
        return site.origin() instanceof SiteOrigin.Objects objects
                ? site.path()
                        + key.path()
                                .substring(Math.min(
                                        objects.prefix().length(), key.path().length()))
                : key.path();
    }

    /** Whether an entry matches whose key may. */
    boolean matches(Entry entry) {
        Headers headers = entry.head().headers();
        if (field != null && headers.all(field).stream().noneMatch(new Glob(value == null ? "*" : value)::matches)) {
            return false;
        }
        return tags.isEmpty() || tagged(headers);
    }

    private boolean tagged(Headers headers) {
        for (String name : TAG_FIELDS) {
            for (String list : headers.all(name)) {
                if (!Collections.disjoint(tags, List.of(list.strip().split("[\\s,]+")))) {
                    return true;
                }
            }
        }
        return false;
    }
}
