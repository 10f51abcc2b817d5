package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import jarrah.testkit.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of every kind, cut and mixed at random: right ones are answered in order, broken ones hurt nobody. */
final class AnyInputTest {
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        LoopHandler loop = exchange -> {
            if (!exchange.request().path().equals("/loop")) {
                return false;
            }
            exchange.send(ResponseHead.of(200), Body.of(exchange.request().target()));
            return true;
        };
        Handler handler = exchange -> {
            String target = exchange.request().target();
            if (exchange.request().path().equals("/unread")) {
                exchange.send(ResponseHead.of(200), Body.of(target));
                return;
            }
            byte[] body = exchange.body().readAll(1 << 20);
            if (exchange.request().path().equals("/stream")) {
                try (var out = exchange.stream(ResponseHead.of(200), -1)) {
                    out.write(java.nio.ByteBuffer.wrap(
                            (target + " " + Arrays.hashCode(body)).getBytes(StandardCharsets.UTF_8)));
                }
            } else {
                exchange.send(ResponseHead.of(200), Body.of(target + " " + Arrays.hashCode(body)));
            }
        };
        server = HttpServer.start(HttpServerConfig.of("127.0.0.1", 0), handler, loop);
    }

    /** Whatever was sent, no buffer may stay behind. */
    @AfterEach
    void stopAndCountBuffers() {
        server.close();
        long end = System.nanoTime() + jarrah.testkit.Deadlines.STEP.toNanos();
        while (PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() > 0 && System.nanoTime() < end) {
            Thread.onSpinWait(); // a handler may be on its last lines
        }
        assertThat(PooledByteBufAllocator.DEFAULT.pinnedDirectMemory()).isZero();
    }

    /** A stream of requests and the answers that it must get. */
    private record Script(byte[] wire, List<String> answers) {}

    private static Script script(Random random, int requests) {
        var wire = new ByteArrayOutputStream();
        var answers = new ArrayList<String>();
        for (int i = 0; i < requests; i++) {
            String path = List.of("/loop", "/handler", "/stream", "/unread").get(random.nextInt(4));
            String target = path + "?" + i + "x".repeat(random.nextInt(40));
            boolean withBody = !path.equals("/loop") && random.nextBoolean();
            byte[] body = new byte[withBody ? random.nextInt(random.nextInt(10) == 0 ? 200_000 : 500) : 0];
            random.nextBytes(body);
            wire.writeBytes(ascii((withBody ? "PUT " : "GET ") + target + " HTTP/1.1\r\nHost: a\r\n"));
            for (int j = random.nextInt(5); j > 0; j--) {
                wire.writeBytes(ascii("X-" + j + ":  " + "v".repeat(random.nextInt(100)) + " \r\n"));
            }
            if (withBody && random.nextBoolean()) {
                wire.writeBytes(ascii("Transfer-Encoding: chunked\r\n\r\n"));
                chunks(random, wire, body);
            } else {
                wire.writeBytes(ascii((withBody ? "Content-Length: " + body.length + "\r\n" : "") + "\r\n"));
                wire.writeBytes(body);
            }
            boolean told = path.equals("/handler") || path.equals("/stream");
            answers.add(told ? target + " " + Arrays.hashCode(body) : target);
        }
        return new Script(wire.toByteArray(), answers);
    }

    private static void chunks(Random random, ByteArrayOutputStream wire, byte[] body) {
        for (int at = 0; at < body.length; ) {
            int size = Math.min(body.length - at, 1 + random.nextInt(5_000));
            wire.writeBytes(ascii(Integer.toHexString(size) + "\r\n"));
            wire.write(body, at, size);
            wire.writeBytes(ascii("\r\n"));
            at += size;
        }
        wire.writeBytes(ascii(random.nextBoolean() ? "0\r\n\r\n" : "0\r\nX-Trailer: 1\r\n\r\n"));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void send(RawClient client, Random random, byte[] wire) {
        int most = 1 << random.nextInt(18);
        for (int at = 0; at < wire.length; ) {
            int size = Math.min(wire.length - at, 1 + random.nextInt(most) + (at > 20_000 ? 5_000 : 0));
            client.send(Arrays.copyOfRange(wire, at, at + size));
            at += size;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void requestsCutAnywhereAreAnsweredInOrder(long seed) throws Exception {
        var random = new Random(seed);
        Script script = script(random, 60);
        try (var client = RawClient.connect(server.port())) {
            var sender = Thread.startVirtualThread(() -> send(client, random, script.wire()));
            for (String expected : script.answers()) {
                assertThat(client.read().text()).isEqualTo(expected);
            }
            sender.join();
        }
    }

    private void survivesDamage(long seed) {
        var random = new Random(seed);
        byte[] wire = script(random, 5).wire();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(Math.min(wire.length, 1_000));
            wire[at] =
                    random.nextBoolean() ? (byte) "\r\n \t:;,0a\0".charAt(random.nextInt(10)) : (byte) random.nextInt();
        }
        try (var client = RawClient.connect(server.port())) {
            try {
                send(client, random, wire);
                client.finishSending().readToEnd(); // whatever it is, it ends
            } catch (UncheckedIOException e) {
                assertThat(e).hasRootCauseInstanceOf(java.net.SocketException.class);
                assertThat(e.getCause()).isNotInstanceOf(java.net.SocketTimeoutException.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 1_001, 2_001})
    void damagedRequestsHurtNobody(long seed) {
        damage(seed, 100);
    }

    static java.util.stream.LongStream longSeeds() {
        return java.util.stream.LongStream.range(10, 50).map(i -> i * 1_000);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("longSeeds")
    void damagedRequestsHurtNobodyForLong(long seed) {
        damage(seed, 500);
    }

    private void damage(long seed, int rounds) {
        for (int i = 0; i < rounds; i++) {
            survivesDamage(seed + i);
        }
        try (var client = RawClient.connect(server.port())) {
            assertThat(client.get("/loop").read().text()).isEqualTo("/loop");
        }
    }
}
