package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.testkit.Gate;
import jarrah.testkit.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class GracefulCloseTest {
    private final Gate gate = new Gate();

    private HttpServer start() throws IOException {
        return HttpServer.start(
                HttpServerConfig.of("127.0.0.1", 0),
                exchange -> {
                    if (exchange.request().target().equals("/slow")) {
                        gate.pass();
                    }
                    exchange.send(ResponseHead.of(200), Body.of("done"));
                },
                null);
    }

    @Test
    void idleConnectionsEndAtOnceAndRunningExchangesFinish() throws Exception {
        var server = start();
        try (var idle = RawClient.connect(server.port());
                var busy = RawClient.connect(server.port())) {
            assertThat(idle.get("/").read().text()).isEqualTo("done");
            busy.get("/slow");
            gate.awaitArrival();
            var closer = Thread.ofVirtual().start(server::close);
            assertThat(idle.closedByServer()).isTrue();
            gate.open();
            var answer = busy.read();
            assertThat(answer.text()).isEqualTo("done");
            assertThat(answer.first("Connection")).isEqualTo("close");
            assertThat(busy.closedByServer()).isTrue();
            assertThat(closer.join(Duration.ofSeconds(20))).isTrue();
        }
    }

    @Test
    void whatDoesNotFinishInTimeIsCut() throws Exception {
        var server = start();
        try (var busy = RawClient.connect(server.port())) {
            busy.get("/slow");
            gate.awaitArrival();
            server.close(Duration.ofMillis(50));
            assertThatThrownBy(busy::read).isInstanceOf(UncheckedIOException.class);
        } finally {
            gate.open();
        }
    }

    @Test
    void noNewConnectionsAreAccepted() throws Exception {
        var server = start();
        int port = server.port();
        server.close();
        server.close();
        assertThatThrownBy(() -> RawClient.connect(port)).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void aPortInUseIsAnError() throws Exception {
        try (var server = start()) {
            assertThatThrownBy(() -> HttpServer.start(
                            HttpServerConfig.of("127.0.0.1", server.port()),
                            exchange -> exchange.send(ResponseHead.of(200), Body.EMPTY),
                            null))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(String.valueOf(server.port()));
        }
    }
}
