package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.RawMessage;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Paths that stand for other objects than those of their names, and what is served where there is none. */
final class SubstitutesTest {
    private static void put(Stack stack, String key) {
        stack.buckets.put(key, ("this is " + key).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aRewrittenPathIsJudgedAndStoredAsWhatItStandsFor() {
        try (var stack = Stack.bucket(
                "rewrite: [{match: \"get/*\", to: \"$1\"}], access: [{deny: all, path: \"*.key\"}, {allow: all}]")) {
            put(stack, "a");
            put(stack, "a.key");
            assertThat(stack.get("/get/a").text()).isEqualTo("this is a");
            stack.settle();
            assertThat(Stack.cacheStatus(stack.get("/a"))).contains("hit");
            assertThat(stack.get("/get/a.key").status()).isEqualTo(403);
        }
    }

    @Test
    void aFallbackIsServedWithSuccessUntilThereIsTheObject() {
        try (var stack = Stack.bucket("fallback: app.html")) {
            put(stack, "app.html");
            for (int round = 0; round < 3; round++) {
                RawMessage answer = stack.get("/route/" + (round / 2));
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.text()).isEqualTo("this is app.html");
                RawMessage head = stack.request("HEAD", "/other/" + (round / 2));
                assertThat(head.status()).isEqualTo(200);
                assertThat(head.first("Content-Length")).isEqualTo("16");
                RawMessage again = stack.get("/route/x" + (round / 2), "If-None-Match: " + answer.first("ETag"));
                assertThat(again.status()).isEqualTo(304);
                RawMessage part = stack.get("/route/y" + (round / 2), "Range: bytes=-4");
                assertThat(part.status()).isEqualTo(206);
                assertThat(part.text()).isEqualTo("html");
                stack.settle();
            }
            assertThat(Stack.cacheStatus(stack.get("/route/0"))).contains("hit");
            put(stack, "route/0");
            assertThat(stack.get("/route/0").text()).isEqualTo("this is route/0");
            stack.buckets.delete("route/0");
            assertThat(stack.get("/route/0").text()).isEqualTo("this is app.html");
            put(stack, "app.html");
            assertThat(stack.get("/route/1").text()).isEqualTo("this is app.html");
            stack.buckets.delete("app.html");
            assertThat(stack.get("/route/1").status())
                    .as("no fallback of the fallback")
                    .isEqualTo(404);
        }
    }

    @Test
    void anErrorPageKeepsTheErrorsStatus() {
        try (var stack = new Stack("sites: [{name: s, origin: {bucket: b, prefix: p/}, error-page: oops.html}]")) {
            put(stack, "p/oops.html");
            put(stack, "p/x");
            for (int round = 0; round < 2; round++) {
                RawMessage missing = stack.get("/missing");
                assertThat(missing.status()).isEqualTo(404);
                assertThat(missing.text()).isEqualTo("this is p/oops.html");
                RawMessage conditional =
                        stack.get("/missing", "If-None-Match: " + missing.first("ETag"), "Range: bytes=1-2");
                assertThat(conditional.status()).isEqualTo(404);
                assertThat(conditional.text()).isEqualTo("this is p/oops.html");
                assertThat(stack.get("/x").status()).isEqualTo(200);
                assertThat(stack.get("/oops.html").status()).isEqualTo(200);
                assertThat(stack.request("HEAD", "/missing").status()).isEqualTo(404);
                stack.settle();
            }
            stack.buckets.delete("p/oops.html");
            RawMessage bare = stack.get("/missing");
            assertThat(bare.status()).isEqualTo(404);
            assertThat(bare.text()).isEqualTo("404 Not Found\n");
        }
    }

    @Test
    void whatABucketDoesNotListIsMissingToo() {
        try (var stack = Stack.bucket("fallback: app.html, error-page: oops.html")) {
            stack.buckets.readable(false);
            assertThat(stack.get("/x").status()).isEqualTo(403);
        }
    }
}
