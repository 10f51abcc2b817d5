package jarrah.accelerator.config;

import jarrah.accelerator.site.Network;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.Sites;
import jarrah.http.Tls;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The accelerator's settings.
 *
 * @param memoryLimitBytes all that is held in memory for stored answers: bodies, fields, keys, and bodies under way
 * @param fileLimitBytes all that is held in files; 0 for no files
 * @param sites what is served
 * @param trustedProxies whose X-Forwarded-For is believed; nobody's by default, since anyone can write one
 * @param balancers peers whose connections begin with a PROXY header that names the client; nobody by default
 * @param tls where the sites are served with TLS too
 * @param connections of clients open at once; further ones are closed at once
 * @param connectionsPerClient of these: from one address; further ones are closed at once
 * @param adminKeys secrets by access key id of those who may call the admin API from elsewhere; of an accelerator alone
 * @param eventsToken the secret of those stores that tell of their changes as S3's event notifications; empty if none may
 * @param accessLog how each answer is logged, by the logger {@code jarrah.accelerator.access}
 */
public record AcceleratorConfig(
        long memoryLimitBytes,
        long fileLimitBytes,
        Sites sites,
        List<Network> trustedProxies,
        List<Network> balancers,
        Optional<TlsPort> tls,
        int connections,
        int connectionsPerClient,
        Map<String, String> adminKeys,
        Optional<String> eventsToken,
        AccessLogFormat accessLog) {
    /** Room for a hundred thousand small objects. */
    public static final long DEFAULT_MEMORY_LIMIT_BYTES = 256L << 20;

    /** A part of a disk that nobody misses. */
    public static final long DEFAULT_FILE_LIMIT_BYTES = 10L << 30;

    /** Less holds nothing of use. */
    private static final long LEAST_MEMORY_LIMIT_BYTES = 1 << 20;

    private static final int DEFAULT_TLS_PORT = 8443;

    private static final int DEFAULT_CONNECTIONS = 10_000;

    /** Many people share an address; half of the places are for the others all the same. */
    private static final int DEFAULT_CONNECTIONS_PER_CLIENT = 5_000;

    /** More takes more descriptors than systems give a process. */
    private static final int MOST_CONNECTIONS = 1_000_000;

    /** Characters of a secret for programs; AWS's have 40. */
    private static final int LEAST_SECRET = 20;

    private static final String[] KEYS = {
        "memory-limit",
        "file-limit",
        "trusted-proxies",
        "proxy-protocol",
        "tls",
        "connections",
        "connections-per-client",
        "admin",
        "events",
        "access-log",
        "sites"
    };

    /** No sites: every request is answered with 404. */
    public static final AcceleratorConfig EMPTY = new AcceleratorConfig(
            DEFAULT_MEMORY_LIMIT_BYTES,
            DEFAULT_FILE_LIMIT_BYTES,
            new Sites(List.of()),
            List.of(),
            List.of(),
            Optional.empty(),
            DEFAULT_CONNECTIONS,
            DEFAULT_CONNECTIONS_PER_CLIENT,
            Map.of(),
            Optional.empty(),
            AccessLogFormat.OFF);

    /**
     * A port with TLS. There is at least one certificate, of files or of an authority; the first is for clients that ask
     * for no name of another.
     *
     * @param port 0 for a free one
     * @param certificates those in files
     * @param acme the authority that gives others
     */
    public record TlsPort(int port, List<Tls.PemFiles> certificates, Optional<AcmeConfig> acme) {}

    /** Whether that peer's connections begin with a PROXY header. */
    public boolean isBalancer(InetAddress peer) {
        for (Network network : balancers) {
            if (network.contains(peer)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Reads the section.
     *
     * @param section a map of settings, e.g. what stands under {@code accelerator:}
     * @param others keys of the section that somebody else reads, such as {@code port}
     * @throws ConfigException with one line about the first mistake
     */
    public static AcceleratorConfig parse(ConfigNode section, String... others) {
        return parse(List.of(section), others);
    }

    /**
     * Reads a configuration in several files: their sites together; anything else stands in one of them.
     *
     * @param others keys that somebody else reads, such as {@code port}
     * @throws ConfigException with one line about the first mistake
     */
    public static AcceleratorConfig parse(List<ConfigNode> sections, String... others) {
        Map<String, ConfigNode> settings = new HashMap<>();
        var sites = new ArrayList<ConfigNode>();
        for (ConfigNode section : sections) {
            section.only(
                    Stream.concat(Arrays.stream(KEYS), Arrays.stream(others)).toArray(String[]::new));
            section.map().forEach((key, value) -> {
                if (key.equals("sites")) {
                    sites.addAll(value.list());
                    return;
                }
                ConfigNode other = settings.putIfAbsent(key, value);
                if (other != null) {
                    throw value.error("`" + key + "` stands in " + other.where() + " already");
                }
            });
        }
        Sites served = sites(sites);
        return new AcceleratorConfig(
                memoryLimit(settings.get("memory-limit")),
                bytes(settings.get("file-limit"), DEFAULT_FILE_LIMIT_BYTES),
                served,
                networks(settings.get("trusted-proxies")),
                networks(settings.get("proxy-protocol")),
                Optional.ofNullable(settings.get("tls")).map(node -> tls(node, served)),
                count(settings.get("connections"), DEFAULT_CONNECTIONS),
                count(settings.get("connections-per-client"), DEFAULT_CONNECTIONS_PER_CLIENT),
                adminKeys(settings.get("admin")),
                Optional.ofNullable(settings.get("events")).map(AcceleratorConfig::eventsToken),
                accessLog(settings.get("access-log")));
    }

    private static TlsPort tls(ConfigNode node, Sites sites) {
        node.only("port", "certificates", "acme");
        ConfigNode port = node.get("port");
        ConfigNode certificates = node.get("certificates");
        var files = new ArrayList<Tls.PemFiles>();
        for (ConfigNode each : certificates == null ? List.<ConfigNode>of() : certificates.list()) {
            each.only("certificate", "key");
            files.add(new Tls.PemFiles(
                    Path.of(each.require("certificate").string()),
                    Path.of(each.require("key").string())));
        }
        Optional<AcmeConfig> acme = Optional.ofNullable(node.get("acme")).map(each -> AcmeConfig.parse(each, sites));
        if (files.isEmpty() && acme.isEmpty()) {
            throw node.error("`certificates` lists none, and there is no `acme`");
        }
        return new TlsPort(port == null ? DEFAULT_TLS_PORT : port.integer(0, 65_535), List.copyOf(files), acme);
    }

    private static Map<String, String> adminKeys(@Nullable ConfigNode node) {
        if (node == null) {
            return Map.of();
        }
        var keys = new HashMap<String, String>();
        node.only("keys");
        node.require("keys").map().forEach((id, secret) -> keys.put(id, secret(secret)));
        return Map.copyOf(keys);
    }

    private static String eventsToken(ConfigNode node) {
        node.only("token");
        return secret(node.require("token"));
    }

    private static String secret(ConfigNode node) {
        if (node.string().length() < LEAST_SECRET) {
            throw node.error("a secret has at least " + LEAST_SECRET + " characters");
        }
        return node.string();
    }

    private static long memoryLimit(@Nullable ConfigNode node) {
        long limit = bytes(node, DEFAULT_MEMORY_LIMIT_BYTES);
        if (node != null && limit < LEAST_MEMORY_LIMIT_BYTES) {
            throw node.error("at least 1MiB of memory is needed");
        }
        return limit;
    }

    private static int count(@Nullable ConfigNode node, int otherwise) {
        return node == null ? otherwise : node.integer(1, MOST_CONNECTIONS);
    }

    private static long bytes(@Nullable ConfigNode node, long otherwise) {
        return node == null ? otherwise : node.bytes();
    }

    /** A line for each answer, and in which form. */
    public enum AccessLogFormat {
        OFF,
        /** As web servers write it. */
        COMBINED,
        /** A JSON object a line. */
        JSON
    }

    private static AccessLogFormat accessLog(@Nullable ConfigNode node) {
        return node == null
                ? AccessLogFormat.OFF
                : AccessLogFormat.valueOf(node.oneOf("off", "combined", "json").toUpperCase(Locale.ROOT));
    }

    static List<Network> networks(@Nullable ConfigNode node) {
        var networks = new ArrayList<Network>();
        for (ConfigNode text : node == null ? List.<ConfigNode>of() : node.oneOrMany()) {
            try {
                networks.add(Network.parse(text.string()));
            } catch (IllegalArgumentException e) {
                throw text.error(String.valueOf(e.getMessage()));
            }
        }
        return List.copyOf(networks);
    }

    private static Sites sites(List<ConfigNode> nodes) {
        var sites = new ArrayList<Site>();
        var names = new HashSet<String>();
        Map<String, String> places = new HashMap<>();
        for (ConfigNode each : nodes) {
            Site site = SiteParser.parse(each);
            if (!names.add(site.name())) {
                throw each.error("two sites are named `" + site.name() + "`");
            }
            List<String> hosts = site.hosts().isEmpty() ? List.of("") : site.hosts();
            for (String host : hosts) {
                String other = places.putIfAbsent(host + " " + site.path(), site.name());
                if (other != null) {
                    String where = host.isEmpty() ? "every host" : "host " + host;
                    throw each.error("site `" + other + "` already has " + where + " and path " + site.path());
                }
            }
            sites.add(site);
        }
        return new Sites(sites);
    }
}
