package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.Deadlines;
import jarrah.testkit.RawClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that begin with a PROXY header; forms of HAProxy's "The PROXY protocol", 2.1 and 2.2. */
final class ProxyHeaderTest {
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    private static final byte[] SIGNATURE = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};

    private static HttpServer serve(HttpServerConfig config, boolean balancer) throws IOException {
        Handler who = exchange -> exchange.send(
                ResponseHead.of(200),
                Body.of(exchange.request().remote() + " at "
                        + exchange.request().local()));
        return HttpServer.start(
                config, new Transport(Optional.empty(), peer -> balancer && peer.isLoopbackAddress()), who, null);
    }

    private static HttpServer serve() throws IOException {
        return serve(HttpServerConfig.of("127.0.0.1", 0), true);
    }

    private static String say(HttpServer server, byte[]... parts) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout((int) Deadlines.STEP.toMillis());
            socket.setTcpNoDelay(true);
            for (byte[] part : parts) {
                socket.getOutputStream().write(part);
                socket.getOutputStream().flush();
            }
            return rest(socket.getInputStream());
        }
    }

    private static String rest(InputStream in) {
        try {
            String text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            return text.isEmpty() ? "" : text.substring(text.indexOf("\r\n\r\n") + 4);
        } catch (IOException e) {
            return ""; // cut
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 203.0.113.7 198.51.100.1 56324 443\r\n",
                "PROXY TCP6 2001:db8::7 2001:db8::1 56324 443\r\n"
            })
    void theHeaderInTextNamesTheClient(String header) throws IOException {
        String[] words = header.strip().split(" ");
        try (var server = serve()) {
            String told = say(server, bytes(header + REQUEST));
            InetAddress client = InetAddress.getByName(words[2]);
            assertThat(told).startsWith("/" + (words[2].contains(":") ? "[" : ""));
            assertThat(told).contains(client.getHostAddress()).contains("56324").endsWith("443");
        }
    }

    @Test
    void aHeaderInPiecesCounts() throws IOException {
        try (var server = serve()) {
            String told = say(
                    server,
                    bytes("PROXY TCP4 203.0.113.7 198.5"),
                    bytes("1.100.1 56324 443\r\nGET / HT"),
                    bytes("TP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
            assertThat(told).isEqualTo("/203.0.113.7:56324 at /198.51.100.1:443");
        }
    }

    @Test
    void theHeaderInBytesNamesTheClient() throws IOException {
        var header = ByteBuffer.allocate(28 + 7)
                .put(SIGNATURE)
                .put((byte) 0x21) // version 2, PROXY
                .put((byte) 0x11) // TCP over IPv4
                .putShort((short) (12 + 7))
                .put(new byte[] {(byte) 203, 0, 113, 7})
                .put(new byte[] {(byte) 198, 51, 100, 1})
                .putShort((short) 56324)
                .putShort((short) 443)
                .put(new byte[] {(byte) 0xE0, 0, 4, 1, 2, 3, 4}); // something of the balancer's own, passed over
        try (var server = serve()) {
            assertThat(say(server, header.array(), bytes(REQUEST)))
                    .isEqualTo("/203.0.113.7:56324 at /198.51.100.1:443");
        }
    }

    @Test
    void aBalancerThatAsksForItselfIsTheClient() throws IOException {
        byte[] local = ByteBuffer.allocate(16)
                .put(SIGNATURE)
                .put((byte) 0x20) // LOCAL
                .put((byte) 0)
                .putShort((short) 0)
                .array();
        try (var server = serve()) {
            assertThat(say(server, local, bytes(REQUEST))).startsWith("/127.0.0.1:");
            assertThat(say(server, bytes("PROXY UNKNOWN\r\n" + REQUEST))).startsWith("/127.0.0.1:");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                REQUEST,
                "PROXY TCP4 example.com 198.51.100.1 56324 443\r\n" + REQUEST,
                "PROXY TCP4 203.0.113.7 198.51.100.1 99999 443\r\n" + REQUEST,
                "PROXY TCP4 203.0.113.7\r\n" + REQUEST
            })
    void withoutAHeaderThatCanBeReadTheConnectionIsCut(String sent) throws IOException {
        try (var server = serve()) {
            assertThat(say(server, bytes(sent))).isEmpty();
        }
    }

    @Test
    void fromAnybodyElseAHeaderIsABadRequest() throws IOException {
        try (var server = serve(HttpServerConfig.of("127.0.0.1", 0), false);
                var client = RawClient.connect(server.port(), Deadlines.STEP)) {
            client.send("PROXY TCP4 203.0.113.7 198.51.100.1 56324 443\r\n" + REQUEST);
            assertThat(client.read().status()).isEqualTo(400);
        }
    }

    @Test
    void aBalancerThatSaysNothingIsCut() throws IOException {
        var config = HttpServerConfig.of("127.0.0.1", 0)
                .withTimeouts(Duration.ofMillis(50), Duration.ofSeconds(30), Duration.ofSeconds(30));
        try (var server = serve(config, true)) {
            assertThat(say(server)).isEmpty();
        }
    }

    @Test
    void connectionsAreCountedForTheClientAndNotTheBalancer() throws IOException {
        var config = HttpServerConfig.of("127.0.0.1", 0).withConnections(100, 1);
        try (var server = serve(config, true);
                var first = RawClient.connect(server.port(), Deadlines.STEP);
                var second = RawClient.connect(server.port(), Deadlines.STEP)) {
            first.send("PROXY TCP4 203.0.113.7 198.51.100.1 1 443\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(first.read().text()).startsWith("/203.0.113.7");
            second.send("PROXY TCP4 203.0.113.8 198.51.100.1 1 443\r\n" + REQUEST);
            assertThat(second.read().text()).startsWith("/203.0.113.8");
            assertThat(say(server, bytes("PROXY TCP4 203.0.113.7 198.51.100.1 2 443\r\n" + REQUEST)))
                    .isEmpty();
        }
    }
}
