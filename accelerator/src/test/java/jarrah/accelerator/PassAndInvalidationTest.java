package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.Gate;
import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Requests that go through to the origin, and what they make invalid (RFC 9111, 4.4). */
final class PassAndInvalidationTest {
    private static RawMessage post(Stack stack, String target, String body) {
        try (RawClient client = stack.connect()) {
            client.send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length()
                    + "\r\n\r\n" + body);
            return client.read();
        }
    }

    @Test
    void aPostGoesThroughWithItsBodyAndIsNotStored() {
        try (var stack = Stack.http("methods: all, cache: {ttl: 1h}")) {
            stack.origin.otherwise(request -> Reply.ok(request.method() + " " + request.text()));
            for (String body : new String[] {"one", "two"}) {
                RawMessage answer = post(stack, "/x", body);
                assertThat(answer.text()).isEqualTo("POST " + body);
                assertThat(Stack.cacheStatus(answer)).isEqualTo("jarrah; fwd=method");
            }
            assertThat(stack.counters().passes()).isEqualTo(2);
        }
    }

    @Test
    void whatBreaksOffOnItsWayThroughIsNeverTakenForWhole() {
        try (var stack = Stack.http("methods: all")) {
            stack.origin.answer(
                    "/x",
                    Reply.of(200).body("0123456789").chunked().closeBefore(5),
                    Reply.of(200).body("0123456789").closeBefore(5));
            for (int i = 0; i < 2; i++) {
                try (RawClient client = stack.connect()) {
                    String all = new String(client.request("OPTIONS", "/x").readToEnd(), StandardCharsets.ISO_8859_1);
                    assertThat(all).doesNotContain("\r\n0\r\n").doesNotContain("0123456789");
                } catch (UncheckedIOException e) {
                    assertThat(e).hasMessageContaining("reset");
                }
            }
            assertThat(stack.counters().fetchFailures()).isEqualTo(2);
        }
    }

    @Test
    void aPrivateAnswerEndsWithItsClient() {
        try (var stack = Stack.http("")) {
            Gate midway = new Gate();
            stack.origin.answer(
                    "/x",
                    Reply.of(200)
                            .header("Cache-Control", "private")
                            .body(new byte[20_000_000])
                            .holdBefore(1_000_000, midway));
            try (RawClient client = stack.connect()) {
                client.get("/x");
                midway.awaitArrival();
                client.reset();
            }
            midway.open();
            stack.settle();
            stack.origin.awaitOpenConnections(0);
        }
    }

    @Test
    void methodsThatAreNotAllowedAreRefused() {
        try (var stack = Stack.http("")) {
            RawMessage refused = post(stack, "/x", "body");
            assertThat(refused.status()).isEqualTo(405);
            assertThat(refused.first("Allow")).isEqualTo("GET, HEAD");
            assertThat(stack.origin.requests()).isEmpty();
        }
    }

    @Test
    void aSuccessfulChangeMakesWhatIsStoredInvalid() {
        try (var stack = Stack.http("methods: all, cache: {ttl: 1h}")) {
            stack.origin.answer("/x", Reply.ok("old"), Reply.of(204).header("Content-Location", "/y"), Reply.ok("new"));
            stack.origin.answer("/y", Reply.ok("old y"), Reply.ok("new y"));
            stack.origin.answer("/z", Reply.ok("old z"), Reply.of(500), Reply.ok("new z"));
            stack.get("/x");
            stack.get("/y");
            stack.get("/z");
            stack.settle();
            assertThat(stack.request("DELETE", "/x").status()).isEqualTo(204);
            assertThat(stack.request("DELETE", "/z").status()).isEqualTo(500);
            assertThat(stack.get("/x").text()).isEqualTo("new");
            assertThat(stack.get("/y").text()).isEqualTo("new y");
            assertThat(stack.get("/z").text()).as("nothing was changed").isEqualTo("old z");
        }
    }

    @Test
    void whatWasBeingFetchedDuringAChangeIsNotStored() throws Exception {
        try (var stack = Stack.http("methods: all, cache: {ttl: 1h}");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Gate gate = new Gate();
            stack.origin.answer("/x", Reply.ok("old").holdBefore(1, gate), Reply.of(204), Reply.ok("new"));
            Future<RawMessage> before = threads.submit(() -> stack.get("/x"));
            gate.awaitArrival();
            assertThat(stack.request("PUT", "/x").status()).isEqualTo(204);
            assertThat(stack.get("/x").text())
                    .as("does not join what began before")
                    .isEqualTo("new");
            gate.open();
            assertThat(before.get().text()).isEqualTo("old");
            stack.settle();
            assertThat(stack.get("/x").text()).isEqualTo("new");
        }
    }

    @Test
    void aPurgeRemovesAllVariantsOfAUrlAndNothingElse() {
        try (var stack = Stack.http("cache: {ttl: 1h}")) {
            stack.origin.otherwise(request -> Reply.ok("v").header("Vary", "Accept"));
            stack.get("/x", "Accept: a");
            stack.get("/x", "Accept: b");
            stack.get("/y");
            stack.settle();
            assertThat(stack.accelerator.purge("localhost", "/x", false)).isEqualTo(2);
            assertThat(stack.accelerator.purge("localhost", "/x", false)).isZero();
            assertThat(Stack.cacheStatus(stack.get("/y"))).contains("hit");
            assertThat(Stack.cacheStatus(stack.get("/x", "Accept: a"))).contains("miss");
            stack.settle();
            assertThat(stack.accelerator.ban(Ban.ofSite("s"), false)).isEqualTo(2);
            assertThat(stack.accelerator.ban(Ban.ofSite("none"), false)).isZero();
        }
    }

    @Test
    void fieldsAreSetAndRemovedOnEveryAnswer() {
        try (var stack = Stack.http(
                "cache: {ttl: 1h}, methods: all, headers: {set: {X-Frame-Options: DENY}, remove: X-Powered-By}")) {
            stack.origin.otherwise(
                    request -> Reply.ok("v").header("X-Powered-By", "p").header("x-frame-options", "no"));
            for (String method : new String[] {"GET", "GET", "HEAD", "OPTIONS"}) {
                RawMessage answer = stack.request(method, "/x");
                assertThat(answer.all("X-Frame-Options")).containsExactly("DENY");
                assertThat(answer.first("X-Powered-By")).isNull();
                stack.settle();
            }
        }
    }

    @Test
    void whatIsNoUrlOfOursIsRefused() {
        try (var stack = new Stack("sites: [{name: s, host: files.example.com, path: /t, origin: {http: ORIGIN}}]")) {
            assertThat(stack.get("/t/x").status()).isEqualTo(404);
            assertThat(stack.get("/x", "Host: files.example.com").status()).isEqualTo(404);
            assertThat(stack.get("/%zz", "Host: files.example.com").status()).isEqualTo(400);
            assertThat(stack.accelerator.counters().unroutable()).isEqualTo(3);
        }
    }

    @Test
    void aClientThatLeavesWithinAnUploadLeavesNothingBroken() {
        try (var stack = Stack.http("methods: all")) {
            stack.origin.otherwise(request -> Reply.ok(request.text()));
            try (RawClient client = stack.connect()) {
                client.send("PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf");
                client.reset();
            }
            assertThat(post(stack, "/x", "whole").text()).isEqualTo("whole");
        }
    }
}
