package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.config.ConfigNode;
import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import jarrah.testkit.ScriptedOrigin;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Several servers behind a site, buckets of other stores, and settings that are read anew. */
final class OriginsTest {
    private static final String KEYS = "credentials: {access-key-id: AKIA, secret-access-key: topsecret}";

    private static String sites(String origin) {
        return "sites: [{name: s, origin: {" + origin + "}}]";
    }

    private static AcceleratorConfig config(String yaml) {
        return AcceleratorConfig.parse(ConfigNode.parse("test.yaml", yaml));
    }

    @Test
    void theNextServerIsAskedWhenOneIsGone() {
        try (var second = ScriptedOrigin.start();
                var stack = new Stack(sites("http: [ORIGIN, \"" + second.url() + "\"]"))) {
            second.answer("/x", Reply.ok("from the second"));
            stack.origin.close();
            assertThat(stack.get("/x").text()).isEqualTo("from the second");
            assertThat(stack.counters().fetchFailures()).isZero();
        }
    }

    @Test
    void theNextServerIsAskedWhenOneSaysNotNowButNotForAPost() {
        try (var second = ScriptedOrigin.start();
                var stack = new Stack(
                        "sites: [{name: s, methods: all, origin: {http: [ORIGIN, \"" + second.url() + "\"]}}]")) {
            stack.origin.answer("/x", Reply.of(503));
            second.answer("/x", Reply.ok("from the second"));
            assertThat(stack.get("/x").text()).isEqualTo("from the second");
            assertThat(stack.request("POST", "/x").status()).isEqualTo(503);
            assertThat(second.requests()).hasSize(1);
        }
    }

    @Test
    void aServerThatRefusesIsLeftAloneForAWhile() {
        try (var stack = new Stack(sites("http: ORIGIN"))) {
            stack.origin.close();
            for (int i = 0; i < 5; i++) {
                RawMessage answer = stack.get("/x" + i);
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.first("Retry-After")).isNotNull();
            }
        }
    }

    @Test
    void aProbePutsAServerOutOfServiceAndInAgain() {
        try (var second = ScriptedOrigin.start();
                var stack = new Stack(sites("http: [ORIGIN, \"" + second.url()
                        + "\"], probe: {path: /health, every: 20ms, timeout: 5s}"))) {
            second.answer("/health", Reply.ok("well"));
            stack.origin.answer("/health", Reply.of(500));
            stack.origin.otherwise(_ -> Reply.ok("first").header("Cache-Control", "no-store"));
            second.otherwise(_ -> Reply.ok("second").header("Cache-Control", "no-store"));
            Stack.await(() -> stack.get("/x").text().equals("second"));
            stack.origin.answer("/health", Reply.ok("well"));
            Stack.await(() -> stack.get("/x").text().equals("first"));
        }
    }

    @Test
    void aBucketOfAnotherStoreIsReadWithSignedRequests() {
        try (var stack = new Stack(
                sites("s3: ORIGIN, bucket: tools, prefix: rel/, region: eu-west-1, coherent: false, " + KEYS))) {
            stack.origin.answer(
                    "/tools/rel/a%20b.txt",
                    Reply.ok("hello")
                            .header("ETag", "\"1\"")
                            .header("x-amz-request-id", "R")
                            .header("x-amz-meta-colour", "red")
                            .header("Cache-Control", "max-age=60"));
            RawMessage answer = stack.get("/a%20b.txt", "Cookie: c=1", "Authorization: Bearer mine");
            assertThat(answer.text()).isEqualTo("hello");
            assertThat(answer.first("x-amz-request-id")).isNull();
            assertThat(answer.first("x-amz-meta-colour")).isEqualTo("red");
            RawMessage asked = stack.origin.requests().getFirst();
            assertThat(asked.first("Authorization"))
                    .startsWith("AWS4-HMAC-SHA256 Credential=AKIA/20261122/eu-west-1/s3/aws4_request")
                    .contains("host;");
            assertThat(asked.first("Cookie")).isNull();
            stack.settle();
            assertThat(Stack.cacheStatus(stack.get("/a%20b.txt?x=y"))).isEqualTo("jarrah; hit; ttl=60");
            stack.later(Duration.ofMinutes(5));
            stack.origin.answer("/tools/rel/a%20b.txt", Reply.of(304).header("ETag", "\"1\""));
            assertThat(stack.get("/a%20b.txt").text()).isEqualTo("hello");
            RawMessage validation = stack.origin.requests().getLast();
            assertThat(validation.first("If-None-Match")).isEqualTo("\"1\"");
            assertThat(validation.first("Authorization")).isNotEqualTo(asked.first("Authorization"));
        }
    }

    @Test
    void refusalsOfAStoreAreTextAndARedirectIsAnError() {
        try (var stack = new Stack(sites("s3: ORIGIN, bucket: tools, coherent: false"))) {
            stack.origin.answer("/tools/secret", Reply.of(403).body("<Error><Code>AccessDenied</Code></Error>"));
            stack.origin.answer("/tools/moved", Reply.of(301).header("x-amz-bucket-region", "eu-west-1"));
            assertThat(stack.get("/secret").text()).isEqualTo("403 Forbidden\n");
            assertThat(stack.get("/moved").status()).isEqualTo(502);
            assertThat(stack.origin.requests().getFirst().first("Authorization"))
                    .isNull();
        }
    }

    @Test
    void aStatusThatIsNoneIsAnErrorOfTheOrigin() {
        try (var stack = new Stack(sites("http: ORIGIN"))) {
            stack.origin.answer("/x", Reply.of(999));
            assertThat(stack.get("/x").status()).isEqualTo(502);
            assertThat(stack.counters().fetchFailures()).isEqualTo(1);
        }
    }

    @Test
    void otherSettingsHoldFromTheNextRequestOn() throws Exception {
        try (var stack = Stack.http("")) {
            stack.origin.answer("/x", Reply.ok("one").header("Cache-Control", "max-age=60"));
            stack.get("/x");
            stack.settle();
            String same = sites("http: \"" + stack.origin.url() + "\"");
            stack.accelerator.reload(config(same.replace("}}", "}, headers: {set: {X-New: yes}}}")));
            RawMessage hit = stack.get("/x");
            assertThat(Stack.cacheStatus(hit)).startsWith("jarrah; hit");
            assertThat(hit.first("X-New")).isEqualTo("yes");
            stack.accelerator.reload(config("sites: []"));
            assertThat(stack.get("/x").status()).isEqualTo(404);
            assertThat(stack.accelerator.counters().store().entries()).isZero();
            stack.accelerator.reload(config(same));
            assertThat(Stack.cacheStatus(stack.get("/x"))).isEqualTo("jarrah; fwd=uri-miss; stored");
        }
    }
}
