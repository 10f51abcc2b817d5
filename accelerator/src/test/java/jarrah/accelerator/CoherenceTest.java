package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.Gate;
import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An own bucket: what it holds is what is served, from the very next request after a change, and not fetched twice. */
final class CoherenceTest {
    @TempDir
    Path directory;

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void anOverwriteIsSeenByTheNextRequestAndAHitCostsTheStoreNothing() {
        try (var stack = Stack.bucket("path: /tools")) {
            stack.buckets.put("a", text("one"));
            assertThat(stack.get("/tools/a").text()).isEqualTo("one");
            stack.settle();
            for (int i = 0; i < 3; i++) {
                RawMessage hit = stack.get("/tools/a");
                assertThat(hit.text()).isEqualTo("one");
                assertThat(Stack.cacheStatus(hit)).isEqualTo("jarrah; hit");
                assertThat(hit.first("Age")).isEqualTo("0");
                assertThat(hit.first("x-amz-request-id")).isNull();
                assertThat(hit.first("x-amz-meta-a")).isEqualTo("b");
                stack.later(Duration.ofDays(3));
            }
            assertThat(stack.buckets.requests.get()).isEqualTo(1);
            stack.buckets.put("a", text("two"));
            RawMessage changed = stack.get("/tools/a");
            assertThat(changed.text()).isEqualTo("two");
            assertThat(Stack.cacheStatus(changed)).isEqualTo("jarrah; fwd=stale; stored");
        }
    }

    @Test
    void aDeletedObjectIsGoneAndACachedAbsenceEndsAtThePut() {
        try (var stack = Stack.bucket("path: /")) {
            stack.buckets.put("a", text("one"));
            stack.get("/a");
            stack.settle();
            stack.buckets.delete("a");
            for (int i = 0; i < 3; i++) {
                RawMessage gone = stack.get("/a");
                assertThat(gone.status()).isEqualTo(404);
                assertThat(gone.text()).isEqualTo("404 Not Found\n");
                assertThat(gone.first("Content-Type")).startsWith("text/plain");
                stack.settle();
            }
            assertThat(stack.buckets.requests.get()).as("the absence is stored").isEqualTo(2);
            stack.buckets.put("a", text("two"));
            assertThat(stack.get("/a").text()).isEqualTo("two");
        }
    }

    @Test
    void aBucketThatIsClosedToThePublicIsClosedAtOnce() {
        try (var stack = Stack.bucket("path: /")) {
            stack.buckets.put("a", text("one"));
            stack.get("/a");
            stack.settle();
            stack.buckets.readable(false);
            RawMessage refused = stack.get("/a");
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.text()).isEqualTo("403 Forbidden\n");
            stack.settle();
            stack.buckets.readable(true);
            assertThat(stack.get("/a").text()).isEqualTo("one");
        }
    }

    @Test
    void anEntryWhoseObjectDidNotChangeIsRenewedWithoutItsBody() {
        try (var stack = Stack.bucket("path: /")) {
            stack.buckets.put("a", text("one"));
            stack.get("/a");
            stack.settle();
            stack.buckets.readable(true); // the bucket's generation alone
            RawMessage renewed = stack.get("/a");
            assertThat(renewed.text()).isEqualTo("one");
            assertThat(Stack.cacheStatus(renewed)).isEqualTo("jarrah; fwd=stale; fwd-status=304; stored");
            assertThat(Stack.cacheStatus(stack.get("/a"))).isEqualTo("jarrah; hit");
        }
    }

    @Test
    void whatIsFetchedDuringAnOverwriteIsGivenToNobodyWhoAsksAfterwards() throws Exception {
        try (var stack = Stack.bucket("path: /");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            stack.buckets.put("a", text("old old old"));
            Gate midway = new Gate();
            stack.buckets.stopMidway(midway);
            Future<RawMessage> before = threads.submit(() -> stack.get("/a"));
            midway.awaitArrival();
            stack.buckets.stopMidway(null);
            stack.buckets.put("a", text("new"));
            assertThat(stack.get("/a").text()).as("does not join").isEqualTo("new");
            midway.open();
            assertThat(before.get().text()).isEqualTo("old old old");
            stack.settle();
            RawMessage after = stack.get("/a");
            assertThat(after.text()).isEqualTo("new");
        }
    }

    @Test
    void namesMeanTheSameObjectsAsThroughS3() {
        try (var stack = Stack.bucket("path: /t, index: index.html")) {
            for (String key :
                    new String[] {"a b", "a+b", "a/b", "über", "/x", "../x", "a%2Fb", "index.html", "d/index.html"}) {
                stack.buckets.put(key, text(key));
            }
            for (String[] pair : new String[][] {
                {"/t/a%20b", "a b"},
                {"/t/a+b", "a+b"},
                {"/t/a%2Bb", "a+b"},
                {"/t/a%2Fb", "a/b"},
                {"/t/%C3%BCber", "über"},
                {"/t//x", "/x"},
                {"/t/../x", "../x"},
                {"/t/%2e%2e/x", "../x"},
                {"/t/a%252Fb", "a%2Fb"},
                {"/t/", "index.html"},
                {"/t/d/", "d/index.html"},
                {"/t/a/b?versionId=7", "a/b"},
            }) {
                assertThat(stack.get(pair[0]).text()).as(pair[0]).isEqualTo(pair[1]);
            }
            RawMessage moved = stack.get("/t?q");
            assertThat(moved.status()).isEqualTo(301);
            assertThat(moved.first("Location")).isEqualTo("/t/?q");
        }
    }

    @Test
    void whatIsPrivateToAReaderIsNotStored() {
        try (var stack = Stack.bucket("path: /")) {
            stack.buckets.put("a", text("one"), "private, no-store");
            stack.get("/a");
            stack.settle();
            stack.get("/a");
            assertThat(stack.buckets.requests.get()).isEqualTo(2);
            stack.buckets.put("b", text("two"), "no-cache");
            stack.get("/b");
            stack.settle();
            assertThat(Stack.cacheStatus(stack.get("/b")))
                    .as("validated by its generation")
                    .isEqualTo("jarrah; hit");
        }
    }

    @Test
    void theStoreIsWarmAfterARestartAndStillCoherent() throws Exception {
        byte[] large = new byte[400_000];
        new Random(1).nextBytes(large);
        try (var stack = new Stack("sites: [{name: s, origin: {bucket: b}}]", directory)) {
            stack.buckets.put("same", large);
            stack.buckets.put("changed", large);
            stack.buckets.put("gone", large);
            for (String key : new String[] {"same", "changed", "gone"}) {
                assertThat(stack.get("/" + key).body()).isEqualTo(large);
            }
            stack.settle();
            stack.restart();
            int asked = stack.buckets.requests.get();
            stack.buckets.put("changed", text("new"));
            stack.buckets.delete("gone");
            for (int i = 0; i < 2; i++) {
                RawMessage warm = stack.get("/same");
                assertThat(warm.body()).isEqualTo(large);
                assertThat(Stack.cacheStatus(warm)).isEqualTo("jarrah; hit");
            }
            assertThat(stack.buckets.requests.get())
                    .as("the store was not asked")
                    .isEqualTo(asked);
            assertThat(stack.get("/changed").text()).isEqualTo("new");
            assertThat(stack.get("/gone").status()).isEqualTo(404);
        }
    }

    @Test
    void watchesAreLetGoWithTheirEntries() {
        try (var stack = Stack.bucket("path: /")) {
            for (int i = 0; i < 50; i++) {
                stack.buckets.put("k" + i, text("v"));
                stack.get("/k" + i);
                stack.get("/none" + i);
            }
            stack.settle();
            assertThat(stack.buckets.watched()).isEqualTo(101);
            stack.accelerator.ban(Ban.ofSite("s"), false);
            assertThat(stack.buckets.watched()).isZero();
        }
    }

    /** Random changes and requests against a plain map: no answer is ever another than the store's at that moment. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void noAnswerIsEverOlderThanTheLastChange(long seed) throws Exception {
        model(seed, 1_500);
    }

    @ParameterizedTest
    @Tag("long")
    @ValueSource(longs = {11, 12, 13, 14})
    void noAnswerIsEverOlderThanTheLastChangeInALongRun(long seed) throws Exception {
        model(seed, 40_000);
    }

    private void model(long seed, int steps) throws Exception {
        var random = new Random(seed);
        var model = new TreeMap<String, byte[]>();
        String settings = "memory-limit: 1MiB\nfile-limit: 4MiB\nsites: [{name: s, origin: {bucket: b}}]";
        try (var stack = new Stack(settings, directory);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            RawClient client = stack.connect();
            boolean open = true;
            for (int step = 0; step < steps; step++) {
                String key = "k" + random.nextInt(12);
                switch (random.nextInt(14)) {
                    case 0, 1 -> {
                        byte[] body =
                                new byte[random.nextInt(4) == 0 ? random.nextInt(200_000) : random.nextInt(2_000)];
                        random.nextBytes(body);
                        stack.buckets.put(key, body);
                        model.put(key, body);
                    }
                    case 2 -> {
                        stack.buckets.delete(key);
                        model.remove(key);
                    }
                    case 3 -> {
                        if (random.nextInt(8) == 0) {
                            open = !open;
                            stack.buckets.readable(open);
                        } else {
                            threads.submit(() -> stack.get("/" + key)); // runs beside the changes that follow
                        }
                    }
                    case 4 -> {
                        if (random.nextInt(20) == 0) {
                            client.close();
                            stack.restart();
                            client = stack.connect();
                        }
                    }
                    default -> check(client, random, key, open ? model.get(key) : null, open);
                }
            }
            client.close();
            assertThat(stack.accelerator.counters().store().memoryBytes()).isLessThanOrEqualTo(1 << 20);
            assertThat(stack.counters().hits())
                    .as("the test would else prove nothing")
                    .isPositive();
        }
    }

    private static void check(RawClient client, Random random, String key, byte @Nullable [] expected, boolean open) {
        int from = random.nextInt(100);
        int to = from + random.nextInt(1_000);
        switch (random.nextInt(4)) {
            case 0 -> {
                RawMessage head = client.request("HEAD", "/" + key).readHead();
                assertThat(head.status()).isEqualTo(!open ? 403 : expected == null ? 404 : 200);
                if (expected != null) {
                    assertThat(head.first("Content-Length")).isEqualTo(Integer.toString(expected.length));
                }
            }
            case 1 -> {
                RawMessage part =
                        client.get("/" + key, "Range: bytes=" + from + "-" + to).read();
                if (expected == null) {
                    assertThat(part.status()).isEqualTo(open ? 404 : 403);
                } else if (from >= expected.length) {
                    assertThat(part.status()).isEqualTo(416);
                } else {
                    assertThat(part.status()).isEqualTo(206);
                    assertThat(part.body())
                            .isEqualTo(Arrays.copyOfRange(expected, from, Math.min(to + 1, expected.length)));
                }
            }
            default -> {
                RawMessage whole = client.get("/" + key).read();
                assertThat(whole.status()).isEqualTo(!open ? 403 : expected == null ? 404 : 200);
                if (expected != null) {
                    assertThat(whole.body()).isEqualTo(expected);
                }
            }
        }
    }
}
