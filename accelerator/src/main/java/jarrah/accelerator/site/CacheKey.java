package jarrah.accelerator.site;

import org.jspecify.annotations.Nullable;

/**
 * What an answer is stored under: a tuple, never a concatenation, so that no path can pass for another's key. Answers to
 * GET alone are stored, and serve HEAD too, so that the method is no part of it.
 *
 * @param site name of the site
 * @param origin {@link SiteOrigin#id()}
 * @param path for a bucket the object's key; for an HTTP origin the path, in one spelling
 * @param query as sent; null if there is none or it does not count
 */
public record CacheKey(
        String site, String origin, String path, @Nullable String query) {}
