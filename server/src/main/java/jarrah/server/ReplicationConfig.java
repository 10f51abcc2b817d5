package jarrah.server;

import jarrah.accelerator.config.ConfigNode;
import jarrah.accelerator.config.S3EndpointParser;
import jarrah.accelerator.origin.CredentialSource;
import jarrah.accelerator.origin.Origins;
import jarrah.accelerator.site.Glob;
import jarrah.accelerator.site.S3Endpoint;
import jarrah.http.HttpClientConfig;
import jarrah.s3.remote.RemoteBuckets;
import jarrah.s3.remote.RemoteEndpoint;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The part {@code s3.replication} of the configuration, and what is made of it. */
final class ReplicationConfig {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,80}");
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9.*?-]{1,63}");
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");

    /** A request waits for its turn rather than to be taken for one that is not answered: destinations share an endpoint. */
    private static final HttpClientConfig CLIENT =
            HttpClientConfig.defaults().withConnections(64, 64, Duration.ofMinutes(5));

    private ReplicationConfig() {}

    /**
     * An endpoint that buckets may be replicated to.
     *
     * @param name for logs
     * @param buckets names of the destinations that lie there
     * @param accounts whose buckets may be replicated there; empty for all
     */
    record Endpoint(String name, S3Endpoint at, List<Glob> buckets, Set<String> accounts) {
        boolean has(String bucket) {
            return buckets.stream().anyMatch(glob -> glob.matches(bucket));
        }
    }

    /** @param node {@code s3.replication}; null for none */
    static List<Endpoint> of(@Nullable ConfigNode node) {
        var endpoints = new ArrayList<Endpoint>();
        if (node == null) {
            return endpoints;
        }
        node.only("endpoints");
        var names = new HashSet<String>();
        for (ConfigNode one : node.require("endpoints").list()) {
            one.only("name", "s3", "region", "path-style", "buckets", "accounts", "credentials", "timeouts", "ca");
            ConfigNode name = one.require("name");
            if (!NAME.matcher(name.string()).matches() || !names.add(name.string())) {
                throw name.error("is not 1 to 80 letters, digits, '_', '.' or '-' that no other endpoint has");
            }
            one.require("credentials");
            List<Glob> buckets = texts(
                            one.require("buckets"),
                            BUCKET,
                            "is not the name of a bucket, or a pattern such as backup-*")
                    .stream()
                    .map(Glob::new)
                    .toList();
            if (buckets.isEmpty()) {
                throw one.require("buckets").error("names no bucket");
            }
            ConfigNode accounts = one.get("accounts");
            endpoints.add(new Endpoint(
                    name.string(),
                    S3EndpointParser.parse(one),
                    buckets,
                    accounts == null
                            ? Set.of()
                            : Set.copyOf(texts(accounts, ACCOUNT, "is not an account's 12 digits"))));
        }
        return List.copyOf(endpoints);
    }

    private static List<String> texts(ConfigNode node, Pattern form, String complaint) {
        return node.oneOrMany().stream()
                .map(one -> {
                    if (!form.matcher(one.string()).matches()) {
                        throw one.error("`" + one.string() + "` " + complaint);
                    }
                    return one.string();
                })
                .collect(Collectors.toList());
    }

    /**
     * Makes the endpoints; nothing is asked of them.
     *
     * @throws IOException if certificates cannot be read
     */
    static RemoteBuckets open(List<Endpoint> endpoints, Clock clock) throws IOException {
        var opened = new ArrayList<RemoteEndpoint>();
        for (Endpoint one : endpoints) {
            opened.add(new RemoteEndpoint(
                    one.name(),
                    one.at().server(),
                    one.at().region(),
                    one.at().pathStyle(),
                    one::has,
                    one.accounts(),
                    new Keys(new CredentialSource(one.at().credentials())),
                    Origins.config(CLIENT, one.at().reach())));
        }
        return new RemoteBuckets(opened, clock);
    }

    /** The keys as the accelerator's origins have them, too. */
    private record Keys(CredentialSource source) implements RemoteEndpoint.Keys {
        @Override
        public RemoteEndpoint.@Nullable Key current() throws IOException {
            CredentialSource.Key key = source.current();
            return key == null ? null : new RemoteEndpoint.Key(key.id(), key.secret(), key.sessionToken());
        }

        @Override
        public void close() {
            source.close();
        }
    }
}
