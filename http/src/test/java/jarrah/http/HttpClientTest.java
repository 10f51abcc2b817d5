package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.testkit.Gate;
import jarrah.testkit.Reply;
import jarrah.testkit.ScriptedOrigin;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpClientTest {
    private static final Duration SHORT = Duration.ofMillis(150);
    private static final Duration LONG = Duration.ofSeconds(30);

    private final ScriptedOrigin origin = ScriptedOrigin.start();
    private HttpClient client = new HttpClient(HttpClientConfig.defaults());

    @AfterEach
    void stop() {
        client.close();
        origin.close();
    }

    private void use(HttpClientConfig config) {
        client.close();
        client = new HttpClient(config);
    }

    private ClientRequest get(String target, String... fields) {
        return ClientRequest.get(HttpOrigin.of(origin.url()), target, fields);
    }

    private ClientRequest send(String method, String target, ClientRequest.Content content) {
        return new ClientRequest(method, HttpOrigin.of(origin.url()), target, Headers.of(), content);
    }

    private String text(ClientRequest request) throws IOException {
        try (var response = client.execute(request)) {
            return new String(response.readAll(1 << 20), StandardCharsets.UTF_8);
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void theHeadIsDeliveredAsSent() throws IOException {
        origin.answer(
                "/a",
                Reply.of(299)
                        .header("x-ODD", "1")
                        .header("Set-Cookie", "a=b")
                        .header("X-Odd", "2")
                        .header("set-cookie", "c")
                        .body("hello"));
        try (var response = client.execute(get("/a", "X-Mine", "1", "x-mine", "2"))) {
            assertThat(response.status()).isEqualTo(299);
            assertThat(response.headers().toString())
                    .isEqualTo("x-ODD: 1\nSet-Cookie: a=b\nX-Odd: 2\nset-cookie: c\nContent-Length: 5\n");
            assertThat(response.bodyLength()).isEqualTo(5);
            assertThat(response.readAll(5)).asString().isEqualTo("hello");
        }
        var request = origin.requests().getFirst();
        assertThat(request.startLine()).isEqualTo("GET /a HTTP/1.1");
        assertThat(request.first("Host")).isEqualTo("127.0.0.1:" + origin.port());
        assertThat(request.all("X-Mine")).containsExactly("1", "2");
        assertThat(request.first("Content-Length")).isNull();
    }

    @Test
    void oneConnectionCarriesRequestsOneAfterTheOther() throws IOException {
        origin.answer("/a", Reply.ok("length"));
        origin.answer("/b", Reply.ok("chunks").chunked());
        origin.answer("/c", Reply.of(304));
        origin.answer("/d", Reply.of(204));
        for (int i = 0; i < 5; i++) {
            assertThat(text(get("/a"))).isEqualTo("length");
            assertThat(text(get("/b"))).isEqualTo("chunks");
            assertThat(text(get("/c"))).isEmpty();
            assertThat(text(get("/d"))).isEmpty();
            assertThat(text(send("HEAD", "/a", ClientRequest.Content.NONE))).isEmpty();
        }
        assertThat(origin.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5_000, 70_000, 3_000_000})
    void bodiesArriveWholeInEveryFraming(int size) throws IOException {
        byte[] bytes = random(size);
        var gate = new Gate();
        gate.open();
        origin.answer("/length", Reply.of(200).body(bytes));
        origin.answer(
                "/chunks",
                Reply.of(200).body(bytes).chunked().holdBefore(size / 3, gate).holdBefore(size / 2, gate));
        origin.answer("/close", Reply.of(200).body(bytes).untilClose());
        for (String target : new String[] {"/length", "/chunks", "/close", "/length"}) {
            try (var response = client.execute(get(target))) {
                assertThat(response.readAll(size)).isEqualTo(bytes);
                assertThat(response.body().read(ByteBuffer.allocate(1))).isEqualTo(-1);
            }
        }
        assertThat(origin.connections()).isEqualTo(2);
    }

    @Test
    void directBuffersAreFilledAsWell() throws IOException {
        byte[] bytes = random(200_000);
        origin.answer("/a", Reply.of(200).body(bytes));
        try (var response = client.execute(get("/a"))) {
            var all = ByteBuffer.allocateDirect(bytes.length);
            while (response.body().read(all) > 0) {
                // until full
            }
            byte[] received = new byte[bytes.length];
            all.flip().get(received);
            assertThat(received).isEqualTo(bytes);
        }
    }

    @Test
    void bytesAreDeliveredAsTheyArrive() throws IOException {
        var gate = new Gate();
        origin.answer("/a", Reply.ok("first second").holdBefore(5, gate));
        try (var response = client.execute(get("/a"))) {
            var buffer = ByteBuffer.allocate(100);
            assertThat(response.body().read(buffer)).isEqualTo(5);
            gate.open();
            while (response.body().read(buffer) > 0) {
                // to the end
            }
            assertThat(new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8))
                    .isEqualTo("first second");
        }
    }

    @Test
    void anEarlyEndIsAnErrorAndNeverAShortBody() throws IOException {
        origin.answer("/length", Reply.ok("0123456789").closeBefore(5));
        origin.answer("/chunks", Reply.ok("0123456789").chunked().closeBefore(5));
        origin.answer("/reset", Reply.ok("0123456789").resetBefore(5));
        for (String target : new String[] {"/length", "/chunks", "/reset"}) {
            assertThatThrownBy(() -> text(get(target))).as(target).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> text(get("/length"))).isInstanceOf(RequestBody.BodyTruncated.class);
        assertThat(client.openConnections()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            both lengths             | HTTP/1.1 200 OK;Content-Length: 1;Transfer-Encoding: chunked;;0;;
            lengths that differ      | HTTP/1.1 200 OK;Content-Length: 1;Content-Length: 2;;ab
            a list that differs      | HTTP/1.1 200 OK;Content-Length: 1, 2;;ab
            a negative length        | HTTP/1.1 200 OK;Content-Length: -1;;ab
            an unknown coding        | HTTP/1.1 200 OK;Transfer-Encoding: gzip;;ab
            chunked in HTTP/1.0      | HTTP/1.0 200 OK;Transfer-Encoding: chunked;;0;;
            no status line           | hello;;
            a short status           | HTTP/1.1 20 OK;;
            a status of letters      | HTTP/1.1 abc OK;;
            another version          | HTTP/2.0 200 OK;;
            a field without a colon  | HTTP/1.1 200 OK;Nothing;;
            a folded field           | HTTP/1.1 200 OK;X: a; b;Content-Length: 0;;
            a bare line feed         | HTTP/1.1 200 OK\\nContent-Length: 0;;
            a protocol switch        | HTTP/1.1 101 Switching;;
            a head that ends early   | HTTP/1.1 200 OK;Content-Le
            a bad chunk              | HTTP/1.1 200 OK;Transfer-Encoding: chunked;;xyz;;
            """)
    void whatCannotBeTrustedIsRefused(String name, String bytes) {
        origin.answer("/a", Reply.rawThenClose(bytes.replace(";", "\r\n").replace("\\n", "\n")));
        assertThatThrownBy(() -> text(get("/a"))).as(name).isInstanceOf(IOException.class);
        assertThat(client.openConnections()).isZero();
    }

    @Test
    void lengthsThatAgreeAndUnusualStatusesAreTaken() throws IOException {
        origin.answer("/a", Reply.raw("HTTP/1.1 799\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"));
        try (var response = client.execute(get("/a"))) {
            assertThat(response.status()).isEqualTo(799);
            assertThat(response.readAll(1)).asString().isEqualTo("a");
        }
    }

    @Test
    void headsBeyondTheLimitsAreRefused() {
        var defaults = HttpClientConfig.defaults();
        origin.answer("/big", Reply.ok("a").header("X", "a".repeat(defaults.maxHeaderBytes())));
        var many = Reply.ok("a");
        for (int i = 0; i <= defaults.maxHeaderCount(); i++) {
            many = many.header("X", "a");
        }
        origin.answer("/many", many);
        assertThatThrownBy(() -> text(get("/big"))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> text(get("/many"))).isInstanceOf(IOException.class);
    }

    @Test
    void interimResponsesAreHandedOver() throws IOException {
        origin.answer(
                "/a",
                Reply.raw("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 103\r\nLink: </y>\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"));
        var seen = new ArrayList<String>();
        try (var response =
                client.execute(get("/a"), (status, fields) -> seen.add(status + " " + fields.first("Link")))) {
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.readAll(1)).hasSize(1);
        }
        assertThat(seen).containsExactly("103 </x>", "103 </y>");
    }

    @Test
    void aStalePooledConnectionIsReplacedOnce() throws IOException {
        origin.answer("/a", Reply.ok("first").thenClose(), Reply.ok("second"));
        assertThat(text(get("/a"))).isEqualTo("first");
        origin.awaitOpenConnections(0);
        assertThat(text(get("/a"))).isEqualTo("second");
        assertThat(origin.connections()).isEqualTo(2);
    }

    @Test
    void anOriginThatHangsUpOnAReusedConnectionIsAskedOnceMore() throws IOException {
        origin.answer("/a", Reply.ok("first"));
        origin.answer("/b", Reply.hangUp(), Reply.ok("second"));
        assertThat(text(get("/a"))).isEqualTo("first");
        assertThat(text(get("/b"))).isEqualTo("second");
        assertThat(origin.requests()).hasSize(3);
    }

    @Test
    void aFreshConnectionThatFailsIsNotTriedAgain() {
        origin.answer("/b", Reply.hangUp());
        assertThatThrownBy(() -> text(get("/b"))).isInstanceOf(IOException.class);
        assertThat(origin.requests()).hasSize(1);
    }

    @Test
    void whatMayNotBeRepeatedIsNotRepeated() throws IOException {
        origin.answer("/a", Reply.ok("first"));
        origin.answer("/b", Reply.hangUp(), Reply.ok("second"));
        assertThat(text(get("/a"))).isEqualTo("first");
        var post = send("POST", "/b", new ClientRequest.Content.Bytes(new byte[] {1}));
        assertThatThrownBy(() -> text(post)).isInstanceOf(IOException.class);
        assertThat(origin.requests()).hasSize(2);
    }

    @Test
    void aPostLooksBeforeItUsesAPooledConnection() throws IOException {
        origin.answer("/a", Reply.ok("first").thenClose());
        origin.answer("/b", Reply.ok("second"));
        assertThat(text(get("/a"))).isEqualTo("first");
        origin.awaitOpenConnections(0);
        assertThat(text(send("POST", "/b", new ClientRequest.Content.Bytes(new byte[] {1}))))
                .isEqualTo("second");
    }

    @Test
    void bytesThatNobodyAskedForSpoilTheConnection() throws IOException {
        origin.answer(
                "/a",
                Reply.raw(
                        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nX"));
        origin.answer("/b", Reply.ok("b"));
        assertThat(text(get("/a"))).isEqualTo("a");
        assertThat(text(get("/b"))).isEqualTo("b");
        assertThat(origin.connections()).isEqualTo(2);
    }

    @Test
    void deadlinesAreKept() {
        use(HttpClientConfig.defaults().withTimeouts(LONG, SHORT, LONG));
        var gate = new Gate();
        origin.answer("/head", Reply.ok("a").holdHead(gate));
        assertThatThrownBy(() -> text(get("/head"))).isInstanceOf(SocketTimeoutException.class);
        use(HttpClientConfig.defaults().withTimeouts(LONG, LONG, SHORT));
        var second = new Gate();
        origin.answer("/body", Reply.ok("abc").holdBefore(1, second));
        assertThatThrownBy(() -> text(get("/body"))).isInstanceOf(SocketTimeoutException.class);
        gate.open();
        second.open();
        assertThat(client.openConnections()).isZero();
    }

    @Test
    void aRequestThatTheOriginDoesNotReadRunsIntoTheDeadline() throws IOException {
        use(HttpClientConfig.defaults().withTimeouts(LONG, LONG, SHORT));
        try (var deaf = new java.net.ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            var to = new HttpOrigin(false, "127.0.0.1", deaf.getLocalPort());
            var request = new ClientRequest(
                    "PUT", to, "/", Headers.of(), new ClientRequest.Content.Bytes(new byte[64 * 1024 * 1024]));
            assertThatThrownBy(() -> client.execute(request)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void nobodyListening() throws IOException {
        int port;
        try (var free = new java.net.ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var request = ClientRequest.get(new HttpOrigin(false, "127.0.0.1", port), "/");
        assertThatThrownBy(() -> client.execute(request)).isInstanceOf(java.net.ConnectException.class);
        assertThat(client.openConnections()).isZero();
    }

    @Test
    void requestBodiesAreSentInEveryForm() throws IOException {
        origin.otherwise(request -> Reply.ok(request.body().length + " " + request.first("Content-Length") + " "
                + request.first("Transfer-Encoding")));
        byte[] bytes = random(300_000);
        assertThat(text(send("PUT", "/", new ClientRequest.Content.Bytes(bytes))))
                .isEqualTo("300000 300000 null");
        assertThat(text(send("PUT", "/", stream(bytes, bytes.length)))).isEqualTo("300000 300000 null");
        assertThat(text(send("PUT", "/", stream(bytes, -1)))).isEqualTo("300000 null chunked");
        assertThat(text(send("POST", "/", ClientRequest.Content.NONE))).isEqualTo("0 0 null");
        assertThat(text(send("DELETE", "/", ClientRequest.Content.NONE))).isEqualTo("0 null null");
        assertThat(origin.requests().get(0).body()).isEqualTo(bytes);
        assertThat(origin.requests().get(1).body()).isEqualTo(bytes);
        assertThat(origin.requests().get(2).body()).isEqualTo(bytes);
        assertThat(origin.connections()).isEqualTo(1);
    }

    private static ClientRequest.Content.Stream stream(byte[] bytes, long length) {
        return new ClientRequest.Content.Stream(Channels.newChannel(new java.io.ByteArrayInputStream(bytes)), length);
    }

    @Test
    void aSourceThatLiesAboutItsLengthFailsTheRequest() {
        origin.answer("/", Reply.ok("a"));
        assertThatThrownBy(() -> text(send("PUT", "/", stream(new byte[10], 11))))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> text(send("PUT", "/", stream(new byte[10], 9))))
                .isInstanceOf(IOException.class);
        assertThat(client.openConnections()).isZero();
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void aRefusalBeforeTheEndOfTheRequestIsHeard() throws Exception {
        try (var server = HttpServer.start(
                HttpServerConfig.of("127.0.0.1", 0).withMaxBodyBytes(1_000),
                exchange -> exchange.send(ResponseHead.of(200), Body.EMPTY),
                null)) {
            var to = new HttpOrigin(false, "127.0.0.1", server.port());
            var request = new ClientRequest("PUT", to, "/", Headers.of(), stream(new byte[50_000_000], 50_000_000));
            try (var response = client.execute(request)) {
                assertThat(response.status()).isEqualTo(413);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"GE T, /, X, a", "GET, no-slash, X, a", "GET, '/a b', X, a", "GET, /, 'X:', a", "GET, /, X, 'a\nb'"})
    void whatCouldSmuggleIsNotSent(String method, String target, String name, String value) {
        var request = new ClientRequest(
                method, HttpOrigin.of(origin.url()), target, Headers.of(name, value), ClientRequest.Content.NONE);
        assertThatThrownBy(() -> client.execute(request)).isInstanceOf(IllegalArgumentException.class);
        assertThat(origin.connections()).isZero();
    }

    @Test
    void connectionsToAnOriginAreBounded() throws Exception {
        use(HttpClientConfig.defaults().withConnections(2, 10, SHORT));
        origin.answer("/a", Reply.ok("abc"));
        var first = client.execute(get("/a"));
        var gate = new Gate();
        origin.answer("/b", Reply.ok("abc").holdBefore(1, gate));
        var second = client.execute(get("/b"));
        assertThatThrownBy(() -> client.execute(get("/a"))).isInstanceOf(SocketTimeoutException.class);
        gate.open();
        first.close();
        second.close();
        assertThat(text(get("/a"))).isEqualTo("abc");
    }

    @Test
    void aWaitingRequestGetsTheConnectionThatBecomesFree() throws Exception {
        use(HttpClientConfig.defaults().withConnections(1, 1, LONG));
        var gate = new Gate();
        origin.answer("/slow", Reply.ok("slow").holdHead(gate));
        origin.answer("/next", Reply.ok("next"));
        var results = new ArrayBlockingQueue<String>(2);
        var slow = Thread.startVirtualThread(() -> add(results, "/slow"));
        gate.awaitArrival();
        var next = Thread.startVirtualThread(() -> add(results, "/next"));
        gate.open();
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo("slow");
        assertThat(results.poll(10, TimeUnit.SECONDS)).isEqualTo("next");
        slow.join();
        next.join();
        assertThat(origin.connections()).isEqualTo(1);
    }

    private void add(ArrayBlockingQueue<String> results, String target) {
        try {
            results.add(text(get(target)));
        } catch (IOException e) {
            results.add(e.toString());
        }
    }

    @Test
    void anUnusedConnectionMakesRoomForAnotherOrigin() throws IOException {
        use(HttpClientConfig.defaults().withConnections(1, 1, SHORT));
        origin.answer("/a", Reply.ok("a"));
        try (var other = ScriptedOrigin.start()) {
            other.answer("/a", Reply.ok("other"));
            assertThat(text(get("/a"))).isEqualTo("a");
            assertThat(text(ClientRequest.get(HttpOrigin.of(other.url()), "/a")))
                    .isEqualTo("other");
            assertThat(text(get("/a"))).isEqualTo("a");
        }
        assertThat(client.openConnections()).isEqualTo(1);
    }

    @Test
    void unusedConnectionsExpire() throws IOException {
        use(HttpClientConfig.defaults().withIdleTimeout(SHORT));
        origin.answer("/a", Reply.ok("a"));
        assertThat(text(get("/a"))).isEqualTo("a");
        origin.awaitOpenConnections(0);
        assertThat(client.openConnections()).isZero();
    }

    @Test
    void aResponseThatIsNotReadToItsEndCostsItsConnection() throws IOException {
        origin.answer("/a", Reply.ok("abc"));
        client.execute(get("/a")).close();
        origin.awaitOpenConnections(0);
        assertThat(text(get("/a"))).isEqualTo("abc");
        assertThat(origin.connections()).isEqualTo(2);
    }

    @Test
    void closingFromAnotherThreadEndsARead() throws Exception {
        var gate = new Gate();
        origin.answer("/a", Reply.ok("abc").holdBefore(1, gate));
        var failures = new ArrayBlockingQueue<Throwable>(1);
        var response = client.execute(get("/a"));
        var reader = Thread.startVirtualThread(() -> {
            try {
                response.readAll(10);
            } catch (IOException e) {
                failures.add(e);
            }
        });
        gate.awaitArrival();
        response.close();
        assertThat(failures.poll(10, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
        reader.join();
        gate.open();
    }

    @Test
    void closingTheClientEndsEverything() throws Exception {
        var gate = new Gate();
        origin.answer("/a", Reply.ok("abc").holdHead(gate));
        var results = new ArrayBlockingQueue<String>(1);
        var running = Thread.startVirtualThread(() -> add(results, "/a"));
        gate.awaitArrival();
        client.close();
        assertThat(results.poll(10, TimeUnit.SECONDS)).contains("Exception");
        running.join();
        assertThatThrownBy(() -> client.execute(get("/a"))).isInstanceOf(IOException.class);
        gate.open();
    }
}
