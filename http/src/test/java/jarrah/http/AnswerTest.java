package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.testkit.RawClient;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an answer looks like on the wire, on the loop and from a handler alike. */
final class AnswerTest {
    private static HttpServer start(Handler handler) throws IOException {
        return HttpServer.start(HttpServerConfig.of("127.0.0.1", 0), handler, null);
    }

    private static HttpServer onLoop(LoopHandler handler) throws IOException {
        return HttpServer.start(
                HttpServerConfig.of("127.0.0.1", 0),
                exchange -> exchange.send(ResponseHead.of(599), Body.EMPTY),
                handler);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void headShowsTheLengthWithoutTheBody() throws IOException {
        try (var server = start(exchange -> {
                    switch (exchange.request().path()) {
                        case "/bytes" -> exchange.send(ResponseHead.of(200), Body.of("12345"));
                        case "/length" -> exchange.send(ResponseHead.of(200), new Body.LengthOnly(1L << 40));
                        case "/unknown" -> exchange.send(ResponseHead.of(200), new Body.LengthOnly(-1));
                        default -> {
                            try (var body = exchange.stream(ResponseHead.of(200), 3)) {
                                body.write(bytes("abc"));
                            }
                        }
                    }
                });
                var client = RawClient.connect(server.port())) {
            assertThat(client.request("HEAD", "/bytes").readHead().first("Content-Length"))
                    .isEqualTo("5");
            assertThat(client.request("HEAD", "/length").readHead().first("Content-Length"))
                    .isEqualTo("1099511627776");
            assertThat(client.request("HEAD", "/unknown").readHead().first("Content-Length"))
                    .isNull();
            assertThat(client.request("HEAD", "/stream").readHead().first("Content-Length"))
                    .isEqualTo("3");
            assertThat(client.get("/bytes").read().text()).isEqualTo("12345");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304})
    void statusesWithoutABodyHaveNoneAndNoLength(int status) throws IOException {
        try (var server = start(exchange -> exchange.send(
                        ResponseHead.of(exchange.request().target().equals("/next") ? 200 : status),
                        Body.of("not sent but here")));
                var client = RawClient.connect(server.port())) {
            var answer = client.get("/").read();
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.first("Content-Length")).isNull();
            assertThat(answer.first("Transfer-Encoding")).isNull();
            assertThat(client.get("/next").read().status()).isEqualTo(200);
        }
    }

    @Test
    void anAnswerOfUnknownLengthIsChunked() throws IOException {
        try (var server = start(exchange -> {
                    try (var body = exchange.stream(ResponseHead.of(200), -1)) {
                        body.write(bytes("one "));
                        body.write(bytes("two"));
                    }
                });
                var client = RawClient.connect(server.port())) {
            for (int i = 0; i < 2; i++) {
                var answer = client.get("/").read();
                assertThat(answer.first("Transfer-Encoding")).isEqualTo("chunked");
                assertThat(answer.first("Content-Length")).isNull();
                assertThat(answer.text()).isEqualTo("one two");
            }
            client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            var old = client.read();
            assertThat(old.first("Transfer-Encoding")).isNull();
            assertThat(old.first("Connection")).isEqualTo("close");
            assertThat(old.text()).isEqualTo("one two");
        }
    }

    @Test
    void fieldsOfTheEngineCannotBeForged() throws IOException {
        try (var server = start(exchange -> exchange.send(
                        ResponseHead.of(
                                200,
                                "Content-Length",
                                "99",
                                "Transfer-Encoding",
                                "chunked",
                                "Connection",
                                "upgrade",
                                "X-Kept",
                                "1",
                                "x-kept",
                                "2"),
                        Body.of("abc")));
                var client = RawClient.connect(server.port())) {
            var answer = client.get("/").read();
            assertThat(answer.all("Content-Length")).containsExactly("3");
            assertThat(answer.all("Transfer-Encoding")).isEmpty();
            assertThat(answer.all("Connection")).isEmpty();
            assertThat(answer.all("X-Kept")).containsExactly("1", "2");
            assertThat(answer.text()).isEqualTo("abc");
        }
    }

    @Test
    void aHandlerMayAskForTheConnectionToClose() throws IOException {
        try (var server = start(exchange -> exchange.send(ResponseHead.of(200, "Connection", "close"), Body.EMPTY));
                var client = RawClient.connect(server.port())) {
            assertThat(client.get("/").read().first("Connection")).isEqualTo("close");
            assertThat(client.closedByServer()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"X, a\\rb", "X, a\\nb", "X, a\\0b", "X\\r\\nY, a", "X Y, a", "X:, a", "X, a\u0100b"})
    void whatCouldEndALineIsRefused(String name, String value) throws IOException {
        String rawName = name.replace("\\r", "\r").replace("\\n", "\n");
        String rawValue = value.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0");
        var caught = new ArrayBlockingQueue<Exception>(1);
        LoopHandler handler = exchange -> {
            try {
                exchange.send(ResponseHead.of(200, rawName, rawValue), Body.of("bad"));
            } catch (IllegalArgumentException e) {
                caught.add(e);
                exchange.send(ResponseHead.of(200), Body.of("good"));
            }
            return true;
        };
        try (var server = onLoop(handler);
                var client = RawClient.connect(server.port())) {
            assertThat(client.get("/").read().text()).isEqualTo("good");
            assertThat(caught).hasSize(1);
        }
    }

    @Test
    void aBodyShorterThanDeclaredCutsTheConnection() throws IOException {
        try (var server = start(exchange -> {
                    var body = exchange.stream(ResponseHead.of(200), 10);
                    body.write(bytes("short"));
                    body.close();
                });
                var client = RawClient.connect(server.port())) {
            client.get("/");
            assertThatThrownBy(client::read).isInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void aBodyLongerThanDeclaredCutsTheConnection() throws Exception {
        var caught = new ArrayBlockingQueue<Exception>(1);
        try (var server = start(exchange -> {
                    try (var body = exchange.stream(ResponseHead.of(200), 3)) {
                        body.write(bytes("ab"));
                        body.write(bytes("cd"));
                    } catch (IOException e) {
                        caught.add(e);
                    }
                });
                var client = RawClient.connect(server.port())) {
            client.get("/");
            assertThatThrownBy(client::read).isInstanceOf(UncheckedIOException.class);
            assertThat(caught.poll(10, TimeUnit.SECONDS)).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1", "HTTP/1.0"})
    void aHandlerThatFailsMidBodyNeverLooksWhole(String version) throws IOException {
        try (var server = start(exchange -> {
                    try (var body = exchange.stream(ResponseHead.of(200), -1)) {
                        body.write(bytes("half"));
                        throw new IllegalStateException("meant to fail");
                    }
                });
                var client = RawClient.connect(server.port())) {
            client.send("GET / " + version + "\r\nHost: a\r\n\r\n");
            assertThatThrownBy(client::read).isInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void aHandlerThatFailsOrForgetsBecomesA500() throws IOException {
        try (var server = start(exchange -> {
            if (exchange.request().target().equals("/fail")) {
                throw new IllegalStateException("meant to fail");
            }
        })) {
            for (String target : new String[] {"/fail", "/forget"}) {
                try (var client = RawClient.connect(server.port())) {
                    var answer = client.get(target).read();
                    assertThat(answer.status()).isEqualTo(500);
                    assertThat(answer.text()).doesNotContain("meant");
                    assertThat(client.closedByServer()).isTrue();
                }
            }
        }
    }

    @Test
    void aLoopHandlerThatFailsBecomesA500() throws IOException {
        LoopHandler handler = _ -> {
            throw new IllegalStateException("meant to fail");
        };
        try (var server = onLoop(handler);
                var client = RawClient.connect(server.port())) {
            assertThat(client.get("/").read().status()).isEqualTo(500);
        }
    }

    @Test
    void abortCutsTheConnection() throws IOException {
        try (var server = start(Exchange::abort);
                var client = RawClient.connect(server.port())) {
            client.get("/");
            assertThatThrownBy(client::read)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasCauseInstanceOf(EOFException.class);
        }
    }

    @Test
    void aSecondAnswerIsRefusedAndItsBodyReleased() throws Exception {
        var released = new ArrayBlockingQueue<String>(4);
        try (var server = start(exchange -> {
                    exchange.send(ResponseHead.of(200), Body.of("first"));
                    try {
                        exchange.send(
                                ResponseHead.of(200),
                                new Body.FilePart(
                                        java.nio.channels.FileChannel.open(java.nio.file.Path.of("/dev/zero")),
                                        0,
                                        1,
                                        () -> released.add("file")));
                    } catch (IllegalStateException e) {
                        released.add("refused");
                    }
                });
                var client = RawClient.connect(server.port())) {
            assertThat(client.get("/").read().text()).isEqualTo("first");
            assertThat(released.poll(10, TimeUnit.SECONDS)).isEqualTo("file");
            assertThat(released.poll(10, TimeUnit.SECONDS)).isEqualTo("refused");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4_096, 4_097, 300_000, 3_000_000})
    void bytesOfEverySizeArriveFromLoopAndHandler(int size) throws IOException {
        byte[] content = new byte[size];
        new java.util.Random(size).nextBytes(content);
        var shared = SharedBytes.copyOf(ByteBuffer.wrap(content));
        LoopHandler loop = exchange -> {
            String target = exchange.request().target();
            if (!target.startsWith("/loop")) {
                return false;
            }
            exchange.send(
                    ResponseHead.of(200),
                    target.endsWith("shared") ? new Body.Shared(shared, 0, size) : new Body.Bytes(content));
            return true;
        };
        Handler handler = exchange -> {
            switch (exchange.request().target()) {
                case "/shared" -> exchange.send(ResponseHead.of(200), new Body.Shared(shared, 0, size));
                case "/bytes" -> exchange.send(ResponseHead.of(200), new Body.Bytes(content));
                default -> {
                    try (var body = exchange.stream(ResponseHead.of(200), size)) {
                        body.write(shared.view());
                    }
                }
            }
        };
        try (var server = HttpServer.start(HttpServerConfig.of("127.0.0.1", 0), handler, loop);
                var client = RawClient.connect(server.port())) {
            for (String target : new String[] {"/loop", "/loop/shared", "/shared", "/bytes", "/stream"}) {
                assertThat(client.get(target).read().body()).as(target).isEqualTo(content);
            }
        }
        shared.release();
        assertThat(shared.tryRetain()).as("references left over").isFalse();
    }

    @Test
    void listenersLearnHowItEnded() throws Exception {
        var outcomes = new ArrayBlockingQueue<Exchange.Outcome>(4);
        try (var server = start(exchange -> {
                    exchange.onComplete(outcomes::add);
                    if (exchange.request().target().equals("/abort")) {
                        exchange.abort();
                    } else {
                        exchange.send(ResponseHead.of(206), Body.of("12345"));
                    }
                });
                var client = RawClient.connect(server.port())) {
            client.get("/").read();
            var whole = outcomes.poll(10, TimeUnit.SECONDS);
            assertThat(whole).isNotNull();
            assertThat(whole.status()).isEqualTo(206);
            assertThat(whole.bytesSent()).isEqualTo(5);
            assertThat(whole.failure()).isNull();
            client.get("/abort");
            var cut = outcomes.poll(10, TimeUnit.SECONDS);
            assertThat(cut).isNotNull();
            assertThat(cut.status()).isZero();
            assertThat(cut.failure()).isNotNull();
        }
    }
}
