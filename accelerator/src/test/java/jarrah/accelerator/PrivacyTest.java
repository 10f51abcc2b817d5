package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import org.junit.jupiter.api.Test;

/** Whose answer is whose: Authorization, cookies, access rules, fields that could poison the cache. */
final class PrivacyTest {
    @Test
    void anAnswerToAuthorizationIsOnlySharedWhereTheOriginSaysSo() {
        try (var stack = Stack.http("cache: {ttl: 1h}")) {
            stack.origin.answer(
                    "/secret",
                    request -> Reply.ok("for " + request.first("Authorization")).header("Cache-Control", "max-age=60"));
            stack.origin.answer(
                    "/public",
                    request -> Reply.ok("for " + request.first("Authorization"))
                            .header("Cache-Control", "public, max-age=60"));
            for (String who : new String[] {"a", "b"}) {
                assertThat(stack.get("/secret", "Authorization: " + who).text()).isEqualTo("for " + who);
                assertThat(stack.get("/public", "Authorization: " + who).text()).isEqualTo("for a");
                stack.settle();
            }
            assertThat(stack.get("/secret").text()).isEqualTo("for null");
            assertThat(stack.get("/public").text()).isEqualTo("for a");
            stack.settle();
            assertThat(stack.get("/secret", "Authorization: c").text())
                    .as("nor is what strangers get given to one who proved who he is")
                    .isEqualTo("for c");
        }
    }

    @Test
    void anAnswerWithACookieIsOnlySharedWhereTheOriginSaysSo() {
        try (var stack = Stack.http("cache: {ttl: 1h}")) {
            stack.origin.answer(
                    "/login",
                    Reply.ok("1").header("Set-Cookie", "id=1"),
                    Reply.ok("2").header("Set-Cookie", "id=2"));
            assertThat(stack.get("/login").first("Set-Cookie")).isEqualTo("id=1");
            stack.settle();
            assertThat(stack.get("/login").first("Set-Cookie")).isEqualTo("id=2");
        }
    }

    @Test
    void fieldsThatAreNoPartOfTheKeyDoNotReachTheOrigin() {
        try (var stack = Stack.http("cache: {ttl: 1h}, methods: all")) {
            stack.origin.otherwise(request ->
                    Reply.ok("host " + request.first("X-Forwarded-Host") + " " + request.first("X-Original-URL")));
            assertThat(stack.get("/x", "X-Forwarded-Host: evil", "X-Original-URL: /admin")
                            .text())
                    .isEqualTo("host null null");
            RawMessage fetched = stack.origin.requests().getFirst();
            assertThat(fetched.first("Host")).isEqualTo("127.0.0.1:" + stack.origin.port());
            assertThat(fetched.first("Via")).isEqualTo("1.1 jarrah");
            assertThat(fetched.first("X-Forwarded-For")).isNull();
            stack.request("OPTIONS", "/x", "X-Forwarded-For: 1.2.3.4", "Connection: X-Hop", "X-Hop: 1", "X-End: 2");
            RawMessage passed = stack.origin.requests().get(1);
            assertThat(passed.all("X-Forwarded-For")).containsExactly("127.0.0.1");
            assertThat(passed.first("X-Forwarded-Host")).isEqualTo("localhost");
            assertThat(passed.first("X-Forwarded-Proto")).isEqualTo("http");
            assertThat(passed.first("X-Hop")).isNull();
            assertThat(passed.first("X-End")).isEqualTo("2");
        }
    }

    @Test
    void accessIsJudgedOnHitsAsOnMisses() {
        try (var stack = new Stack("""
                trusted-proxies: 127.0.0.1
                sites:
                  - name: s
                    origin: {http: ORIGIN}
                    cache: {ttl: 1h}
                    access:
                      - {deny: all, path: "*.key"}
                      - {allow: {networks: 10.0.0.0/8}}
                """)) {
            stack.origin.otherwise(request -> Reply.ok("secret"));
            assertThat(stack.get("/x", "X-Forwarded-For: 10.1.1.1").text()).isEqualTo("secret");
            stack.settle();
            assertThat(Stack.cacheStatus(stack.get("/x", "X-Forwarded-For: 10.1.1.1")))
                    .contains("hit");
            RawMessage refused = stack.get("/x", "X-Forwarded-For: 11.1.1.1");
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.text()).isEqualTo("403 Forbidden\n");
            assertThat(stack.get("/x", "X-Forwarded-For: 10.1.1.1, 11.1.1.1").status())
                    .as("what the proxy itself saw counts")
                    .isEqualTo(403);
            assertThat(stack.get("/x", "X-Forwarded-For: 11.1.1.1, 10.1.1.1").status())
                    .isEqualTo(200);
            assertThat(stack.get("/x", "X-Forwarded-For: nonsense").status()).isEqualTo(400);
            assertThat(stack.get("/x").status()).as("the proxy itself").isEqualTo(403);
            assertThat(stack.get("/a.key", "X-Forwarded-For: 10.1.1.1").status())
                    .isEqualTo(403);
            assertThat(stack.get("/a%2ekey", "X-Forwarded-For: 10.1.1.1").status())
                    .isEqualTo(403);
            assertThat(stack.get("/%2e%2e/x", "X-Forwarded-For: 10.1.1.1").status())
                    .isEqualTo(400);
            assertThat(stack.origin.requests()).hasSize(1);
        }
    }

    @Test
    void forwardedAddressesOfStrangersAreNotBelieved() {
        try (var stack = Stack.http("access: [{allow: {networks: 10.0.0.0/8}}]")) {
            assertThat(stack.get("/x", "X-Forwarded-For: 10.1.1.1").status()).isEqualTo(403);
        }
    }
}
