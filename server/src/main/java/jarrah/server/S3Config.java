package jarrah.server;

import jarrah.accelerator.config.ConfigNode;
import jarrah.s3.S3Settings;
import jarrah.s3.S3Settings.Destination;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The part {@code s3} of the configuration, read and checked. */
final class S3Config {
    private static final Pattern DOMAIN = Pattern.compile("[a-z0-9]([a-z0-9.-]*[a-z0-9])?");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,80}");

    private S3Config() {}

    /**
     * @param notifications the list {@code s3.notifications}; null for none
     */
    static S3Settings of(String region, Map<Setting, ConfigNode> values, @Nullable ConfigNode notifications) {
        return new S3Settings(
                region,
                CloudConfig.value(values, Setting.STRICT_REGION).bool(),
                bucketAcls(values.get(Setting.S3_BUCKET_DEFAULTS), CloudConfig.value(values, Setting.LISTEN)),
                domains(values.get(Setting.S3_DOMAINS)),
                CloudConfig.value(values, Setting.S3_DAY).duration(),
                CloudConfig.value(values, Setting.S3_SIGNATURE_V2).bool(),
                CloudConfig.value(values, Setting.S3_CUSTOMER_KEYS_IN_CLEAR)
                        .oneOf("never", "loopback")
                        .equals("loopback"),
                destinations(notifications));
    }

    private static List<Destination> destinations(@Nullable ConfigNode node) {
        var found = new ArrayList<Destination>();
        for (ConfigNode one : node == null ? List.<ConfigNode>of() : node.list()) {
            one.only("name", "webhook", "token", "file");
            String name = one.require("name").string();
            if (!NAME.matcher(name).matches()) {
                throw one.require("name").error("is not 1 to 80 letters, digits, '_', '.' or '-'");
            }
            ConfigNode webhook = one.get("webhook");
            ConfigNode file = one.get("file");
            Optional<String> token = Optional.ofNullable(one.get("token")).map(ConfigNode::string);
            if (webhook != null && file == null) {
                found.add(new Destination.Webhook(name, url(webhook), token));
            } else if (webhook == null && file != null && token.isEmpty()) {
                found.add(new Destination.Lines(name, Path.of(file.string()).toAbsolutePath()));
            } else {
                throw one.error("has either a webhook, perhaps with a token, or a file");
            }
        }
        return List.copyOf(found);
    }

    private static URI url(ConfigNode node) {
        try {
            URI url = URI.create(node.string());
            if (url.getHost() != null && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            throw node.error("is not a URL");
        }
        throw node.error("is not http://HOST... or https://HOST...");
    }

    private static boolean bucketAcls(@Nullable ConfigNode node, ConfigNode listen) {
        if (node != null) {
            return node.oneOf("acl", "aws").equals("acl");
        }
        if (isLoopback(listen)) {
            return true;
        }
        throw listen.error("is not loopback: choose s3.bucket-defaults (" + Setting.S3_BUCKET_DEFAULTS.flag()
                + " acl honours public ACLs, aws ignores them)");
    }

    private static boolean isLoopback(ConfigNode listen) {
        try {
            return InetAddress.getByName(listen.string()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw listen.error("is not an address of this machine");
        }
    }

    private static List<String> domains(@Nullable ConfigNode node) {
        var domains = new ArrayList<String>();
        if (node == null) {
            return domains;
        }
        for (ConfigNode one : node.isList() ? node.list() : split(node)) {
            if (!DOMAIN.matcher(one.string()).matches()) {
                throw one.error("is not a domain name in lower case");
            }
            domains.add(one.string());
        }
        return List.copyOf(domains);
    }

    private static List<ConfigNode> split(ConfigNode node) {
        var parts = new ArrayList<ConfigNode>();
        for (String part : node.string().split(",")) {
            if (!part.isBlank()) {
                parts.add(ConfigNode.value(node.where(), part.strip()));
            }
        }
        return parts;
    }
}
