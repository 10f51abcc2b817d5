package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.Gate;
import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one site may take of what all share. */
final class SiteLimitsTest {
    private static String two(String limits) {
        return "sites: [{name: s, path: /s/, origin: {http: ORIGIN}, limits: {" + limits
                + "}}, {name: other, origin: {http: ORIGIN}}]";
    }

    private static void assertUnavailable(RawMessage answer) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.first("Retry-After")).isNotNull();
    }

    /** By fetches, by passes, and by both. */
    @ParameterizedTest
    @ValueSource(strings = {"GET GET", "HEAD HEAD", "GET HEAD"})
    void noMoreRequestsAreAtTheOriginThanTheSiteMayHave(String methods) throws Exception {
        try (var stack = new Stack(two("fetches: 2, fetch-wait: 20ms"));
                var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var gate = new Gate();
            stack.origin.otherwise(_ -> Reply.ok("there").holdHead(gate));
            stack.origin.answer("/free", Reply.ok("free"));
            var held = new ArrayList<Future<RawMessage>>();
            for (String method : methods.split(" ")) {
                String target = "/s/" + held.size();
                held.add(clients.submit(() -> stack.request(method, target)));
            }
            stack.origin.awaitRequests(2);
            assertUnavailable(stack.get("/s/more"));
            assertUnavailable(stack.request("HEAD", "/s/more"));
            assertThat(stack.origin.requests()).hasSize(2);
            assertThat(stack.get("/free").text()).isEqualTo("free");
            assertThat(stack.counters().limited()).isEqualTo(2);
            assertThat(stack.counters().refusals()).isEqualTo(2);
            gate.open();
            for (Future<RawMessage> answer : held) {
                assertThat(answer.get().status()).isEqualTo(200);
            }
            stack.settle();
            assertThat(stack.get("/s/more").text()).isEqualTo("there");
        }
    }

    @Test
    void theyWaitForThoseBeforeThem() throws Exception {
        try (var stack = new Stack(two("fetches: 1, fetch-wait: 60s"));
                var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var gate = new Gate();
            stack.origin.otherwise(_ -> Reply.ok("there").holdHead(gate));
            List<Future<RawMessage>> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String target = "/s/" + i;
                answers.add(clients.submit(() -> stack.get(target)));
            }
            stack.origin.awaitRequests(1);
            Stack.await(() -> stack.accelerator.counters().fetching() == 20);
            assertThat(stack.origin.requests()).hasSize(1);
            gate.open();
            for (Future<RawMessage> answer : answers) {
                assertThat(answer.get().text()).isEqualTo("there");
            }
            assertThat(stack.origin.requests()).hasSize(20);
        }
    }

    @Test
    void aPlaceIsFreeAgainWhateverBecameOfTheFetch() {
        try (var stack = new Stack(two("fetches: 1, fetch-wait: 5s"))) {
            stack.origin.otherwise(_ -> Reply.hangUp());
            for (int i = 0; i < 3; i++) {
                assertThat(stack.get("/s/" + i).status()).isEqualTo(502);
                assertThat(stack.request("HEAD", "/s/" + i).status()).isEqualTo(502);
            }
            stack.origin.otherwise(_ -> Reply.ok("there"));
            assertThat(stack.get("/s/x").text()).isEqualTo("there");
            assertThat(stack.counters().limited()).isZero();
        }
    }

    @Test
    void whatIsStoredIsServedMeanwhileStaleToo() throws Exception {
        try (var stack = new Stack(two("fetches: 1, fetch-wait: 20ms"));
                var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var gate = new Gate();
            stack.origin.answer("/s/x", Reply.ok("stored").header("Cache-Control", "max-age=60, stale-if-error=600"));
            stack.get("/s/x");
            stack.settle();
            stack.origin.answer("/s/y", Reply.ok("there").holdHead(gate));
            Future<RawMessage> held = clients.submit(() -> stack.get("/s/y"));
            stack.origin.awaitRequests(2);
            assertThat(stack.get("/s/x").text()).isEqualTo("stored");
            stack.later(Duration.ofSeconds(100));
            RawMessage stale = stack.get("/s/x");
            assertThat(stale.text()).isEqualTo("stored");
            assertThat(Stack.cacheStatus(stale)).contains("hit; ttl=-40");
            gate.open();
            assertThat(held.get().text()).isEqualTo("there");
        }
    }

    @Test
    void soManyRequestsAreAnsweredInASecond() {
        try (var stack = new Stack(two("requests-per-second: 3"))) {
            stack.origin.otherwise(_ -> Reply.ok("there").header("Cache-Control", "max-age=600"));
            for (int i = 0; i < 3; i++) {
                assertThat(stack.get("/s/" + i).status())
                        .as("a second's worth at once")
                        .isEqualTo(200);
            }
            RawMessage refused = stack.get("/s/0");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.first("Retry-After")).isEqualTo("1");
            assertThat(refused.text()).isEqualTo("429 Too Many Requests\n");
            assertThat(stack.get("/free").status()).isEqualTo(200);
            stack.later(Duration.ofMillis(400));
            assertThat(stack.get("/s/0").status()).isEqualTo(200);
            assertThat(stack.get("/s/0").status()).isEqualTo(429);
            stack.later(Duration.ofDays(1));
            for (int i = 0; i < 4; i++) {
                assertThat(stack.get("/s/0").status()).isEqualTo(i < 3 ? 200 : 429);
            }
            assertThat(stack.counters().limited()).isEqualTo(3);
        }
    }
}
