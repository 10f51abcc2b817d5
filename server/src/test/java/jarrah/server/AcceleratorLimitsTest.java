package jarrah.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.accelerator.Accelerator;
import jarrah.accelerator.acme.AcmeCertificates;
import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.config.ConfigException;
import jarrah.accelerator.config.ConfigNode;
import jarrah.accelerator.origin.Origins;
import jarrah.http.HttpClientConfig;
import jarrah.testkit.Deadlines;
import jarrah.testkit.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;

/** How many connections a configuration allows, in all and from one address. */
class AcceleratorLimitsTest {
    private static AcceleratorConfig config(String yaml) {
        return AcceleratorConfig.parse(ConfigNode.parse("test.yaml", yaml));
    }

    private static RawClient served(String address, int port) {
        RawClient client = RawClient.connectFrom(address, port, Deadlines.STEP);
        assertThat(client.get("/").read().status()).isEqualTo(404);
        return client;
    }

    private static void assertClosed(String address, int port) {
        try (var client = RawClient.connectFrom(address, port, Deadlines.STEP)) {
            assertThat(client.closedByServer())
                    .as("a connection from %s", address)
                    .isTrue();
        }
    }

    @Test
    void connectionsBeyondTheLimitsAreClosedAtOnce() throws IOException {
        AcceleratorConfig config = config("{connections: 3, connections-per-client: 2}");
        try (var origins = new Origins(null, HttpClientConfig.defaults(), Clock.systemUTC());
                var accelerator = Accelerator.open(config, null, origins, Clock.systemUTC());
                var certificates = new AcmeCertificates(Path.of("unused"), Clock.systemUTC());
                var ports = AcceleratorPorts.open(accelerator, certificates, config, "127.0.0.1", 0);
                var one = served("127.0.0.1", ports.port());
                var two = served("127.0.0.1", ports.port())) {
            assertClosed("127.0.0.1", ports.port());
            try (var other = served("127.0.0.2", ports.port())) {
                assertClosed("127.0.0.3", ports.port());
                for (RawClient inside : new RawClient[] {one, two, other}) {
                    assertThat(inside.get("/").read().status()).isEqualTo(404);
                }
            }
        }
    }

    @Test
    void noneAtAllIsAMistake() {
        assertThatThrownBy(() -> config("connections: 0")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config("connections-per-client: many")).isInstanceOf(ConfigException.class);
    }
}
