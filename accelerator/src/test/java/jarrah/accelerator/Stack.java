package jarrah.accelerator;

import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.config.ConfigNode;
import jarrah.accelerator.origin.Origins;
import jarrah.http.HttpClientConfig;
import jarrah.http.HttpServer;
import jarrah.http.HttpServerConfig;
import jarrah.testkit.Deadlines;
import jarrah.testkit.ManualClock;
import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import jarrah.testkit.ScriptedOrigin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** An accelerator behind a real server, before a scripted origin and a fake object store, with a clock of the test's. */
final class Stack implements AutoCloseable {
    static final Instant START = Instant.parse("2026-11-22T12:00:00Z");

    final ManualClock clock = new ManualClock(START);
    final ScriptedOrigin origin = ScriptedOrigin.start();
    final FakeBuckets buckets = new FakeBuckets();
    private final Origins origins = new Origins(
            buckets,
            HttpClientConfig.defaults()
                    .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(20)),
            clock);
    private final AcceleratorConfig config;
    private final @Nullable Path directory;
    Accelerator accelerator;
    private HttpServer server;

    /** The configuration says ORIGIN for the scripted origin's URL. */
    Stack(String yaml, @Nullable Path directory) {
        config = AcceleratorConfig.parse(
                ConfigNode.parse("test.yaml", yaml.replace("ORIGIN", "\"" + origin.url() + "\"")));
        this.directory = directory;
        try {
            accelerator = Accelerator.open(config, directory, origins, clock);
            server = listen();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Stack(String yaml) {
        this(yaml, null);
    }

    /** One site of the scripted origin, with those further settings. */
    static Stack http(String settings) {
        return new Stack("sites: [{name: s, origin: {http: ORIGIN}, " + settings + "}]");
    }

    /** One site of the bucket, with those further settings. */
    static Stack bucket(String settings) {
        return new Stack("sites: [{name: s, origin: {bucket: b}, " + settings + "}]");
    }

    private HttpServer listen() throws IOException {
        return HttpServer.start(HttpServerConfig.of("127.0.0.1", 0), accelerator, accelerator);
    }

    /** Ends this accelerator and starts another on the same files. */
    void restart() throws IOException {
        server.close();
        accelerator.close();
        accelerator = Accelerator.open(config, directory, origins, clock);
        server = listen();
    }

    int port() {
        return server.port();
    }

    RawClient connect() {
        return RawClient.connect(server.port(), Deadlines.STEP);
    }

    RawMessage get(String target, String... fields) {
        return request("GET", target, fields);
    }

    RawMessage request(String method, String target, String... fields) {
        try (RawClient raw = connect()) {
            raw.request(method, target, fields);
            return method.equals("HEAD") ? raw.readHead() : raw.read();
        }
    }

    AcceleratorCounters.Site counters() {
        return java.util.Objects.requireNonNull(accelerator.counters().sites().get("s"));
    }

    void later(Duration by) {
        clock.advance(by);
    }

    /** Waits for what happens behind a client's back. */
    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Deadlines.STEP.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it did not come to that");
            }
            Thread.onSpinWait();
        }
    }

    /** Waits until no fetch is under way. */
    void settle() {
        await(() -> accelerator.counters().fetching() == 0);
    }

    static String cacheStatus(RawMessage message) {
        return String.valueOf(message.first("Cache-Status"));
    }

    @Override
    public void close() {
        server.close();
        accelerator.close();
        origins.close();
        origin.close();
    }
}
