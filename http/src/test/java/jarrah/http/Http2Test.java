package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9113 on a TLS port, by the JDK's client and by frames written by hand. */
class Http2Test {
    private static final int BYTES = 3_000_001;

    @TempDir
    static Path directory;

    private static Tls.PemFiles certificate;

    private SSLContext context;
    private HttpClient client;
    private final byte[] bytes = new byte[BYTES];

    @BeforeAll
    static void certify() throws Exception {
        certificate = TestCertificates.write(directory, "localhost", 0);
    }

    @BeforeEach
    void prepare() throws Exception {
        new Random(9).nextBytes(bytes);
        context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Trusting()}, null);
        client = HttpClient.newBuilder()
                .sslContext(context)
                .version(HttpClient.Version.HTTP_2)
                .build();
    }

    @AfterEach
    void end() {
        client.shutdownNow();
    }

    private HttpServer serve(HttpServerConfig config, Handler handler) throws IOException {
        return HttpServer.start(config, Transport.of(Tls.openWithHttp2(List.of(certificate))), handler, null);
    }

    private static HttpServerConfig config() {
        return HttpServerConfig.of("127.0.0.1", 0);
    }

    private static HttpRequest.Builder request(HttpServer server, String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + path));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    @Test
    void answersOfEachKindComeThrough() throws Exception {
        Path file = Files.write(directory.resolve("file"), bytes);
        try (var channel = FileChannel.open(file);
                var server = serve(config(), exchange -> {
                    assertThat(exchange.request().protocol()).isEqualTo("HTTP/2.0");
                    assertThat(exchange.request().secure()).isTrue();
                    var head = ResponseHead.of(
                            200, "X-Host", String.valueOf(exchange.request().host()));
                    switch (exchange.request().target()) {
                        case "/small" -> exchange.send(head, Body.of("small"));
                        case "/array" -> exchange.send(head, Body.of(bytes));
                        case "/file" -> exchange.send(head, new Body.FilePart(channel, 0, BYTES, () -> {}));
                        case "/empty" -> exchange.send(ResponseHead.of(204), Body.EMPTY);
                        case "/stream" -> {
                            try (ResponseBody body = exchange.stream(head, -1)) {
                                body.write(ByteBuffer.wrap(bytes, 0, 1_000));
                                body.transfer(channel, 1_000, BYTES - 1_000);
                            }
                        }
                        default -> {
                            try (ResponseBody body = exchange.stream(head, BYTES)) {
                                body.write(ByteBuffer.wrap(bytes));
                            }
                        }
                    }
                })) {
            HttpResponse<byte[]> small = send(request(server, "/small"));
            assertThat(small.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(small.body()).asString().isEqualTo("small");
            assertThat(small.headers().firstValue("x-host")).contains("127.0.0.1:" + server.port());
            assertThat(small.headers().firstValue("connection")).isEmpty();
            for (String each : List.of("/array", "/file", "/stream", "/length")) {
                assertThat(send(request(server, each)).body()).as(each).isEqualTo(bytes);
            }
            assertThat(send(request(server, "/empty")).statusCode()).isEqualTo(204);
            HttpResponse<byte[]> head =
                    send(request(server, "/array").method("HEAD", HttpRequest.BodyPublishers.noBody()));
            assertThat(head.headers().firstValueAsLong("content-length")).hasValue(BYTES);
            assertThat(head.body()).isEmpty();
        }
    }

    @Test
    void bodiesOfRequestsComeThroughWithAndWithoutALength() throws Exception {
        try (var server = serve(config(), exchange -> {
            byte[] all = exchange.body().readAll(2 * BYTES);
            exchange.send(
                    ResponseHead.of(
                            200, "X-Length", Long.toString(exchange.body().length())),
                    Body.of(all));
        })) {
            HttpResponse<byte[]> known = send(request(server, "/").POST(HttpRequest.BodyPublishers.ofByteArray(bytes)));
            assertThat(known.body()).isEqualTo(bytes);
            assertThat(known.headers().firstValue("x-length")).contains(Integer.toString(BYTES));
            HttpResponse<byte[]> unknown = send(request(server, "/")
                    .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes))));
            assertThat(unknown.body()).isEqualTo(bytes);
            assertThat(unknown.headers().firstValue("x-length")).contains("-1");
        }
    }

    /** The answer of each waits for all requests: they must be under way at once. */
    @Test
    void streamsRunSideBySideAndABodyThatNobodyReadsHoldsUpNone() throws Exception {
        int many = 60;
        var all = new CountDownLatch(many);
        var read = new CountDownLatch(1);
        try (var server = serve(config(), exchange -> {
            if (exchange.request().target().equals("/warm")) {
                exchange.send(ResponseHead.of(200), Body.EMPTY);
                return;
            }
            if (exchange.request().method().equals("POST")) {
                read.await();
                exchange.send(ResponseHead.of(200), Body.of(exchange.body().readAll(BYTES)));
                return;
            }
            all.countDown();
            all.await();
            exchange.send(ResponseHead.of(200), Body.of(exchange.request().target()));
        })) {
            send(request(server, "/warm")); // so that the others find the connection
            var posts = new ArrayList<CompletableFuture<HttpResponse<byte[]>>>();
            var gets = new ArrayList<CompletableFuture<HttpResponse<byte[]>>>();
            for (int i = 0; i < 4; i++) {
                posts.add(client.sendAsync(
                        request(server, "/")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(bytes))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray()));
            }
            for (int i = 0; i < many; i++) {
                gets.add(client.sendAsync(request(server, "/" + i).build(), HttpResponse.BodyHandlers.ofByteArray()));
            }
            for (int i = 0; i < many; i++) {
                assertThat(gets.get(i).get(60, TimeUnit.SECONDS).body())
                        .asString()
                        .isEqualTo("/" + i);
            }
            read.countDown();
            for (var post : posts) {
                assertThat(post.get(60, TimeUnit.SECONDS).body()).isEqualTo(bytes);
            }
        }
    }

    @Test
    void anAnswerThatBreaksOffIsSeenToAndTheConnectionGoesOn() throws Exception {
        var outcome = new CompletableFuture<Exchange.Outcome>();
        try (var server = serve(config(), exchange -> {
            if (exchange.request().target().equals("/whole")) {
                exchange.send(ResponseHead.of(200), Body.of("whole"));
                return;
            }
            exchange.onComplete(outcome::complete);
            try (ResponseBody body = exchange.stream(ResponseHead.of(200), BYTES)) {
                body.write(ByteBuffer.wrap(bytes, 0, 100_000));
                throw new IllegalStateException("as if something broke");
            }
        })) {
            assertThat(send(request(server, "/whole")).body()).asString().isEqualTo("whole");
            assertThatThrownBy(() -> send(request(server, "/half"))).isInstanceOf(IOException.class);
            assertThat(outcome.get(60, TimeUnit.SECONDS).failure()).isNotNull();
            assertThat(send(request(server, "/whole")).body()).asString().isEqualTo("whole");
            awaitNoStreams(server);
        }
    }

    /** Clients have the end of an answer a little before the stream is gone. */
    private static void awaitNoStreams(HttpServer server) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (server.openConnections() > 0) {
            assertThat(System.nanoTime()).as("streams left open").isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    @Test
    void clientsOfHttp11AreServedOnTheSamePort() throws Exception {
        try (var server = serve(
                config(),
                exchange -> exchange.send(
                        ResponseHead.of(200), Body.of(exchange.request().protocol())))) {
            HttpResponse<byte[]> response = send(request(server, "/").version(HttpClient.Version.HTTP_1_1));
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            assertThat(response.body()).asString().isEqualTo("HTTP/1.1");
        }
    }

    @Test
    void aServerThatStopsLetsAnswersEnd() throws Exception {
        var begun = new CountDownLatch(1);
        var stopping = new CountDownLatch(1);
        CompletableFuture<HttpResponse<byte[]>> answer;
        Thread stop;
        try (var server = serve(config(), exchange -> {
            begun.countDown();
            stopping.await();
            exchange.send(ResponseHead.of(200), Body.of(bytes));
        })) {
            answer = client.sendAsync(request(server, "/").build(), HttpResponse.BodyHandlers.ofByteArray());
            begun.await();
            stop = Thread.startVirtualThread(server::close);
            while (!server.stopping()) {
                Thread.onSpinWait();
            }
            stopping.countDown();
            assertThat(answer.get(60, TimeUnit.SECONDS).body()).isEqualTo(bytes);
            stop.join();
        }
    }

    // By hand.

    private static final int END = -1;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    private record Frame(int type, int flags, int stream, byte[] payload) {
        int code() {
            return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
        }
    }

    /** A connection whose frames are written and read one by one. */
    private final class Raw implements AutoCloseable {
        private final SSLSocket socket;
        private final DataInputStream in;

        Raw(HttpServer server, int window) throws IOException {
            socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.port());
            socket.setSoTimeout(60_000);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
            in = new DataInputStream(socket.getInputStream());
            socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            write(
                    SETTINGS,
                    0,
                    0,
                    ByteBuffer.allocate(6).putShort((short) 4).putInt(window).array());
        }

        void write(int type, int flags, int stream, byte[] payload) throws IOException {
            ByteBuffer frame = ByteBuffer.allocate(9 + payload.length)
                    .put((byte) 0)
                    .putShort((short) payload.length)
                    .put((byte) type)
                    .put((byte) flags)
                    .putInt(stream)
                    .put(payload);
            socket.getOutputStream().write(frame.array());
        }

        /** Fields as literals without indexing (RFC 7541, 6.2.2). */
        void headers(int stream, int flags, String... namesAndValues) throws IOException {
            var block = new ByteArrayOutputStream();
            for (int i = 0; i < namesAndValues.length; i += 2) {
                block.write(0);
                for (int j = i; j < i + 2; j++) {
                    block.write(namesAndValues[j].length());
                    block.write(namesAndValues[j].getBytes(StandardCharsets.ISO_8859_1));
                }
            }
            write(HEADERS, flags | END_HEADERS, stream, block.toByteArray());
        }

        /** The next frame that is not about the connection, or its end. */
        Frame read() throws IOException {
            while (true) {
                int first = in.read();
                if (first < 0) {
                    return new Frame(END, 0, 0, new byte[0]);
                }
                int length = first << 16 | in.readUnsignedShort();
                var frame =
                        new Frame(in.readUnsignedByte(), in.readUnsignedByte(), in.readInt(), in.readNBytes(length));
                if (frame.stream() != 0 || frame.type() == GOAWAY) {
                    return frame;
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static String[] get(String... more) {
        var fields = new ArrayList<>(List.of(":method", "GET", ":scheme", "https", ":authority", "a", ":path", "/"));
        fields.addAll(List.of(more));
        return fields.toArray(String[]::new);
    }

    private static Http2Headers decoded(Frame frame) throws Exception {
        return new DefaultHttp2HeadersDecoder().decodeHeaders(1, Unpooled.wrappedBuffer(frame.payload()));
    }

    @Test
    void interimResponsesComeFirstAndCookiesAreJoined() throws Exception {
        try (var server = serve(config(), exchange -> {
                    exchange.interim(103, Headers.of("Link", "</a.css>; rel=preload"));
                    exchange.send(
                            ResponseHead.of(
                                    200,
                                    "X-Cookie",
                                    String.valueOf(exchange.request().headers().joined("Cookie"))),
                            Body.EMPTY);
                });
                var raw = new Raw(server, 65_535)) {
            raw.headers(1, END_STREAM, get("cookie", "a=1", "cookie", "b=2"));
            Frame hints = raw.read();
            assertThat(decoded(hints).status()).hasToString("103");
            assertThat(hints.flags() & END_STREAM).isZero();
            Frame head = raw.read();
            assertThat(decoded(head).status()).hasToString("200");
            assertThat(decoded(head).get("x-cookie")).hasToString("a=1; b=2");
            assertThat(head.flags() & END_STREAM).isEqualTo(END_STREAM);
        }
    }

    /** What could be read as another request by somebody behind us. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "transfer-encoding: chunked",
                "connection: keep-alive",
                "upgrade: h2c",
                "te: gzip",
                "host: b",
                "x: a\r\nhost: b",
                "x: a\nb",
                "x\r\nhost: b",
                "x y: a",
                "X-Upper: a",
                ": a",
                "content-length: 1",
                "content-length: -1",
                ":path: /other",
                ":unknown: a"
            })
    void fieldsThatHttp2ForbidsReachNoHandler(String field) throws Exception {
        var reached = new AtomicInteger();
        try (var server = serve(config(), exchange -> {
                    reached.incrementAndGet();
                    exchange.send(ResponseHead.of(200), Body.of(exchange.body().readAll(100)));
                });
                var raw = new Raw(server, 65_535)) {
            int colon = field.indexOf(':', 1);
            raw.headers(
                    1,
                    END_STREAM,
                    get(
                            field.substring(0, Math.max(colon, 0)),
                            field.substring(colon + 1).strip()));
            Frame answer = raw.read();
            boolean refused = answer.type() == RST_STREAM
                    || answer.type() == GOAWAY
                    || (answer.type() == HEADERS
                            && decoded(answer).status().toString().equals("400"));
            assertThat(refused).as("%s", answer).isTrue();
            assertThat(reached).hasValue(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a b", "/a\r\nHost: b", "", "/a#b", "relative"})
    void pathsThatAreNoneReachNoHandler(String path) throws Exception {
        var reached = new AtomicInteger();
        try (var server = serve(config(), _ -> reached.incrementAndGet());
                var raw = new Raw(server, 65_535)) {
            raw.headers(1, END_STREAM, ":method", "GET", ":scheme", "https", ":authority", "a", ":path", path);
            Frame answer = raw.read();
            assertThat(answer.type() == HEADERS ? decoded(answer).status().toString() : "reset")
                    .isIn("reset", "400");
            assertThat(reached).hasValue(0);
        }
    }

    @Test
    void aBodyOfAnotherLengthThanDeclaredFails() throws Exception {
        var failures = new LinkedBlockingQueue<String>();
        try (var server = serve(config(), exchange -> {
                    try {
                        exchange.send(
                                ResponseHead.of(200), Body.of(exchange.body().readAll(100)));
                    } catch (IOException e) {
                        failures.add(e.getClass().getSimpleName());
                        throw e;
                    }
                });
                var raw = new Raw(server, 65_535)) {
            raw.headers(1, 0, get("content-length", "10"));
            raw.write(DATA, END_STREAM, 1, new byte[9]);
            assertThat(raw.read().type()).isEqualTo(RST_STREAM);
            raw.headers(3, 0, get("content-length", "10"));
            raw.write(DATA, 0, 3, new byte[11]);
            assertThat(raw.read().type()).isEqualTo(RST_STREAM);
            assertThat(failures.poll(60, TimeUnit.SECONDS)).isEqualTo("BodyTruncated");
            assertThat(failures.poll(60, TimeUnit.SECONDS)).isEqualTo("BodyTruncated");
        }
    }

    @Test
    void aClientThatKeepsItsWindowClosedIsCutAndTheConnectionGoesOn() throws Exception {
        Duration longer = Duration.ofMinutes(5);
        var outcome = new CompletableFuture<Exchange.Outcome>();
        try (var server = serve(config().withTimeouts(longer, Duration.ofMillis(200), longer), exchange -> {
                    if (exchange.request().method().equals("HEAD")) {
                        exchange.send(ResponseHead.of(200), new Body.LengthOnly(1));
                    } else {
                        exchange.onComplete(outcome::complete);
                        exchange.send(ResponseHead.of(200), Body.of(bytes));
                    }
                });
                var raw = new Raw(server, 1_000)) {
            raw.headers(1, END_STREAM, get());
            assertThat(raw.read().type()).isEqualTo(HEADERS);
            assertThat(raw.read().payload()).hasSize(1_000);
            Frame reset = raw.read();
            assertThat(reset.type()).isEqualTo(RST_STREAM);
            assertThat(reset.code()).isEqualTo(2); // INTERNAL_ERROR
            assertThat(outcome.get(60, TimeUnit.SECONDS).failure()).isNotNull();
            raw.headers(3, END_STREAM, ":method", "HEAD", ":scheme", "https", ":authority", "a", ":path", "/");
            assertThat(raw.read().stream()).isEqualTo(3);
        }
    }

    @Test
    void aConnectionOnWhichNothingHappensEnds() throws Exception {
        Duration longer = Duration.ofMinutes(5);
        Duration shorter = Duration.ofMillis(200);
        try (var server = serve(
                config().withTimeouts(shorter, longer, shorter),
                exchange -> exchange.send(ResponseHead.of(200), Body.EMPTY))) {
            try (var silent = new Raw(server, 1_000)) {
                assertThat(silent.read().type()).isEqualTo(GOAWAY);
                assertThat(silent.read().type()).isEqualTo(END);
            }
            try (var used = new Raw(server, 1_000)) {
                used.headers(1, END_STREAM, get());
                assertThat(used.read().type()).isEqualTo(HEADERS);
                assertThat(used.read().type()).isEqualTo(GOAWAY);
                assertThat(used.read().type()).isEqualTo(END);
            }
        }
    }

    private static final class Trusting implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
