package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.Gate;
import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What operators remove: by URL, by pattern, by tag; softly and for good. */
final class BanTest {
    private static Reply tagged(String text, String tags) {
        return Reply.ok(text)
                .header("Cache-Control", "max-age=60")
                .header("Surrogate-Key", tags)
                .header("Content-Type", "text/" + text)
                .header("ETag", "\"" + text + "\"");
    }

    private static Stack stocked() {
        var stack = Stack.http("cache: {grace: 30s}");
        stack.origin.answer("/a/one", tagged("one", "red green"));
        stack.origin.answer("/a/two", tagged("two", "green"));
        stack.origin.answer("/b/three", tagged("three", "blue"));
        stack.get("/a/one");
        stack.get("/a/two");
        stack.get("/b/three");
        stack.settle();
        return stack;
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -, -, -, green, 2",
                "-, -, -, -, red, 1",
                "-, -, -, -, gre, 0",
                "-, /a/*, -, -, -, 2",
                "-, /a/?ne, -, -, -, 1",
                "s, -, -, -, -, 3",
                "other, -, -, -, -, 0",
                "s*, *, content-type, text/t*, -, 2",
                "-, /b/*, content-type, text/two, -, 0",
                "-, /a/*, -, -, blue, 0",
            })
    void allOfItHasToHold(String site, String path, String field, String value, String tag, int removed) {
        try (var stack = stocked()) {
            var ban = new Ban(site, path, field, value, tag == null ? Set.of() : Set.of(tag));
            assertThat(stack.accelerator.ban(ban, false)).isEqualTo(removed);
            assertThat(stack.accelerator.counters().store().entries()).isEqualTo(3 - removed);
        }
    }

    @Test
    void aSoftPurgeLeavesWhatIsServedInGrace() {
        try (var stack = stocked()) {
            assertThat(stack.accelerator.purge(null, "/a/one", true)).isEqualTo(1);
            Gate refresh = new Gate();
            stack.origin.answer("/a/one", tagged("new", "red").holdHead(refresh));
            stack.later(Duration.ofSeconds(10));
            RawMessage stale = stack.get("/a/one");
            assertThat(stale.text()).isEqualTo("one");
            assertThat(Stack.cacheStatus(stale)).isEqualTo("jarrah; hit; ttl=-10");
            refresh.open();
            Stack.await(() -> stack.get("/a/one").text().equals("new"));
        }
    }

    @Test
    void aSoftPurgeEndsWithTheGrace() {
        try (var stack = stocked()) {
            assertThat(stack.accelerator.ban(new Ban(null, null, null, null, Set.of("red")), true))
                    .isEqualTo(1);
            stack.origin.close();
            stack.later(Duration.ofSeconds(31));
            assertThat(stack.get("/a/one").status()).isEqualTo(503);
            assertThat(stack.get("/a/two").text()).isEqualTo("two");
        }
    }

    @Test
    void whatIsBeingFetchedWhenTheBanComesIsNotStored() throws Exception {
        try (var stack = Stack.http("");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Gate body = new Gate();
            stack.origin.answer("/x", tagged("old", "red").holdHead(body), tagged("new", "red"));
            Future<RawMessage> first = threads.submit(() -> stack.get("/x"));
            stack.origin.awaitRequests(1);
            stack.accelerator.ban(new Ban(null, "/x", null, null, Set.of()), false);
            body.open();
            assertThat(first.get().text()).isEqualTo("old");
            stack.settle();
            assertThat(stack.get("/x").text()).isEqualTo("new");
        }
    }
}
