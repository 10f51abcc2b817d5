package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.Gate;
import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** One fetch per object however many wait; bytes as they arrive; nobody waits for what is not for him. */
final class HerdTest {
    private static byte[] body(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Test
    void twoHundredClientsMakeOneFetchAndGetItsFirstBytesBeforeItsLast() throws Exception {
        try (var stack = Stack.http("cache: {ttl: 1h}")) {
            byte[] body = body(100_000);
            Gate midway = new Gate();
            stack.origin.answer("/x", Reply.of(200).body(body).holdBefore(50_000, midway));
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                clients.add(stack.connect().get("/x"));
            }
            midway.awaitArrival();
            for (RawClient client : clients) {
                String head = new String(client.readBytes(15), java.nio.charset.StandardCharsets.ISO_8859_1);
                assertThat(head).isEqualTo("HTTP/1.1 200 OK");
                client.readBytes(10_000);
            }
            midway.open();
            for (RawClient client : clients) {
                client.close();
            }
            stack.settle();
            assertThat(stack.origin.requests()).hasSize(1);
            RawMessage hit = stack.get("/x");
            assertThat(hit.body()).isEqualTo(body);
            assertThat(Stack.cacheStatus(hit)).isEqualTo("jarrah; hit; ttl=3600");
            assertThat(stack.counters().misses()).isEqualTo(200);
            assertThat(stack.counters().collapsed()).isEqualTo(199);
            assertThat(stack.counters().fetches()).isEqualTo(1);
        }
    }

    @Test
    void everyClientOfAHerdGetsEveryByte() throws Exception {
        try (var stack = Stack.http("cache: {ttl: 1h}");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            byte[] body = body(700_001);
            Gate head = new Gate();
            stack.origin.answer("/x", Reply.of(200).body(body).chunked().holdHead(head));
            List<Future<RawMessage>> answers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                answers.add(threads.submit(() -> stack.get("/x")));
            }
            head.awaitArrival();
            head.open();
            for (Future<RawMessage> answer : answers) {
                assertThat(answer.get().body()).isEqualTo(body);
            }
            assertThat(stack.origin.requests()).hasSize(1);
        }
    }

    @Test
    void aFetchGoesOnWhenItsClientLeaves() {
        try (var stack = Stack.http("cache: {ttl: 1h}")) {
            Gate midway = new Gate();
            byte[] body = body(10_000);
            stack.origin.answer("/x", Reply.of(200).body(body).holdBefore(5_000, midway));
            try (RawClient client = stack.connect()) {
                client.get("/x");
                midway.awaitArrival();
                client.reset();
            }
            midway.open();
            stack.settle();
            RawMessage hit = stack.get("/x");
            assertThat(hit.body()).isEqualTo(body);
            assertThat(Stack.cacheStatus(hit)).contains("hit");
            assertThat(stack.origin.requests()).hasSize(1);
        }
    }

    @Test
    void answersThatMustNotBeSharedAreAskedForByEachAndSideBySide() throws Exception {
        try (var stack = Stack.http("cache: {ttl: 1h}");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Gate first = new Gate();
            stack.origin.answer(
                    "/x",
                    Reply.ok("mine").header("Cache-Control", "private").holdHead(first),
                    Reply.ok("mine").header("Cache-Control", "private"));
            List<Future<RawMessage>> answers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                answers.add(threads.submit(() -> stack.get("/x")));
            }
            first.awaitArrival();
            first.open();
            for (Future<RawMessage> answer : answers) {
                assertThat(answer.get().text()).isEqualTo("mine");
            }
            assertThat(stack.origin.requests()).as("one for each client").hasSize(10);
            assertThat(stack.counters().passes()).isEqualTo(10);
            assertThat(stack.accelerator.counters().store().entries()).isZero();

            // Known now to be of that kind: two requests do not wait for each other.
            Gate one = new Gate();
            Gate two = new Gate();
            stack.origin.answer(
                    "/x",
                    Reply.ok("a").header("Cache-Control", "private").holdHead(one),
                    Reply.ok("b").header("Cache-Control", "private").holdHead(two));
            Future<RawMessage> a = threads.submit(() -> stack.get("/x"));
            one.awaitArrival();
            Future<RawMessage> b = threads.submit(() -> stack.get("/x"));
            two.awaitArrival();
            two.open();
            assertThat(b.get().text()).isEqualTo("b");
            one.open();
            assertThat(a.get().text()).isEqualTo("a");
        }
    }

    @Test
    void aHerdForVariantsFetchesEachOnce() throws Exception {
        try (var stack = Stack.http("cache: {ttl: 1h}");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            stack.origin.answer(
                    "/x",
                    request -> Reply.ok(String.valueOf(request.first("Accept-Language")))
                            .header("Vary", "Accept-Language"));
            for (int round = 0; round < 2; round++) {
                List<Future<RawMessage>> answers = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    String language = "l" + i % 3;
                    answers.add(threads.submit(() -> stack.get("/x", "Accept-Language: " + language)));
                }
                for (int i = 0; i < 30; i++) {
                    assertThat(answers.get(i).get().text()).isEqualTo("l" + i % 3);
                }
            }
            assertThat(stack.origin.requests().size()).isBetween(3, 5);
            assertThat(stack.accelerator.counters().store().entries()).isEqualTo(3);
        }
    }

    @Test
    void anOriginThatBreaksOffIsAnErrorToAllAndNeverStored() {
        try (var stack = Stack.http("cache: {ttl: 1h}")) {
            stack.origin.answer(
                    "/x",
                    Reply.of(200).body(body(10_000)).closeBefore(6_000),
                    Reply.of(200).body(body(10_000)).chunked().closeBefore(6_000),
                    Reply.ok("whole"));
            for (int i = 0; i < 2; i++) {
                try (RawClient client = stack.connect()) {
                    byte[] all = client.get("/x").readToEnd();
                    String text = new String(all, java.nio.charset.StandardCharsets.ISO_8859_1);
                    assertThat(text).as("no end of chunks").doesNotEndWith("\r\n0\r\n\r\n");
                    assertThat(all.length).isLessThan(7_000);
                } catch (java.io.UncheckedIOException e) {
                    assertThat(e).hasMessageContaining("reset"); // an end that is seen as well
                }
                stack.settle();
            }
            assertThat(stack.get("/x").text()).isEqualTo("whole");
            assertThat(stack.counters().fetchFailures()).isEqualTo(2);
        }
    }

    @Test
    void aSlowReaderDoesNotSlowTheOthers() throws Exception {
        try (var stack = Stack.http("cache: {ttl: 1h}")) {
            byte[] body = body(8_000_000);
            stack.origin.answer("/x", Reply.of(200).body(body));
            try (RawClient slow = RawClient.connect(stack.port(), jarrah.testkit.Deadlines.STEP, 4_096)) {
                slow.get("/x").readBytes(1_000);
                assertThat(stack.get("/x").body()).isEqualTo(body);
                stack.settle();
                assertThat(stack.origin.requests()).hasSize(1);
            }
        }
    }

    @Test
    void anObjectTooLargeForTheStorePassesThrough() {
        try (var stack =
                new Stack("memory-limit: 1MiB\nsites: [{name: s, origin: {http: ORIGIN}, cache: {ttl: 1h}}]")) {
            byte[] body = body(3_000_000);
            stack.origin.answer("/known", Reply.of(200).body(body));
            stack.origin.answer("/chunked", Reply.of(200).body(body).chunked());
            for (String target : new String[] {"/known", "/chunked", "/known", "/chunked"}) {
                assertThat(stack.get(target).body()).isEqualTo(body);
            }
            stack.settle();
            assertThat(stack.origin.requests()).hasSize(4);
            assertThat(stack.accelerator.counters().store()).satisfies(usage -> {
                assertThat(usage.entries()).isZero();
                assertThat(usage.memoryBytes()).isZero();
            });
        }
    }
}
