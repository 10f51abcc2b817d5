package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.Deadlines;
import jarrah.testkit.RawClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class SlowClientTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofMinutes(5);

    private static final Handler OK = exchange -> exchange.send(ResponseHead.of(200), Body.of("ok"));

    private static HttpServerConfig config() {
        return HttpServerConfig.of("127.0.0.1", 0);
    }

    @Test
    void aThousandUnfinishedHeadsDoNotHinderTheOthers() throws IOException {
        try (var server = HttpServer.start(config().withTimeouts(LONG, LONG, LONG), OK, null)) {
            var slow = new ArrayList<RawClient>();
            for (int i = 0; i < 1_000; i++) {
                slow.add(RawClient.connect(server.port()).send("GET / HTTP/1.1\r\nHost: a\r\nX-" + i));
            }
            try (var quick = RawClient.connect(server.port())) {
                for (int i = 0; i < 100; i++) {
                    assertThat(quick.get("/").read().text()).isEqualTo("ok");
                }
            }
            var last = slow.get(999);
            assertThat(last.send(": a\r\n\r\n").read().text()).isEqualTo("ok");
            slow.forEach(RawClient::close);
        }
    }

    /** The deadline counts from the first byte: sending more and more does not move it. */
    @Test
    void aHeadThatNeverEndsIsRefusedAtItsDeadline() throws Exception {
        var config = config().withTimeouts(SHORT, LONG, LONG).withHeadLimits(1_000, 1 << 30, 1 << 28);
        var done = new AtomicBoolean();
        try (var server = HttpServer.start(config, OK, null);
                var client = RawClient.connect(server.port())) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n");
            var trickle = Thread.startVirtualThread(() -> {
                while (!done.get()) {
                    client.send("X: a\r\n");
                }
            });
            assertThat(client.read().status()).isEqualTo(408);
            done.set(true);
            trickle.join();
        }
    }

    @Test
    void aHeadThatStopsIsRefusedAtItsDeadline() throws IOException {
        try (var server = HttpServer.start(config().withTimeouts(SHORT, LONG, LONG), OK, null);
                var client = RawClient.connect(server.port())) {
            assertThat(client.send("GET / HT").read().status()).isEqualTo(408);
            assertThat(client.closedByServer()).isTrue();
        }
    }

    @Test
    void anIdleConnectionIsClosedWithoutAWord() throws IOException {
        try (var server = HttpServer.start(config().withTimeouts(LONG, LONG, SHORT), OK, null)) {
            try (var fresh = RawClient.connect(server.port())) {
                assertThat(fresh.closedByServer()).isTrue();
            }
            try (var used = RawClient.connect(server.port())) {
                assertThat(used.get("/").read().text()).isEqualTo("ok");
                assertThat(used.closedByServer()).isTrue();
            }
        }
    }

    @Test
    void aRunningExchangeIsNotIdle() throws Exception {
        var config = config().withTimeouts(SHORT, SHORT, SHORT);
        try (var server = HttpServer.start(
                        config,
                        exchange -> {
                            var waited = new java.util.concurrent.CountDownLatch(1);
                            assertThat(waited.await(600, TimeUnit.MILLISECONDS)).isFalse();
                            OK.handle(exchange);
                        },
                        null);
                var client = RawClient.connect(server.port())) {
            assertThat(client.get("/").read().text()).isEqualTo("ok");
        }
    }

    @Test
    void aClientThatNeverReadsIsCutAndHoldsLittleMemory() throws Exception {
        long size = 2L * 1024 * 1024 * 1024;
        var outcomes = new ArrayBlockingQueue<Exchange.Outcome>(1);
        var accepted = new java.util.concurrent.atomic.AtomicLong();
        Handler handler = exchange -> {
            exchange.onComplete(outcomes::add);
            try (var body = exchange.stream(ResponseHead.of(200), size)) {
                var piece = ByteBuffer.allocate(64 * 1024);
                for (long left = size; left > 0; left -= piece.capacity()) {
                    body.write(piece.clear());
                    accepted.addAndGet(piece.capacity());
                }
            }
        };
        try (var server = HttpServer.start(config().withTimeouts(LONG, SHORT, LONG), handler, null);
                var client = RawClient.connect(server.port(), Deadlines.STEP, 16 * 1024)) {
            client.get("/");
            var outcome = outcomes.poll(20, TimeUnit.SECONDS);
            assertThat(outcome).isNotNull();
            assertThat(outcome.failure()).isNotNull();
            // What was accepted lies in the kernel's buffers but for a quarter of a megabyte.
            assertThat(accepted.get() - outcome.bytesSent()).isLessThan(512 * 1024);
        }
    }

    @Test
    void aClientThatNeverReadsAFileIsCut() throws Exception {
        var released = new ArrayBlockingQueue<String>(2);
        var path = java.nio.file.Files.createTempFile("sparse", "");
        try (var file = new java.io.RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(1L << 30);
            LoopHandler handler = exchange -> {
                exchange.send(
                        ResponseHead.of(200),
                        new Body.FilePart(file.getChannel(), 0, 1L << 30, () -> released.add("released")));
                return true;
            };
            try (var server = HttpServer.start(config().withTimeouts(LONG, SHORT, LONG), OK, handler);
                    var client = RawClient.connect(server.port(), Deadlines.STEP, 16 * 1024)) {
                client.get("/");
                assertThat(released.poll(20, TimeUnit.SECONDS)).isEqualTo("released");
            }
            assertThat(released).isEmpty();
        } finally {
            java.nio.file.Files.delete(path);
        }
    }

    /** A slow client that does take its bytes is no stalled one, however long the whole takes. */
    @Test
    void aSlowClientThatReadsIsServedToTheEnd() throws Exception {
        byte[] content = new byte[8 * 1024 * 1024];
        new java.util.Random(7).nextBytes(content);
        try (var server = HttpServer.start(
                        config().withTimeouts(LONG, Duration.ofSeconds(1), LONG),
                        exchange -> exchange.send(ResponseHead.of(200), Body.of(content)),
                        null);
                var client = RawClient.connect(server.port(), Duration.ofSeconds(30), 16 * 1024)) {
            assertThat(client.get("/").read().body()).isEqualTo(content);
        }
    }

    /** Requests sent ahead by a client that reads nothing must not pile up as answers. */
    @Test
    void pipeliningWithoutReadingIsHeldBack() throws Exception {
        var answered = new java.util.concurrent.atomic.AtomicInteger();
        byte[] content = new byte[100_000];
        LoopHandler handler = exchange -> {
            answered.incrementAndGet();
            exchange.send(ResponseHead.of(200), Body.of(content));
            return true;
        };
        try (var server = HttpServer.start(config().withTimeouts(LONG, SHORT, LONG), OK, handler);
                var client = RawClient.connect(server.port(), Deadlines.STEP, 16 * 1024)) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2_000));
            while (server.openConnections() > 0) {
                Thread.onSpinWait();
            }
            assertThat(answered.get()).isLessThan(200);
        }
    }

    @Test
    void connectionsBeyondTheBoundsAreClosedAtOnce() throws IOException {
        try (var server = HttpServer.start(config().withConnections(100, 3), OK, null)) {
            var inside = new ArrayList<RawClient>();
            for (int i = 0; i < 3; i++) {
                var client = RawClient.connect(server.port());
                assertThat(client.get("/").read().text()).isEqualTo("ok");
                inside.add(client);
            }
            try (var outside = RawClient.connect(server.port())) {
                assertThat(outside.closedByServer()).isTrue();
            }
            assertThat(inside.getFirst().get("/").read().text()).isEqualTo("ok");
            inside.forEach(RawClient::close);
        }
    }
}
