package jarrah.accelerator.rules;

import jarrah.http.Headers;

/**
 * The directives of a response that count for this cache.
 *
 * @param control the directives
 * @param targeted whether they come from {@code CDN-Cache-Control}; then {@code Expires} does not count (RFC 9213, 2.2)
 */
public record ResponseDirectives(CacheControl control, boolean targeted) {
    public static ResponseDirectives of(Headers headers) {
        CacheControl targeted = TargetedCacheControl.parse(headers.joined("CDN-Cache-Control"));
        return targeted == null
                ? new ResponseDirectives(CacheControl.parse(headers.joined("Cache-Control")), false)
                : new ResponseDirectives(targeted, true);
    }
}
