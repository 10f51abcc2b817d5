package jarrah.accelerator;

import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.origin.Origin;
import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.Sites;
import java.util.Map;
import java.util.Objects;

/**
 * The settings in force with what was made of them: exchanged whole when they are read anew. A request keeps those that
 * it began with.
 *
 * @param origins by the sites' names
 */
record Served(AcceleratorConfig config, Map<String, Origin> origins) {
    Sites sites() {
        return config.sites();
    }

    Origin origin(Site site) {
        return Objects.requireNonNull(origins.get(site.name()));
    }

    /** Whether what is stored under that key can be asked for. */
    boolean serves(CacheKey key) {
        return serves(config.sites(), key);
    }

    /** Whether what is stored under that key can be asked for under those settings. */
    static boolean serves(Sites sites, CacheKey key) {
        return sites.named(key.site())
                .filter(site -> site.origin().id().equals(key.origin()))
                .isPresent();
    }
}
