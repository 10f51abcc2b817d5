package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.Gate;
import jarrah.testkit.RawClient;
import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class KeepAliveTest {
    private static final Handler ECHO_TARGET = exchange ->
            exchange.send(ResponseHead.of(200), Body.of(exchange.request().target()));

    private static HttpServer start(Handler handler) throws IOException {
        return HttpServer.start(HttpServerConfig.of("127.0.0.1", 0), handler, null);
    }

    @Test
    void oneConnectionCarriesManyRequests() throws IOException {
        try (var server = start(ECHO_TARGET);
                var client = RawClient.connect(server.port())) {
            for (int i = 0; i < 50; i++) {
                assertThat(client.get("/" + i).read().text()).isEqualTo("/" + i);
            }
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws IOException {
        try (var server = start(ECHO_TARGET);
                var client = RawClient.connect(server.port())) {
            var all = new StringBuilder();
            for (int i = 0; i < 200; i++) {
                all.append("GET /").append(i).append(" HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            client.send(all.toString());
            assertThat(IntStream.range(0, 200).mapToObj(_ -> client.read().text()))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 200).mapToObj(i -> "/" + i).toList());
        }
    }

    @Test
    void aPipelinedRequestWaitsForTheAnswerBeforeIt() throws IOException {
        var first = new Gate();
        var second = new Gate();
        second.open();
        try (var server = start(exchange -> {
                    (exchange.request().target().equals("/slow") ? first : second).pass();
                    ECHO_TARGET.handle(exchange);
                });
                var client = RawClient.connect(server.port())) {
            client.get("/slow").get("/quick");
            first.awaitArrival();
            first.open();
            assertThat(client.read().text()).isEqualTo("/slow");
            assertThat(client.read().text()).isEqualTo("/quick");
        }
    }

    @Test
    void loopAnswersAndHandlerAnswersKeepTheirOrder() throws IOException {
        LoopHandler loop = exchange -> {
            if (exchange.request().target().startsWith("/hit")) {
                exchange.send(ResponseHead.of(200), Body.of(exchange.request().target()));
                return true;
            }
            return false;
        };
        try (var server = HttpServer.start(HttpServerConfig.of("127.0.0.1", 0), ECHO_TARGET, loop);
                var client = RawClient.connect(server.port())) {
            client.get("/hit1").get("/miss1").get("/hit2").get("/hit3").get("/miss2");
            assertThat(IntStream.range(0, 5).mapToObj(_ -> client.read().text()))
                    .containsExactly("/hit1", "/miss1", "/hit2", "/hit3", "/miss2");
        }
    }

    @Test
    void connectionCloseIsObeyed() throws IOException {
        try (var server = start(ECHO_TARGET);
                var client = RawClient.connect(server.port())) {
            var answer = client.get("/", "Connection: close").read();
            assertThat(answer.first("Connection")).isEqualTo("close");
            assertThat(client.closedByServer()).isTrue();
        }
    }

    @Test
    void http10ClosesUnlessAskedToStay() throws IOException {
        try (var server = start(ECHO_TARGET)) {
            try (var client = RawClient.connect(server.port())) {
                client.send("GET /old HTTP/1.0\r\n\r\n");
                assertThat(client.read().text()).isEqualTo("/old");
                assertThat(client.closedByServer()).isTrue();
            }
            try (var client = RawClient.connect(server.port())) {
                for (int i = 0; i < 3; i++) {
                    client.send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
                    var answer = client.read();
                    assertThat(answer.text()).isEqualTo("/old");
                    assertThat(answer.first("Connection")).isEqualTo("keep-alive");
                }
            }
        }
    }

    @Test
    void aClientThatEndsItsSideStillGetsItsAnswer() throws IOException {
        var gate = new Gate();
        try (var server = start(exchange -> {
                    gate.pass();
                    ECHO_TARGET.handle(exchange);
                });
                var client = RawClient.connect(server.port())) {
            client.get("/half").finishSending();
            gate.awaitArrival();
            gate.open();
            assertThat(client.read().text()).isEqualTo("/half");
            assertThat(client.closedByServer()).isTrue();
        }
    }

    @Test
    void aClientThatEndsItsSideStillGetsALongAnswer() throws IOException {
        byte[] content = new byte[20_000_000];
        new java.util.Random(1).nextBytes(content);
        Handler handler = exchange -> {
            exchange.body().readAll(100);
            if (exchange.request().target().equals("/bytes")) {
                exchange.send(ResponseHead.of(200), new Body.Bytes(content));
            } else {
                try (var body = exchange.stream(ResponseHead.of(200), -1)) {
                    body.write(java.nio.ByteBuffer.wrap(content));
                }
            }
        };
        for (String target : new String[] {"/bytes", "/stream"}) {
            try (var server = start(handler);
                    var client = RawClient.connect(server.port(), jarrah.testkit.Deadlines.STEP, 16 * 1024)) {
                client.send("PUT " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
                        .finishSending();
                assertThat(client.read().body()).as(target).isEqualTo(content);
                assertThat(client.closedByServer()).isTrue();
            }
        }
    }

    @Test
    void theEngineWritesDateServerAndLength() throws IOException {
        try (var server = start(ECHO_TARGET);
                var client = RawClient.connect(server.port())) {
            var answer = client.get("/12345").read();
            assertThat(answer.first("Content-Length")).isEqualTo("6");
            assertThat(answer.first("Server")).isEqualTo("Jarrah");
            assertThat(HttpDate.parse(String.valueOf(answer.first("Date")))).isPresent();
        }
    }
}
