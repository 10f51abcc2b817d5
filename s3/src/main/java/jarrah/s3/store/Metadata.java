package jarrah.s3.store;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a client stores with an object and gets back with it.
 *
 * @param headers system headers by lower-case name: content-type, cache-control, content-disposition, content-encoding,
 *     content-language, expires, x-amz-website-redirect-location
 * @param user user metadata by lower-case name without {@code x-amz-meta-}; names and values together at most 2,048
 *     bytes, which the wire checks
 * @param storageClass e.g. {@code STANDARD}; kept and returned, bytes lie in one place whatever it is
 */
public record Metadata(Map<String, String> headers, Map<String, String> user, String storageClass) {
    public static final String STANDARD = "STANDARD";
    /** The classes of objects that have to be restored before they can be read. */
    public static final Set<String> ARCHIVES = Set.of("GLACIER", "DEEP_ARCHIVE");

    public static final Metadata NONE = new Metadata(Map.of(), Map.of(), STANDARD);

    public Metadata {
        headers = sorted(headers);
        user = sorted(user);
    }

    private static Map<String, String> sorted(Map<String, String> map) {
        return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(map));
    }
}
