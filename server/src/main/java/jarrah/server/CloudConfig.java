package jarrah.server;

import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.config.ConfigException;
import jarrah.accelerator.config.ConfigNode;
import jarrah.ec2.compute.ComputeSettings;
import jarrah.machine.UserRange;
import jarrah.s3.S3Settings;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a server is started with, read and checked.
 *
 * @param data the data directory
 * @param file the configuration file; empty if there is none
 * @param region name of the region
 * @param listen address of all ports
 * @param apiPort port of the APIs; 0 for a free one
 * @param tls where the APIs are served with TLS too
 * @param acceleratorPort port of the accelerator; 0 for a free one
 * @param consolePort port of operations; 0 for a free one
 * @param s3 settings of the object store
 * @param replication other S3 endpoints that buckets may be replicated to
 * @param verify {@code always}, {@code first-read} or {@code scrub}
 * @param acceptLoss whether a damaged log of records is opened as far as it can be read
 * @param scrub how long the scrubber takes for all blobs; empty for no scrubber
 * @param memoryMebibytes what instances may use together, MiB
 * @param users whom machines run as, where the server is root; empty for the server's user
 * @param publicPool where public addresses are of; empty to choose
 * @param egress whether instances reach the world outside
 * @param peers the other regions
 * @param keyFile the key that seals secrets
 * @param accountId of the first account; empty to make one up
 * @param accessKeyId of the first account's administrator, with its secret; empty to make them up
 * @param secretAccessKey the secret half
 * @param accelerator the accelerator's settings and sites
 */
record CloudConfig(
        Path data,
        Optional<Path> file,
        String region,
        String listen,
        int apiPort,
        Optional<TlsListener> tls,
        int acceleratorPort,
        int consolePort,
        S3Settings s3,
        List<ReplicationConfig.Endpoint> replication,
        String verify,
        boolean acceptLoss,
        Optional<Duration> scrub,
        long memoryMebibytes,
        Optional<UserRange> users,
        Optional<String> publicPool,
        boolean egress,
        List<ComputeSettings.Peer> peers,
        Path keyFile,
        Optional<String> accountId,
        Optional<String> accessKeyId,
        Optional<String> secretAccessKey,
        AcceleratorConfig accelerator) {

    private static final Pattern REGION = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
    private static final Pattern ENDPOINT = Pattern.compile("http://([A-Za-z0-9.-]+):([0-9]{1,5})/?");
    /** What the host and this process keep for themselves. */
    private static final long HOST_BYTES = 2L << 30;

    /** The list of destinations of events, under {@code s3}. */
    private static final String NOTIFICATIONS = "notifications";

    /** The endpoints elsewhere that buckets may be replicated to, under {@code s3}. */
    private static final String REPLICATION = "replication";

    /**
     * Reads the settings from where they are given.
     *
     * @param data the data directory
     * @param file the configuration file; null for none
     * @param flags values from the command line
     * @param environment the process's environment
     * @throws ConfigException in one line, what is wrong and where
     */
    static CloudConfig load(
            Path data, @Nullable Path file, Map<Setting, String> flags, Map<String, String> environment) {
        ConfigNode root = file == null ? ConfigNode.parse("no file", "") : ConfigNode.read(file);
        requireKnownKeys(root);
        var values = new EnumMap<Setting, ConfigNode>(Setting.class);
        for (Setting setting : Setting.values()) {
            ConfigNode node = find(setting, root, flags, environment);
            if (node != null) {
                values.put(setting, node);
            }
        }
        return of(data, Optional.ofNullable(file), values, root);
    }

    private static CloudConfig of(Path data, Optional<Path> file, Map<Setting, ConfigNode> values, ConfigNode root) {
        ConfigNode s3 = root.get("s3");
        ConfigNode region = value(values, Setting.REGION);
        if (!REGION.matcher(region.string()).matches()) {
            throw region.error("a region's name is of a-z, 0-9 and single dashes, e.g. us-east-1");
        }
        ConfigNode keyFile = values.get(Setting.KEY_FILE);
        return new CloudConfig(
                data,
                file,
                region.string(),
                value(values, Setting.LISTEN).string(),
                value(values, Setting.API_PORT).integer(0, 65_535),
                tls(values),
                value(values, Setting.ACCELERATOR_PORT).integer(0, 65_535),
                value(values, Setting.CONSOLE_PORT).integer(0, 65_535),
                S3Config.of(region.string(), values, s3 == null ? null : s3.get(NOTIFICATIONS)),
                ReplicationConfig.of(s3 == null ? null : s3.get(REPLICATION)),
                value(values, Setting.STORAGE_VERIFY).oneOf("always", "first-read", "scrub"),
                value(values, Setting.STORAGE_ACCEPT_LOSS).bool(),
                scrub(value(values, Setting.STORAGE_SCRUB)),
                memory(values.get(Setting.COMPUTE_MEMORY)),
                users(value(values, Setting.COMPUTE_USERS)),
                optional(values.get(Setting.NETWORK_PUBLIC_POOL)),
                value(values, Setting.NETWORK_EGRESS).bool(),
                peers(root.get("peers")),
                keyFile == null ? data.resolve("secret.key") : Path.of(keyFile.string()),
                optional(values.get(Setting.ACCOUNT_ID)),
                optional(values.get(Setting.ACCOUNT_ACCESS_KEY_ID)),
                optional(values.get(Setting.ACCOUNT_SECRET_ACCESS_KEY)),
                accelerator(root));
    }

    /** The accelerator's part of a configuration file. */
    static AcceleratorConfig accelerator(ConfigNode root) {
        ConfigNode accelerator = root.get("accelerator");
        if (accelerator == null) {
            return AcceleratorConfig.EMPTY;
        }
        AcceleratorConfig parsed = AcceleratorConfig.parse(accelerator, "port");
        if (!parsed.adminKeys().isEmpty()) {
            throw accelerator.error("`admin` is for an accelerator alone: here the operators are the first account's"
                    + " administrators");
        }
        return parsed;
    }

    private static Optional<Duration> scrub(ConfigNode node) {
        if (node.string().equals("never")) {
            return Optional.empty();
        }
        Duration period = node.duration();
        if (period.isZero()) {
            throw node.error("is not how long a pass takes; `never` switches the scrubber off");
        }
        return Optional.of(period);
    }

    /** A port with a certificate. */
    record TlsListener(int port, Path certificate, Path key) {}

    private static Optional<TlsListener> tls(Map<Setting, ConfigNode> values) {
        ConfigNode port = values.get(Setting.API_TLS_PORT);
        ConfigNode certificate = values.get(Setting.API_TLS_CERTIFICATE);
        ConfigNode key = values.get(Setting.API_TLS_KEY);
        if (port == null) {
            if (certificate != null || key != null) {
                throw (certificate == null ? java.util.Objects.requireNonNull(key) : certificate)
                        .error("is of use with api.tls-port alone");
            }
            return Optional.empty();
        }
        if (certificate == null || key == null) {
            throw port.error("takes api.tls-certificate and api.tls-key");
        }
        return Optional.of(
                new TlsListener(port.integer(0, 65_535), Path.of(certificate.string()), Path.of(key.string())));
    }

    /** The value of a setting that has a default. */
    static ConfigNode value(Map<Setting, ConfigNode> values, Setting setting) {
        ConfigNode node = values.get(setting);
        if (node == null) {
            throw new IllegalStateException("no value for " + setting);
        }
        return node;
    }

    private static Optional<String> optional(@Nullable ConfigNode node) {
        return node == null ? Optional.empty() : Optional.of(node.string());
    }

    /** The value from the strongest place that gives one, else the default; null if there is none. */
    private static @Nullable ConfigNode find(
            Setting setting, ConfigNode root, Map<Setting, String> flags, Map<String, String> environment) {
        String flag = flags.get(setting);
        if (flag != null && !flag.isEmpty()) {
            return ConfigNode.value(setting.flag(), flag);
        }
        String variable = environment.get(setting.environment());
        if (variable != null && !variable.isEmpty()) {
            return ConfigNode.value(setting.environment(), variable);
        }
        ConfigNode node = root;
        for (String part : setting.key().split("\\.")) {
            node = node == null ? null : node.get(part);
        }
        if (node == null && !setting.defaultText().isEmpty()) {
            return ConfigNode.value("default of " + setting.key(), setting.defaultText());
        }
        return node;
    }

    /** An unknown key is an error at start. What lies under {@code accelerator} besides the port, that room checks. */
    private static void requireKnownKeys(ConfigNode root) {
        var top = new LinkedHashSet<String>();
        for (Setting setting : Setting.values()) {
            top.add(setting.key().split("\\.")[0]);
        }
        top.add("peers");
        root.only(top.toArray(String[]::new));
        for (String group : top) {
            ConfigNode node = root.get(group);
            var inside = new ArrayList<String>();
            for (Setting setting : Setting.values()) {
                if (setting.key().startsWith(group + ".")) {
                    inside.add(setting.key().substring(group.length() + 1));
                }
            }
            if (group.equals("s3")) {
                inside.add(NOTIFICATIONS);
                inside.add(REPLICATION);
            }
            if (node != null && !inside.isEmpty() && !group.equals("accelerator")) {
                node.only(inside.toArray(String[]::new));
            }
        }
    }

    private static long memory(@Nullable ConfigNode node) {
        if (node != null) {
            return node.bytes() >> 20;
        }
        var host = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return Math.max(0, host.getTotalMemorySize() - HOST_BYTES) >> 20;
    }

    private static Optional<UserRange> users(ConfigNode node) {
        if (node.string().equals("none")) {
            return Optional.empty();
        }
        try {
            return Optional.of(UserRange.parse(node.string()));
        } catch (IllegalArgumentException e) {
            throw node.error(e.getMessage() + "; or `none`");
        }
    }

    private static List<ComputeSettings.Peer> peers(@Nullable ConfigNode node) {
        var peers = new ArrayList<ComputeSettings.Peer>();
        for (ConfigNode one : node == null ? List.<ConfigNode>of() : node.list()) {
            one.only("region", "endpoint");
            ConfigNode endpoint = one.require("endpoint");
            Matcher url = ENDPOINT.matcher(endpoint.string());
            if (!url.matches()) {
                throw endpoint.error("is not http://HOST:PORT");
            }
            String region = one.require("region").string();
            if (!REGION.matcher(region).matches()) {
                throw one.require("region").error("is not the name of a region");
            }
            peers.add(new ComputeSettings.Peer(region, url.group(1), Integer.parseInt(url.group(2))));
        }
        return List.copyOf(peers);
    }
}
