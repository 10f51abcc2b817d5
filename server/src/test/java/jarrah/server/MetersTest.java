package jarrah.server;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.accelerator.Accelerator;
import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.config.ConfigNode;
import jarrah.accelerator.origin.Origins;
import jarrah.http.HttpClientConfig;
import jarrah.http.HttpServer;
import jarrah.http.HttpServerConfig;
import jarrah.testkit.RawClient;
import jarrah.testkit.Reply;
import jarrah.testkit.ScriptedOrigin;
import java.io.IOException;
import java.time.Clock;
import org.junit.jupiter.api.Test;

/** What is published of an accelerator's sites over changes of its configuration. */
class MetersTest {
    private static AcceleratorConfig config(ScriptedOrigin origin, String... sites) {
        var yaml = new StringBuilder("sites:\n");
        for (String site : sites) {
            yaml.append("  - {name: %1$s, path: /%1$s/, cache: {ttl: 1h}, origin: {http: \"%2$s\"}}\n"
                    .formatted(site, origin.url()));
        }
        return AcceleratorConfig.parse(ConfigNode.parse("test.yaml", yaml.toString()));
    }

    private static void get(HttpServer server, String target) {
        try (var client = RawClient.connect(server.port())) {
            assertThat(client.get(target).read().status()).isEqualTo(200);
        }
    }

    private static double counted(Meters meters, String name, String site) {
        var counter = meters.registry().find(name).tag("site", site).functionCounter();
        return counter == null ? -1 : counter.count();
    }

    @Test
    void sitesThatStayAreCountedOnAndThoseThatAreGoneArePublishedNoMore() throws IOException {
        var meters = new Meters();
        try (var origin = ScriptedOrigin.start().otherwise(request -> Reply.ok("answered"));
                var origins = new Origins(null, HttpClientConfig.defaults(), Clock.systemUTC());
                var accelerator = Accelerator.open(config(origin, "stays", "goes"), null, origins, Clock.systemUTC());
                var server = HttpServer.start(HttpServerConfig.of("127.0.0.1", 0), accelerator, accelerator)) {
            meters.watch(accelerator);
            get(server, "/stays/a");
            get(server, "/goes/a");
            assertThat(counted(meters, "jarrah.accelerator.misses", "stays")).isEqualTo(1);
            assertThat(counted(meters, "jarrah.accelerator.misses", "goes")).isEqualTo(1);

            accelerator.reload(config(origin, "stays", "comes"));
            meters.watch(accelerator);
            int published = meters.registry().getMeters().size();
            get(server, "/stays/b");
            get(server, "/comes/a");
            assertThat(counted(meters, "jarrah.accelerator.misses", "stays")).isEqualTo(2);
            assertThat(counted(meters, "jarrah.accelerator.misses", "comes")).isEqualTo(1);
            assertThat(counted(meters, "jarrah.accelerator.misses", "goes")).isEqualTo(-1);
            assertThat(accelerator.counters().sites()).containsOnlyKeys("stays", "comes");
            assertThat(meters.registry().scrape()).contains("site=\"comes\"").doesNotContain("site=\"goes\"");

            for (int i = 0; i < 20; i++) {
                accelerator.reload(config(origin, "stays", i % 2 == 0 ? "goes" : "comes"));
                meters.watch(accelerator);
            }
            assertThat(meters.registry().getMeters()).hasSize(published);
            get(server, "/stays/c");
            assertThat(counted(meters, "jarrah.accelerator.misses", "stays")).isEqualTo(3);
        }
    }
}
