package jarrah.accelerator.config;

import jarrah.accelerator.site.Reach;
import jarrah.accelerator.site.S3Credentials;
import jarrah.accelerator.site.S3Endpoint;
import jarrah.http.HttpOrigin;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads how an S3 endpoint, or another server, is reached: URL, region, credentials, deadlines. */
public final class S3EndpointParser {
    private S3EndpointParser() {}

    /** Reads {@code s3}, {@code region}, {@code path-style}, {@code credentials}, {@code timeouts} and {@code ca}. */
    public static S3Endpoint parse(ConfigNode node) {
        HttpOrigin server = server(node.require("s3"));
        ConfigNode region = node.get("region");
        ConfigNode pathStyle = node.get("path-style");
        return new S3Endpoint(
                server,
                region == null ? regionOf(server.host()) : region.string(),
                // A bucket's name stands in the host's where that has one that is S3's own; elsewhere names seldom
                // resolve.
                pathStyle == null ? !isAmazon(server) : pathStyle.bool(),
                credentials(node.get("credentials")),
                reach(node));
    }

    static boolean isAmazon(HttpOrigin server) {
        return server.host().endsWith(".amazonaws.com");
    }

    /** The region in a name such as {@code s3.eu-west-1.amazonaws.com}; us-east-1 for others. */
    private static String regionOf(String host) {
        String[] labels = host.split("\\.");
        boolean regional = host.endsWith(".amazonaws.com") && labels.length == 4 && labels[0].equals("s3");
        return regional ? labels[1] : "us-east-1";
    }

    private static S3Credentials credentials(@Nullable ConfigNode node) {
        if (node == null) {
            return new S3Credentials.Anonymous();
        }
        if (!node.isMap()) {
            return switch (node.oneOf("anonymous", "default", "env", "profile", "role")) {
                case "default" -> new S3Credentials.Found();
                case "env" -> new S3Credentials.Environment();
                case "profile" -> new S3Credentials.Profile("default");
                case "role" -> new S3Credentials.Role();
                default -> new S3Credentials.Anonymous();
            };
        }
        ConfigNode profile = node.get("profile");
        if (profile != null) {
            node.only("profile");
            return new S3Credentials.Profile(profile.string());
        }
        node.only("access-key-id", "secret-access-key", "session-token");
        ConfigNode token = node.get("session-token");
        return new S3Credentials.Keys(
                node.require("access-key-id").string(),
                node.require("secret-access-key").string(),
                token == null ? Optional.empty() : Optional.of(token.string()));
    }

    static Reach reach(ConfigNode node) {
        ConfigNode timeouts = node.get("timeouts");
        ConfigNode ca = node.get("ca");
        ConfigNode probe = node.get("probe");
        Reach usual = Reach.DEFAULT;
        if (timeouts != null) {
            timeouts.only("connect", "first-byte", "between-bytes");
        }
        return new Reach(
                timeout(timeouts, "connect", usual.connect()),
                timeout(timeouts, "first-byte", usual.firstByte()),
                timeout(timeouts, "between-bytes", usual.betweenBytes()),
                ca == null ? Optional.empty() : Optional.of(Path.of(ca.string())),
                probe == null ? Optional.empty() : Optional.of(probe(probe)));
    }

    private static Reach.Probe probe(ConfigNode node) {
        node.only("path", "every", "timeout");
        ConfigNode path = node.require("path");
        if (!path.string().startsWith("/")) {
            throw path.error("`" + path.string() + "` is no path such as /health");
        }
        return new Reach.Probe(
                path.string(),
                timeout(node, "every", Duration.ofSeconds(5)),
                timeout(node, "timeout", Duration.ofSeconds(2)));
    }

    private static Duration timeout(@Nullable ConfigNode node, String name, Duration otherwise) {
        ConfigNode value = node == null ? null : node.get(name);
        if (value == null) {
            return otherwise;
        }
        Duration duration = value.duration();
        if (duration.isZero() || duration.compareTo(Duration.ofHours(1)) > 0) {
            throw value.error("is no time to wait: from 1ms to 1h");
        }
        return duration;
    }

    static HttpOrigin server(ConfigNode node) {
        String url = node.string();
        try {
            URI uri = URI.create(url);
            String path = uri.getRawPath();
            boolean bare = (path == null || path.isEmpty() || path.equals("/"))
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && uri.getRawUserInfo() == null;
            if (bare) {
                return HttpOrigin.of(url);
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw node.error("`" + url + "` is no URL of a server such as http://10.0.0.7:8081; requests keep their path");
    }
}
