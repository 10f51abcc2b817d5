package jarrah.s3.wire;

import jarrah.http.RequestHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which bucket and key a request is about, whichever way it names them: path style, virtual-hosted style, or below one
 * of the historical paths.
 *
 * @param bucket the bucket's name; empty for the service itself
 * @param key the object's key, decoded once; empty for the bucket itself
 */
public record S3Address(String bucket, String key) {
    private static final Pattern HISTORICAL = Pattern.compile("/services/(objectstorage|Walrus)(?=/|$)");

    /** Whether it names an object. */
    public boolean isObject() {
        return !key.isEmpty();
    }

    /** The hosts under which a bucket's name may stand as the first label. */
    public static final class Hosts {
        private final List<String> suffixes = new ArrayList<>();
        private final List<String> websites = new ArrayList<>();

        /**
         * @param region this region's name
         * @param domains configured domains besides {@code s3.localhost} and {@code s3.REGION.localhost}
         */
        public Hosts(String region, List<String> domains) {
            for (String domain : domains) {
                suffixes.add("." + domain);
                websites.add(".s3-website." + (domain.startsWith("s3.") ? domain.substring(3) : domain));
            }
            websites.add(".s3-website." + region + ".localhost");
            websites.add(".s3-website-" + region + ".localhost");
            websites.add(".s3-website.localhost");
            suffixes.add(".s3." + region + ".localhost");
            suffixes.add(".s3.localhost");
        }

        /** The bucket that a host names; null if it is a host of the service itself, or of another's. */
        public @Nullable String bucket(@Nullable String host) {
            return named(host, suffixes);
        }

        /** The bucket whose website a host is; null if it is another host. */
        public @Nullable String website(@Nullable String host) {
            return named(host, websites);
        }

        private static @Nullable String named(@Nullable String host, List<String> suffixes) {
            if (host == null) {
                return null;
            }
            int colon = host.lastIndexOf(':');
            String name = (colon < 0 || host.endsWith("]") ? host : host.substring(0, colon)).toLowerCase(Locale.ROOT);
            for (String suffix : suffixes) {
                if (name.length() > suffix.length() && name.endsWith(suffix)) {
                    return name.substring(0, name.length() - suffix.length());
                }
            }
            return null;
        }
    }

    /**
     * Reads the address of a request.
     *
     * @throws S3WireException.InvalidUri if the path is not percent-encoded UTF-8
     */
    public static S3Address of(RequestHead head, Hosts hosts) {
        String path = head.path();
        var historical = HISTORICAL.matcher(path);
        if (historical.lookingAt()) {
            path = path.substring(historical.end());
        }
        String rest = path.startsWith("/") ? path.substring(1) : path;
        String hosted = hosts.bucket(head.host());
        hosted = hosted == null ? hosts.website(head.host()) : hosted;
        if (hosted != null) {
            return new S3Address(hosted, RawText.decode(rest));
        }
        int slash = rest.indexOf('/');
        return slash < 0
                ? new S3Address(RawText.decode(rest), "")
                : new S3Address(RawText.decode(rest.substring(0, slash)), RawText.decode(rest.substring(slash + 1)));
    }
}
