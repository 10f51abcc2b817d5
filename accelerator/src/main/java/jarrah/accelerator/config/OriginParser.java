package jarrah.accelerator.config;

import jarrah.accelerator.site.S3Endpoint;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.http.HttpOrigin;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the {@code origin} of a site. */
final class OriginParser {
    private static final String KINDS =
            "an origin is {bucket, prefix, as} for a bucket of this server, {s3: URL, bucket, ...} for one of another"
                    + " store, or {http: URL} for HTTP servers";

    private OriginParser() {}

    static SiteOrigin parse(ConfigNode node) {
        boolean http = node.map().containsKey("http");
        boolean s3 = node.map().containsKey("s3");
        if ((http && (s3 || node.map().containsKey("bucket")))
                || !(http || s3 || node.map().containsKey("bucket"))) {
            throw node.error(KINDS);
        }
        if (http) {
            node.only("http", "timeouts", "ca", "probe");
            return new SiteOrigin.Http(servers(node.require("http")), S3EndpointParser.reach(node));
        }
        return s3 ? s3(node) : bucket(node);
    }

    private static SiteOrigin bucket(ConfigNode node) {
        node.only("bucket", "prefix", "as");
        ConfigNode as = node.get("as");
        boolean operator = as != null && as.oneOf("anonymous", "operator").equals("operator");
        return new SiteOrigin.Bucket(
                node.require("bucket").string(),
                text(node.get("prefix"), ""),
                operator ? SiteOrigin.Identity.OPERATOR : SiteOrigin.Identity.ANONYMOUS);
    }

    private static SiteOrigin s3(ConfigNode node) {
        node.only(
                "s3", "bucket", "prefix", "region", "path-style", "credentials", "coherent", "timeouts", "ca", "probe");
        S3Endpoint endpoint = S3EndpointParser.parse(node);
        return new SiteOrigin.S3(
                endpoint.server(),
                node.require("bucket").string(),
                text(node.get("prefix"), ""),
                endpoint.region(),
                endpoint.pathStyle(),
                endpoint.credentials(),
                coherent(node.get("coherent"), S3EndpointParser.isAmazon(endpoint.server())),
                endpoint.reach());
    }

    private static SiteOrigin.Coherent coherent(@Nullable ConfigNode node, boolean amazon) {
        if (node == null) {
            return amazon ? SiteOrigin.Coherent.NEVER : SiteOrigin.Coherent.AUTO;
        }
        return switch (node.oneOf("auto", "true", "false")) {
            case "true" -> SiteOrigin.Coherent.ALWAYS;
            case "false" -> SiteOrigin.Coherent.NEVER;
            default -> SiteOrigin.Coherent.AUTO;
        };
    }

    private static String text(@Nullable ConfigNode node, String otherwise) {
        return node == null ? otherwise : node.string();
    }

    private static List<HttpOrigin> servers(ConfigNode node) {
        var servers = new ArrayList<HttpOrigin>();
        for (ConfigNode each : node.oneOrMany()) {
            HttpOrigin server = S3EndpointParser.server(each);
            if (servers.contains(server)) {
                throw each.error("`" + each.string() + "` is named twice");
            }
            servers.add(server);
        }
        if (servers.isEmpty()) {
            throw node.error("no server is named");
        }
        return servers;
    }
}
