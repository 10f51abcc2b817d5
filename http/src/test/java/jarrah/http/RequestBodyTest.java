package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.Gate;
import jarrah.testkit.RawClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestBodyTest {
    private static final String CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static final Handler CHECKSUM = exchange -> {
        var crc = new CRC32();
        long size = 0;
        var buffer = ByteBuffer.allocate(10_000);
        while (exchange.body().read(buffer.clear()) >= 0) {
            crc.update(buffer.flip());
            size += buffer.limit();
        }
        exchange.send(ResponseHead.of(200), Body.of(size + " " + crc.getValue()));
    };

    private static HttpServerConfig config() {
        return HttpServerConfig.of("127.0.0.1", 0);
    }

    private static String checksum(byte[] bytes) {
        var crc = new CRC32();
        crc.update(bytes);
        return bytes.length + " " + crc.getValue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1_000, 70_000, 5_000_000})
    void aBodyOfKnownLengthArrivesWhole(int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        try (var server = HttpServer.start(config(), CHECKSUM, null);
                var client = RawClient.connect(server.port())) {
            for (int i = 0; i < 3; i++) {
                client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n")
                        .send(bytes);
                assertThat(client.read().text()).isEqualTo(checksum(bytes));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void chunksArriveWholeHoweverTheyAreCut(long seed) throws IOException {
        var random = new Random(seed);
        byte[] bytes = new byte[random.nextInt(200_000)];
        random.nextBytes(bytes);
        var wire = new java.io.ByteArrayOutputStream();
        wire.writeBytes(CHUNKED.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        for (int at = 0; at < bytes.length; ) {
            int size = Math.min(bytes.length - at, 1 + random.nextInt(30_000));
            wire.writeBytes((Integer.toHexString(size) + (random.nextBoolean() ? ";x=y" : "") + "\r\n")
                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            wire.write(bytes, at, size);
            wire.writeBytes(new byte[] {'\r', '\n'});
            at += size;
        }
        wire.writeBytes("0\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        byte[] sent = wire.toByteArray();
        try (var server = HttpServer.start(config(), CHECKSUM, null);
                var client = RawClient.connect(server.port())) {
            for (int at = 0; at < sent.length; ) {
                int size = Math.min(sent.length - at, 1 + random.nextInt(random.nextBoolean() ? 10 : 40_000));
                client.send(java.util.Arrays.copyOfRange(sent, at, at + size));
                at += size;
            }
            assertThat(client.read().text()).isEqualTo(checksum(bytes));
            assertThat(client.get("/").read().text()).isEqualTo(checksum(new byte[0]));
        }
    }

    @Test
    void aRequestMayFollowABodyInTheSamePacket() throws IOException {
        try (var server = HttpServer.start(config(), CHECKSUM, null);
                var client = RawClient.connect(server.port())) {
            client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: a\r\n\r\n"
                    + CHUNKED + "3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
            for (int i = 0; i < 2; i++) {
                assertThat(client.read().text()).startsWith("3 ");
                assertThat(client.read().text()).startsWith("0 ");
            }
        }
    }

    @Test
    void trailersAreExposed() throws IOException {
        Handler handler = exchange -> {
            String before = exchange.body().trailers().toString();
            exchange.body().readAll(100);
            exchange.send(ResponseHead.of(200), Body.of(before + exchange.body().trailers()));
        };
        try (var server = HttpServer.start(config(), handler, null);
                var client = RawClient.connect(server.port())) {
            client.send(CHUNKED + "3\r\nabc\r\n0\r\nX-Sum: 12\r\nx-sum: 13\r\n\r\n");
            assertThat(client.read().text()).isEqualTo("X-Sum: 12\nx-sum: 13\n");
        }
    }

    @Test
    void continueIsSentWhenTheHandlerFirstReads() throws IOException {
        var gate = new Gate();
        Handler handler = exchange -> {
            gate.pass();
            CHECKSUM.handle(exchange);
        };
        try (var server = HttpServer.start(config(), handler, null);
                var client = RawClient.connect(server.port())) {
            client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
            gate.awaitArrival();
            gate.open();
            assertThat(client.read().status()).isEqualTo(100);
            client.send("abc");
            assertThat(client.read().text())
                    .isEqualTo(checksum("abc".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        }
    }

    @Test
    void continueComesBeforeTheAnswerToAnEmptyBodyToo() throws IOException {
        try (var server = HttpServer.start(config(), CHECKSUM, null);
                var client = RawClient.connect(server.port())) {
            for (int i = 0; i < 2; i++) {
                client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n");
                assertThat(client.read().status()).isEqualTo(100);
                assertThat(client.read().text()).isEqualTo(checksum(new byte[0]));
            }
        }
    }

    @Test
    void aRefusalComesInsteadOfContinueAndEndsTheConnection() throws IOException {
        Handler handler = exchange -> exchange.send(ResponseHead.of(403), Body.EMPTY);
        try (var server = HttpServer.start(config(), handler, null);
                var client = RawClient.connect(server.port())) {
            client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
            var answer = client.read();
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.first("Connection")).isEqualTo("close");
            assertThat(client.closedByServer()).isTrue();
        }
    }

    @Test
    void aSmallBodyThatNobodyReadIsReadOver() throws IOException {
        Handler handler = exchange -> exchange.send(ResponseHead.of(200), Body.of("unread"));
        try (var server = HttpServer.start(config(), handler, null);
                var client = RawClient.connect(server.port())) {
            client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
            assertThat(client.read().text()).isEqualTo("unread");
            client.send(new byte[1_000]).get("/");
            assertThat(client.read().text()).isEqualTo("unread");
        }
    }

    @Test
    void aLargeBodyThatNobodyReadEndsTheConnection() throws IOException {
        Handler handler = exchange -> exchange.send(ResponseHead.of(200), Body.of("unread"));
        try (var server = HttpServer.start(config(), handler, null);
                var client = RawClient.connect(server.port())) {
            client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
            assertThat(client.read().text()).isEqualTo("unread");
            client.send(new byte[600_000]);
            assertThat(client.closedByServer()).isTrue();
        }
    }

    @Test
    void aBodyThatEndsEarlyIsTruncated() throws Exception {
        var failures = new ArrayBlockingQueue<Throwable>(1);
        try (var server = HttpServer.start(config(), catching(failures), null);
                var client = RawClient.connect(server.port())) {
            client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
                    .close();
            assertThat(failures.poll(10, TimeUnit.SECONDS)).isInstanceOf(RequestBody.BodyTruncated.class);
        }
    }

    @Test
    void aSilentClientRunsIntoTheBodyDeadline() throws Exception {
        var failures = new ArrayBlockingQueue<Throwable>(1);
        var config = config().withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(100), Duration.ofSeconds(5));
        try (var server = HttpServer.start(config, catching(failures), null);
                var client = RawClient.connect(server.port())) {
            client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
            assertThat(failures.poll(10, TimeUnit.SECONDS)).isInstanceOf(RequestBody.BodyTimeout.class);
            var answer = client.read();
            assertThat(answer.status()).isEqualTo(408);
            assertThat(client.closedByServer()).isTrue();
        }
    }

    @Test
    void readAllRefusesWhatIsTooLong() throws Exception {
        var failures = new ArrayBlockingQueue<Throwable>(1);
        Handler handler = exchange -> {
            try {
                exchange.body().readAll(5);
            } catch (IOException e) {
                failures.add(e);
                throw e;
            }
        };
        try (var server = HttpServer.start(config(), handler, null);
                var client = RawClient.connect(server.port())) {
            client.send(CHUNKED + "6\r\nabcdef\r\n0\r\n\r\n");
            assertThat(client.read().status()).isEqualTo(413);
            assertThat(failures.poll(10, TimeUnit.SECONDS)).isInstanceOf(RequestBody.BodyTooLarge.class);
        }
    }

    private static Handler catching(BlockingQueue<Throwable> failures) {
        return exchange -> {
            try {
                CHECKSUM.handle(exchange);
            } catch (IOException e) {
                failures.add(e);
                throw e;
            }
        };
    }

    /** What the client sends while the handler does not read stays in the kernel and the client, not in our memory. */
    @Test
    void aSlowHandlerHoldsTheClientBack() throws Exception {
        var gate = new Gate();
        Handler handler = exchange -> {
            gate.pass();
            CHECKSUM.handle(exchange);
        };
        byte[] bytes = new byte[64 * 1024 * 1024];
        var progress = new java.util.concurrent.atomic.AtomicLong();
        try (var server = HttpServer.start(config(), handler, null);
                var client = RawClient.connect(server.port())) {
            client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + bytes.length + "\r\n\r\n");
            var sender = Thread.startVirtualThread(() -> {
                byte[] piece = new byte[64 * 1024];
                for (int at = 0; at < bytes.length; at += piece.length) {
                    client.send(piece);
                    progress.addAndGet(piece.length);
                }
            });
            gate.awaitArrival();
            assertThat(sender.join(Duration.ofMillis(500))).isFalse();
            assertThat(progress.get()).isLessThan(32 * 1024 * 1024);
            gate.open();
            assertThat(client.read().text()).isEqualTo(checksum(bytes));
            sender.join();
        }
    }
}
