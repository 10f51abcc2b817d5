package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.Gate;
import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What happens once a copy is no longer fresh: grace, revalidation, an origin that is down. */
final class StalenessTest {
    private static Reply fresh(String text) {
        return Reply.ok(text).header("Cache-Control", "max-age=60").header("ETag", "\"" + text + "\"");
    }

    @Test
    void aHitTellsItsAgeAndHowLongItStaysFresh() {
        try (var stack = Stack.http("")) {
            stack.origin.answer("/x", fresh("one"));
            RawMessage miss = stack.get("/x");
            assertThat(Stack.cacheStatus(miss)).isEqualTo("jarrah; fwd=uri-miss; stored");
            assertThat(miss.first("Via")).isEqualTo("1.1 jarrah");
            assertThat(miss.first("Age")).isNull();
            assertThat(miss.first("Date")).isNotNull();
            stack.settle();
            stack.later(Duration.ofSeconds(20));
            RawMessage hit = stack.get("/x");
            assertThat(hit.text()).isEqualTo("one");
            assertThat(hit.first("Age")).isEqualTo("20");
            assertThat(Stack.cacheStatus(hit)).isEqualTo("jarrah; hit; ttl=40");
            assertThat(hit.first("Via")).isEqualTo("1.1 jarrah");
            assertThat(hit.first("ETag")).isEqualTo("\"one\"");
            assertThat(hit.all("Date")).hasSize(1);
            assertThat(stack.counters().hits()).isEqualTo(1);
        }
    }

    @Test
    void anAgeThatArrivesIsAddedTo() {
        try (var stack = Stack.http("")) {
            stack.origin.answer("/x", fresh("one").header("Age", "15"));
            assertThat(stack.get("/x").first("Age")).isEqualTo("15");
            stack.settle();
            stack.later(Duration.ofSeconds(20));
            RawMessage hit = stack.get("/x");
            assertThat(hit.all("Age")).containsExactly("35");
            assertThat(Stack.cacheStatus(hit)).isEqualTo("jarrah; hit; ttl=25");
        }
    }

    @Test
    void withoutASettingNothingStaleIsServedWhileTheOriginAnswers() {
        try (var stack = Stack.http("")) {
            stack.origin.answer("/x", fresh("old"), fresh("new"), Reply.hangUp());
            stack.get("/x");
            stack.settle();
            stack.later(Duration.ofSeconds(61));
            assertThat(stack.get("/x").text()).isEqualTo("new");
            stack.settle();
            stack.later(Duration.ofSeconds(65));
            assertThat(stack.get("/x").text()).as("the origin fails").isEqualTo("new");
            stack.later(Duration.ofSeconds(10));
            assertThat(stack.get("/x").status()).as("for too long").isEqualTo(502);
        }
    }

    @Test
    void inGraceTheOldIsServedAtOnceAndTheNewFetchedBehind() {
        try (var stack = Stack.http("cache: {grace: 30s}")) {
            Gate refresh = new Gate();
            stack.origin.answer("/x", fresh("old"), fresh("new").holdHead(refresh));
            stack.get("/x");
            stack.settle();
            stack.later(Duration.ofSeconds(70));
            for (int i = 0; i < 5; i++) {
                RawMessage stale = stack.get("/x");
                assertThat(stale.text()).isEqualTo("old");
                assertThat(Stack.cacheStatus(stale)).isEqualTo("jarrah; hit; ttl=-10");
            }
            refresh.awaitArrival();
            assertThat(stack.get("/x").text()).isEqualTo("old");
            refresh.open();
            stack.settle();
            RawMessage renewed = stack.get("/x");
            assertThat(renewed.text()).isEqualTo("new");
            assertThat(Stack.cacheStatus(renewed)).isEqualTo("jarrah; hit; ttl=60");
            assertThat(stack.origin.requests()).hasSize(2);
            assertThat(stack.counters().graceHits()).isEqualTo(6);
        }
    }

    @Test
    void pastGraceTheOriginIsAskedWhetherTheCopyIsStillValid() {
        try (var stack = Stack.http("cache: {grace: 0}")) {
            stack.origin.answer(
                    "/x",
                    fresh("one").header("X-Count", "1").header("Last-Modified", "Sun, 22 Nov 2026 11:00:00 GMT"),
                    Reply.of(304)
                            .header("Cache-Control", "max-age=90")
                            .header("ETag", "\"one\"")
                            .header("X-Count", "2"));
            stack.get("/x");
            stack.settle();
            stack.later(Duration.ofSeconds(61));
            RawMessage renewed = stack.get("/x");
            assertThat(renewed.status()).isEqualTo(200);
            assertThat(renewed.text()).isEqualTo("one");
            assertThat(renewed.all("X-Count")).as("updated from the 304").containsExactly("2");
            assertThat(renewed.all("Cache-Control")).containsExactly("max-age=90");
            assertThat(Stack.cacheStatus(renewed)).isEqualTo("jarrah; fwd=stale; fwd-status=304; stored");
            RawMessage asked = stack.origin.requests().get(1);
            assertThat(asked.first("If-None-Match")).isEqualTo("\"one\"");
            assertThat(asked.first("If-Modified-Since")).isEqualTo("Sun, 22 Nov 2026 11:00:00 GMT");
            stack.settle();
            RawMessage hit = stack.get("/x");
            assertThat(Stack.cacheStatus(hit)).isEqualTo("jarrah; hit; ttl=90");
            assertThat(hit.first("X-Count")).isEqualTo("2");
        }
    }

    @Test
    void aRevalidatedCopyIsAsYoungAsItsValidation() {
        try (var stack = Stack.http("cache: {grace: 0}")) {
            stack.origin.answer(
                    "/x",
                    fresh("one").header("Date", "Sun, 22 Nov 2026 12:00:00 GMT").header("Age", "50"),
                    Reply.of(304));
            stack.get("/x");
            stack.settle();
            stack.later(Duration.ofSeconds(11));
            stack.get("/x");
            stack.settle();
            stack.later(Duration.ofSeconds(20));
            RawMessage hit = stack.get("/x");
            assertThat(Stack.cacheStatus(hit)).isEqualTo("jarrah; hit; ttl=40");
            assertThat(hit.all("Age")).containsExactly("20");
        }
    }

    @Test
    void aRevalidationThatBringsANewBodyReplacesTheOld() {
        try (var stack = Stack.http("cache: {grace: 0}")) {
            stack.origin.answer("/x", fresh("one"), fresh("two"));
            stack.get("/x");
            stack.settle();
            stack.later(Duration.ofSeconds(61));
            RawMessage answer = stack.get("/x");
            assertThat(answer.text()).isEqualTo("two");
            assertThat(Stack.cacheStatus(answer)).isEqualTo("jarrah; fwd=stale; stored");
            stack.settle();
            assertThat(stack.get("/x").text()).isEqualTo("two");
            assertThat(stack.accelerator.counters().store().entries()).isEqualTo(1);
        }
    }

    @Test
    void aNotModifiedForAnotherTagIsNotBelieved() {
        try (var stack = Stack.http("cache: {grace: 0}")) {
            stack.origin.answer("/x", fresh("one"), Reply.of(304).header("ETag", "\"other\""), fresh("two"));
            stack.get("/x");
            stack.settle();
            stack.later(Duration.ofSeconds(61));
            assertThat(stack.get("/x").text()).isEqualTo("two");
            assertThat(stack.origin.requests().get(2).first("If-None-Match")).isNull();
        }
    }

    @Test
    void aHerdOnAStaleCopyRevalidatesItOnce() throws Exception {
        try (var stack = Stack.http("cache: {grace: 0}");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Gate head = new Gate();
            stack.origin.answer(
                    "/x",
                    fresh("one"),
                    Reply.of(304).header("Cache-Control", "max-age=60").holdHead(head));
            stack.get("/x");
            stack.settle();
            stack.later(Duration.ofSeconds(61));
            var answers = new java.util.ArrayList<Future<RawMessage>>();
            for (int i = 0; i < 30; i++) {
                answers.add(threads.submit(() -> stack.get("/x")));
            }
            head.awaitArrival();
            head.open();
            for (Future<RawMessage> answer : answers) {
                assertThat(answer.get().text()).isEqualTo("one");
            }
            assertThat(stack.origin.requests()).hasSize(2);
        }
    }

    @Test
    void whileTheOriginIsDownTheCopyIsServedWithinItsGraceAndThenARefusalAtOnce() {
        try (var stack = Stack.http("cache: {grace: 1m}")) {
            stack.origin.answer("/x", fresh("one").header("Cache-Control", "stale-while-revalidate=0"), Reply.hangUp());
            stack.get("/x");
            stack.settle();
            stack.later(Duration.ofSeconds(100));
            RawMessage stale = stack.get("/x");
            assertThat(stale.text()).isEqualTo("one");
            assertThat(Stack.cacheStatus(stale)).isEqualTo("jarrah; hit; ttl=-40; detail=origin-failed");
            stack.later(Duration.ofSeconds(21));
            RawMessage refused = stack.get("/x");
            assertThat(refused.status()).isEqualTo(502);
            assertThat(refused.first("Retry-After")).isEqualTo("5");
            assertThat(refused.text()).isEqualTo("502 Bad Gateway\n");
        }
    }

    @Test
    void anOriginThatCannotBeReachedIsA503() {
        try (var stack = new Stack("sites: [{name: s, origin: {http: 'http://127.0.0.1:1'}}]")) {
            RawMessage refused = stack.get("/x");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.first("Retry-After")).isEqualTo("5");
            assertThat(stack.request("HEAD", "/x").status()).isEqualTo(503);
        }
    }

    @Test
    void staleIfErrorCoversErrorsOfTheOriginToo() {
        try (var stack = Stack.http("cache: {grace: 0}")) {
            stack.origin.answer(
                    "/x",
                    Reply.ok("one").header("Cache-Control", "max-age=60, stale-if-error=60"),
                    Reply.of(500).body("broken"));
            stack.get("/x");
            stack.settle();
            stack.later(Duration.ofSeconds(100));
            assertThat(stack.get("/x").text()).isEqualTo("one");
            stack.settle();
            // The origin that has just failed is not asked a second time for the same request.
            assertThat(stack.origin.requests()).hasSize(2);
            stack.later(Duration.ofSeconds(30));
            RawMessage error = stack.get("/x");
            assertThat(error.status()).isEqualTo(500);
            assertThat(error.text()).isEqualTo("broken");
        }
    }

    @Test
    void whatMustBeRevalidatedIsNeverServedStale() {
        try (var stack = Stack.http("cache: {grace: 1h}")) {
            stack.origin.answer(
                    "/x", Reply.ok("one").header("Cache-Control", "max-age=60, must-revalidate"), Reply.hangUp());
            stack.get("/x");
            stack.settle();
            stack.later(Duration.ofSeconds(61));
            assertThat(stack.get("/x").status()).isEqualTo(502);
        }
    }

    @Test
    void requestDirectivesAreHeard() {
        try (var stack = Stack.http("")) {
            stack.origin.answer("/x", fresh("one"), fresh("two"), fresh("three"), fresh("four"));
            assertThat(stack.get("/x", "Cache-Control: only-if-cached").status())
                    .isEqualTo(504);
            stack.get("/x");
            stack.settle();
            assertThat(stack.get("/x", "Cache-Control: only-if-cached").text()).isEqualTo("one");
            RawMessage reloaded = stack.get("/x", "Cache-Control: no-cache");
            assertThat(reloaded.text()).isEqualTo("two");
            assertThat(Stack.cacheStatus(reloaded)).isEqualTo("jarrah; fwd=request; stored");
            stack.settle();
            stack.later(Duration.ofSeconds(30));
            assertThat(stack.get("/x", "Cache-Control: max-age=10").text()).isEqualTo("three");
            stack.settle();
            assertThat(stack.get("/x", "Pragma: no-cache").text()).isEqualTo("four");
            stack.settle();
            stack.later(Duration.ofMinutes(5));
            assertThat(stack.get("/x", "Cache-Control: max-stale").text()).isEqualTo("four");
        }
    }

    @Test
    void aRequestWithNoStoreLeavesNothingBehind() {
        try (var stack = Stack.http("")) {
            stack.origin.answer("/x", fresh("one"), fresh("two"));
            assertThat(stack.get("/x", "Cache-Control: no-store").text()).isEqualTo("one");
            stack.settle();
            assertThat(stack.get("/x").text()).isEqualTo("two");
        }
    }

    @Test
    void anAnswerThatIsNoLongerToBeStoredTakesTheOldOneAway() {
        try (var stack = Stack.http("cache: {grace: 1h}")) {
            stack.origin.answer("/x", fresh("old"), Reply.ok("secret").header("Cache-Control", "no-store"));
            stack.get("/x");
            stack.settle();
            stack.later(Duration.ofSeconds(61));
            assertThat(stack.get("/x").text()).as("in grace").isEqualTo("old");
            Stack.await(() -> stack.accelerator.counters().store().entries() == 0);
            assertThat(stack.get("/x").text()).isEqualTo("secret");
        }
    }

    @Test
    void errorsWithoutFreshnessAreNotStoredAndOthersAre() {
        try (var stack = Stack.http("cache: {ttl: 1h}")) {
            stack.origin.answer("/a", Reply.of(404).body("no"), Reply.ok("yes"));
            stack.origin.answer("/b", Reply.of(404).body("no").header("Cache-Control", "max-age=60"), Reply.ok("yes"));
            assertThat(stack.get("/a").status()).isEqualTo(404);
            assertThat(stack.get("/b").status()).isEqualTo(404);
            stack.settle();
            assertThat(stack.get("/a").status()).isEqualTo(200);
            assertThat(stack.get("/b").status()).isEqualTo(404);
        }
    }
}
