package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** RFC 9110, 15.2. */
final class InterimResponsesTest {
    private static HttpServer serve(Handler handler) throws IOException {
        return HttpServer.start(HttpServerConfig.of("127.0.0.1", 0), handler, null);
    }

    @Test
    void theyGoBeforeTheAnswerInTheirOrder() throws IOException {
        Handler handler = exchange -> {
            for (int i = 0; i < 100; i++) {
                exchange.interim(103, Headers.of("Link", "<" + i + ">"));
            }
            exchange.interim(100, Headers.of());
            exchange.interim(101, Headers.of());
            exchange.interim(200, Headers.of());
            exchange.send(ResponseHead.of(200), Body.of("done"));
            exchange.interim(103, Headers.of("Link", "late"));
        };
        try (var server = serve(handler);
                RawClient client = RawClient.connect(server.port())) {
            for (int round = 0; round < 20; round++) {
                client.get("/");
                for (int i = 0; i < 100; i++) {
                    RawMessage hint = client.read();
                    assertThat(hint.status()).isEqualTo(103);
                    assertThat(hint.first("Link")).isEqualTo("<" + i + ">");
                }
                RawMessage answer = client.read();
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.text()).isEqualTo("done");
            }
        }
    }

    @Test
    void aStreamedAnswerFollowsThem() throws IOException {
        Handler handler = exchange -> {
            exchange.interim(103, Headers.of("Link", "</a>"));
            try (ResponseBody body = exchange.stream(ResponseHead.of(200), 4)) {
                body.write(java.nio.ByteBuffer.wrap(new byte[4]));
            }
        };
        try (var server = serve(handler);
                RawClient client = RawClient.connect(server.port())) {
            client.get("/");
            assertThat(client.read().status()).isEqualTo(103);
            assertThat(client.read().body()).hasSize(4);
        }
    }

    @Test
    void aFieldThatWouldEndItsLineIsRefused() throws IOException {
        Handler handler = exchange -> {
            assertThatThrownBy(() -> exchange.interim(103, Headers.of("Link", "a\r\nb: c")))
                    .isInstanceOf(IllegalArgumentException.class);
            exchange.send(ResponseHead.of(200), Body.of("done"));
        };
        try (var server = serve(handler);
                RawClient client = RawClient.connect(server.port())) {
            client.get("/");
            assertThat(client.read().text()).isEqualTo("done");
        }
    }
}
