package jarrah.server;

import jarrah.accelerator.Accelerator;
import jarrah.accelerator.acme.AcmeCertificates;
import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.origin.Origins;
import jarrah.accelerator.site.Site;
import jarrah.aws.SignatureVerifier;
import jarrah.cli.DataDirectoryOption;
import jarrah.http.HttpClientConfig;
import jarrah.http.HttpServer;
import jarrah.http.HttpServerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An accelerator without a region: what it is made of, in order; closing goes backwards. */
final class AcceleratorNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AcceleratorNode.class);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final AcceleratorConfig config;
    private @Nullable AcceleratorPorts ports;
    private @Nullable HttpServer console;
    private volatile Map<String, String> adminKeys = Map.of();
    private volatile Optional<String> eventsToken = Optional.empty();

    private AcceleratorNode(AcceleratorConfig config) {
        this.config = config;
    }

    /**
     * Starts one; when this returns it answers.
     *
     * @param directory for stored answers and the admin socket
     * @param listen address of both ports
     * @throws Cloud.CannotStart if a port is taken, or the configuration cannot be read or made so
     * @throws DataDirectory.Unusable if another server has the directory
     */
    static AcceleratorNode start(
            Path directory, ConfigurationWatch.Source source, String listen, int port, int consolePort, Clock clock)
            throws IOException, DataDirectory.Unusable, Cloud.CannotStart {
        String version;
        AcceleratorConfig config;
        try {
            version = source.version();
            config = source.read();
        } catch (IOException e) {
            throw new Cloud.CannotStart(String.valueOf(e.getMessage()));
        }
        var node = new AcceleratorNode(config);
        try {
            node.assemble(directory, source, version, listen, port, consolePort, clock);
            return node;
        } catch (IOException | DataDirectory.Unusable | Cloud.CannotStart | RuntimeException e) {
            node.close();
            throw e;
        }
    }

    private void assemble(
            Path directory,
            ConfigurationWatch.Source source,
            String version,
            String listen,
            int port,
            int consolePort,
            Clock clock)
            throws IOException, DataDirectory.Unusable, Cloud.CannotStart {
        DataDirectory data = opened(DataDirectory.open(directory));
        var origins = opened(new Origins(null, HttpClientConfig.defaults(), clock));
        Accelerator cache;
        try {
            cache = opened(Accelerator.open(config, data.accelerator(), origins, clock));
        } catch (IOException e) {
            throw new Cloud.CannotStart(source.name() + ": " + e.getMessage());
        }
        var meters = new Meters();
        meters.watch(cache);
        var certificates = opened(new AcmeCertificates(data.acme(), clock));
        meters.watch(certificates, clock);
        AcceleratorPorts served;
        try {
            served = opened(AcceleratorPorts.open(cache, certificates, config, listen, port));
        } catch (IOException e) {
            throw new Cloud.CannotStart(String.valueOf(e.getMessage()));
        }
        ports = served;
        adminKeys = config.adminKeys();
        eventsToken = config.eventsToken();
        var watch = opened(new ConfigurationWatch(source, version, next -> {
                    served.reload(next);
                    meters.watch(cache);
                    adminKeys = next.adminKeys();
                    eventsToken = next.eventsToken();
                }))
                .start();
        var admin = new AcceleratorAdmin(cache, certificates, Optional.of(watch));
        opened(HttpServer.startUnix(
                DataDirectoryOption.adminSocket(directory), HttpServerConfig.of("", 0), new LocalAdmin(admin)));
        // Whoever has a key of the configuration is an operator.
        var verifier = new SignatureVerifier(id -> adminKeys.get(id), clock);
        var remote = new RemoteAdmin(verifier, _ -> true, admin);
        var operations = new OperationsHandler(
                meters.registry(), () -> Map.of("accelerator", ""), remote, new StoreEvents(cache, () -> eventsToken));
        try {
            console = opened(HttpServer.start(HttpServerConfig.of(listen, consolePort), operations, null));
        } catch (IOException e) {
            throw new Cloud.CannotStart(
                    "cannot listen on " + listen + ":" + consolePort + ": is another program using the port?");
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        open.push(part);
        return part;
    }

    /** The base URLs of the sites, the one with TLS last. */
    List<String> urls() {
        AcceleratorPorts now = Objects.requireNonNull(ports);
        return Stream.concat(
                        Stream.of("http://127.0.0.1:" + now.port()),
                        now.tlsPort().map(port -> "https://127.0.0.1:" + port).stream())
                .toList();
    }

    /** The base URL of operations. */
    String consoleUrl() {
        return "http://127.0.0.1:" + Objects.requireNonNull(console).port();
    }

    /** The names of the sites that it began with. */
    List<String> sites() {
        return config.sites().all().stream().map(Site::name).toList();
    }

    /** Stops: no new requests, those that run may end. Harmless twice. */
    @Override
    public void close() {
        if (ports != null) {
            ports.close(); // before what its requests need
        }
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                LOG.error("while stopping", e);
            }
        }
    }
}
