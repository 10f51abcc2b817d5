package jarrah.server;

import jarrah.accelerator.Accelerator;
import jarrah.accelerator.acme.AcmeCertificates;
import jarrah.accelerator.origin.OwnBuckets;
import jarrah.aws.QueryEndpoint;
import jarrah.aws.SignatureV2;
import jarrah.aws.SignatureVerifier;
import jarrah.cli.DataDirectoryOption;
import jarrah.ec2.wire.Ec2Actions;
import jarrah.http.Handler;
import jarrah.http.HttpServer;
import jarrah.http.HttpServerConfig;
import jarrah.http.LoopHandler;
import jarrah.http.Tls;
import jarrah.http.Transport;
import jarrah.iam.AccessKey;
import jarrah.iam.Accounts;
import jarrah.iam.Authorizer;
import jarrah.iam.Certificates;
import jarrah.iam.Iam;
import jarrah.iam.NewAccount;
import jarrah.iam.SecretBox;
import jarrah.iam.Sts;
import jarrah.iam.Users;
import jarrah.s3.S3Endpoint;
import jarrah.s3.StoreKeys;
import jarrah.s3.jobs.AccessLog;
import jarrah.s3.jobs.EventDelivery;
import jarrah.s3.jobs.Events;
import jarrah.s3.jobs.LifecycleRunner;
import jarrah.s3.jobs.RemoteReplicator;
import jarrah.s3.jobs.Replicator;
import jarrah.s3.remote.RemoteBuckets;
import jarrah.s3.remote.RemoteCopies;
import jarrah.s3.settings.Replication;
import jarrah.s3.store.S3Store;
import jarrah.s3.wire.Cors;
import jarrah.s3.wire.ReplicationGate;
import jarrah.s3.wire.S3Operations;
import jarrah.storage.FileBlobs;
import jarrah.storage.FileDisk;
import jarrah.storage.KvException;
import jarrah.storage.RocksKv;
import jarrah.storage.VerifyMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running region: every object of the house is made here, in order; closing goes backwards.
 */
public final class Cloud implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cloud.class);
    /** The account that a server is born with. */
    static final String FIRST_ACCOUNT = "first";
    /** Space that uploads leave free, so that deletions, records and the log can still be written. */
    private static final long RESERVE_BYTES = 256L << 20;

    private final CloudConfig config;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Meters meters = new Meters();
    private @Nullable Machines machines;
    private @Nullable HttpServer api;
    private @Nullable HttpServer tls;
    private @Nullable AcceleratorPorts accelerator;
    private @Nullable HttpServer console;
    private volatile Optional<String> eventsToken = Optional.empty();

    /** The region cannot start; the message is one line that says why. */
    public static final class CannotStart extends Exception {
        CannotStart(String message) {
            super(message);
        }
    }

    private Cloud(CloudConfig config) {
        this.config = config;
    }

    /**
     * Starts a region; when this returns it answers.
     *
     * @throws CannotStart if a port is taken or stored data is damaged
     * @throws DataDirectory.Unusable if another server has the data directory, or a newer Jarrah made it
     */
    static Cloud start(CloudConfig config, Clock clock) throws IOException, DataDirectory.Unusable, CannotStart {
        var cloud = new Cloud(config);
        try {
            cloud.assemble(clock);
            return cloud;
        } catch (KvException.Corrupt e) {
            cloud.close();
            throw new CannotStart(String.valueOf(e.getMessage()));
        } catch (IOException | DataDirectory.Unusable | CannotStart | RuntimeException e) {
            cloud.close();
            throw e;
        }
    }

    private void assemble(Clock clock) throws IOException, DataDirectory.Unusable, CannotStart {
        DataDirectory data = opened(DataDirectory.open(config.data()));
        var kv = opened(RocksKv.open(data.kv(), RocksKv.Options.defaults().withAcceptLoss(config.acceptLoss())));
        var blobs = opened(new FileBlobs(new FileDisk(), data.blobs(), verifyMode(), RESERVE_BYTES));

        var box = SecretBox.open(config.keyFile());
        var accounts = new Accounts(kv, box, clock);
        var users = new Users(kv, box, clock, accounts);
        var authorizer = new Authorizer(clock);
        var certificates = new Certificates(kv, box, clock);
        var verifier = new SignatureVerifier(accounts, clock);

        var kms = new jarrah.iam.kms.Keys(kv, box, clock, config.region());
        opened(new jarrah.iam.kms.KeySweeper(kms)).start();
        var store = opened(new S3Store(kv, blobs, clock, new StoreKeys(box, kms), Replication::read));
        var accessLog = opened(new AccessLog(store, clock, config.s3().day(), config.region()))
                .start();
        var events = new Events(store, clock, config.s3());
        opened(new EventDelivery(events, clock, config.s3())).start();
        opened(new LifecycleRunner(store, clock, config.s3().day(), events)).start();
        RemoteBuckets remotes = remotes(clock);
        opened(new RemoteReplicator(store, remotes, new RemoteCopies(store, clock), clock))
                .start();
        opened(new Replicator(store, clock, new ReplicationGate(store, authorizer, kms), remotes))
                .start();
        var operations = new S3Operations(store, accounts, authorizer, config.s3(), clock, events, kms, remotes);
        var s3 = new S3Endpoint(
                config.s3(),
                verifier,
                new SignatureV2(accounts, clock),
                accounts,
                operations,
                new Cors(store),
                meters,
                accessLog,
                clock);
        opened(store.sweeper()).start();
        config.scrub().ifPresent(opened(store.scrubber())::start);
        meters.watch(store.scrubber());

        var sts = new QueryEndpoint(
                "sts", Sts.NAMESPACE, QueryEndpoint.Dialect.COMMON, verifier, new Sts(accounts, authorizer));
        machines = opened(new Machines(config, data, kv, operations, accounts, certificates, clock));
        var actions = new Ec2Actions(machines.compute(), accounts, authorizer, box);
        var ec2 = new QueryEndpoint("ec2", Ec2Actions.NAMESPACE, QueryEndpoint.Dialect.EC2, verifier, actions);
        var iam = new QueryEndpoint(
                "iam",
                Iam.NAMESPACE,
                QueryEndpoint.Dialect.COMMON,
                verifier,
                new Iam(accounts, users, certificates, authorizer));
        var gateway = new ApiGateway(
                s3,
                s3,
                Map.of(
                        "sts", sts,
                        "iam", iam,
                        "ec2", ec2,
                        "kms",
                                new jarrah.aws.JsonEndpoint(
                                        "TrentService", verifier, new jarrah.iam.kms.Kms(kms, accounts, authorizer))));
        machines.start(gateway);
        api = listen(config.apiPort(), gateway, gateway);
        if (config.tls().isPresent()) {
            tls = listenTls(config.tls().get(), gateway);
        }
        machines.compute().listensAt(host() + ":" + port(api));

        var buckets = new Accelerators.StoreBuckets(s3, store, accounts, verifier);
        var source = config.file()
                .map(file -> new ConfigurationFiles(file, files -> CloudConfig.accelerator(files.getFirst())));
        String version = source.isPresent() ? source.get().version() : "";
        var cache = cache(data, buckets, clock);
        meters.watch(cache);
        var acme = opened(new AcmeCertificates(data.acme(), clock));
        meters.watch(acme, clock);
        AcceleratorPorts served;
        try {
            served = opened(AcceleratorPorts.open(
                    cache, acme, config.accelerator(), config.listen(), config.acceleratorPort()));
        } catch (IOException e) {
            throw new CannotStart(String.valueOf(e.getMessage()));
        }
        accelerator = served;
        eventsToken = config.accelerator().eventsToken();
        var watch = source.map(one -> opened(new ConfigurationWatch(one, version, next -> {
                    served.reload(next);
                    meters.watch(cache);
                    eventsToken = next.eventsToken();
                }))
                .start());

        var files = new CredentialFiles(data.credentials(), config.region(), host(), port(api), certificates);
        writeCredentials(accounts, files);
        Path socket = DataDirectoryOption.adminSocket(config.data());
        var admin = new AdminHandler(
                accounts,
                files,
                machines.compute(),
                data.images(),
                new StorageAdmin(store.check(), store.quotas()),
                new AcceleratorAdmin(cache, acme, watch));
        opened(HttpServer.startUnix(socket, HttpServerConfig.of("", 0), new LocalAdmin(admin)));

        var remote = new RemoteAdmin(verifier, id -> isOperator(accounts, id), admin);
        var told = new StoreEvents(cache, () -> eventsToken);
        console = listen(
                config.consolePort(),
                new OperationsHandler(meters.registry(), () -> health(kv, blobs), remote, told),
                null);
    }

    /** Operators are who may do everything in the first account. */
    private static boolean isOperator(Accounts accounts, String accessKeyId) {
        AccessKey key = accounts.key(accessKeyId);
        return key != null
                && key.account().name().equals(FIRST_ACCOUNT)
                && key.principal().administrator();
    }

    private RemoteBuckets remotes(Clock clock) throws CannotStart {
        try {
            return ReplicationConfig.open(config.replication(), clock);
        } catch (IOException e) {
            throw new CannotStart("s3.replication: " + e.getMessage());
        }
    }

    private Accelerator cache(DataDirectory data, OwnBuckets buckets, Clock clock) throws CannotStart {
        try {
            return opened(Accelerators.open(config.accelerator(), data.accelerator(), buckets, clock))
                    .accelerator();
        } catch (IOException e) {
            throw new CannotStart("accelerator: " + e.getMessage());
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        open.push(part);
        return part;
    }

    private HttpServer listen(int port, Handler handler, @Nullable LoopHandler loopHandler) throws CannotStart {
        try {
            return opened(HttpServer.start(HttpServerConfig.of(config.listen(), port), handler, loopHandler));
        } catch (IOException e) {
            throw new CannotStart("cannot listen on " + config.listen() + ":" + port
                    + ": is another program using the port? (jarrah doctor; other ports: jarrah up --help)");
        }
    }

    private HttpServer listenTls(CloudConfig.TlsListener where, ApiGateway gateway) throws CannotStart {
        try {
            Tls tls = Tls.open(List.of(new Tls.PemFiles(where.certificate(), where.key())));
            return opened(HttpServer.start(
                    HttpServerConfig.of(config.listen(), where.port()), Transport.of(tls), gateway, gateway));
        } catch (IOException e) {
            throw new CannotStart(
                    "cannot serve TLS on " + config.listen() + ":" + where.port() + ": " + e.getMessage());
        }
    }

    private VerifyMode verifyMode() {
        return switch (config.verify()) {
            case "always" -> VerifyMode.ALWAYS;
            case "scrub" -> VerifyMode.SCRUB;
            default -> VerifyMode.FIRST_READ;
        };
    }

    /** Makes the first account at the first start; writes every account's files, since ports may have changed. */
    private void writeCredentials(Accounts accounts, CredentialFiles files) throws IOException {
        AccessKey first = accounts.create(
                new NewAccount(FIRST_ACCOUNT, config.accountId(), config.accessKeyId(), config.secretAccessKey()));
        for (var account : accounts.list()) {
            boolean isFirst = account.id().equals(first.account().id());
            files.write(isFirst ? first : accounts.adminKey(account.id()), isFirst);
        }
    }

    /** The address that clients on this machine use. */
    private String host() {
        return config.listen().equals("0.0.0.0") || config.listen().equals("::") ? "127.0.0.1" : config.listen();
    }

    private static int port(@Nullable HttpServer server) {
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server.port();
    }

    private static Map<String, String> health(RocksKv kv, FileBlobs blobs) {
        var health = new LinkedHashMap<String, String>();
        health.put("records", kv.trouble().orElse(""));
        health.put("blobs", blobs.trouble().orElse(""));
        return health;
    }

    /** The API's base URL. */
    public String apiUrl() {
        return "http://" + host() + ":" + port(api);
    }

    /** The API's base URL with TLS; empty if it is not served so. */
    Optional<String> tlsUrl() {
        return tls == null ? Optional.empty() : Optional.of("https://" + host() + ":" + tls.port());
    }

    /** The accelerator's base URL. */
    public String acceleratorUrl() {
        return "http://" + host() + ":" + ports().port();
    }

    /** The accelerator's base URL with TLS; empty if it is not served so. */
    Optional<String> acceleratorTlsUrl() {
        return ports().tlsPort().map(port -> "https://" + host() + ":" + port);
    }

    private AcceleratorPorts ports() {
        if (accelerator == null) {
            throw new IllegalStateException("not started");
        }
        return accelerator;
    }

    /** The base URL of operations. */
    public String consoleUrl() {
        return "http://" + host() + ":" + port(console);
    }

    /** What compute lacks on this host, a sentence each. */
    List<String> computeLacks() {
        return machines == null ? List.of() : machines.lacks();
    }

    /** How many sites the accelerator serves. */
    int sites() {
        return config.accelerator().sites().all().size();
    }

    /** Stops: no new requests, those that run may end, then everything is closed, last made first. Harmless twice. */
    @Override
    public void close() {
        for (HttpServer server : listeners()) {
            server.close();
        }
        if (accelerator != null) {
            accelerator.close();
        }
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                LOG.error("while stopping", e);
            }
        }
    }

    private List<HttpServer> listeners() {
        return open.stream()
                .filter(HttpServer.class::isInstance)
                .map(HttpServer.class::cast)
                .toList();
    }
}
