package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.config.ConfigNode;
import jarrah.accelerator.site.LinkSigner;
import jarrah.accelerator.site.Sites;
import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules by credentials, judged on hits as on misses, from the moment that they change. */
final class AccessOnHitsTest {
    private static final String TOKEN = "0123456789abcdef";
    private static final String OTHER_TOKEN = "fedcba9876543210";
    private static final String KEYS = "{k1: a-secret-of-many-letters, k2: another-secret-of-letters}";

    @TempDir
    Path directory;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private static String bearer(String token) {
        return "Authorization: Bearer " + token;
    }

    private static String basic(String pair) {
        return "Authorization: Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static Stack bucket(String who) {
        Stack stack = Stack.bucket("access: [{allow: " + who + "}]");
        stack.buckets.put("a", "content".getBytes(StandardCharsets.UTF_8));
        return stack;
    }

    private static void assertRefused(RawMessage answer, int status) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.first("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.text()).doesNotContain("content");
    }

    @Test
    void aTokenLetsInOnMissAndHitAndNothingElseDoes() {
        try (var stack = bucket("{token: " + TOKEN + "}")) {
            RawMessage refused = stack.get("/a");
            assertRefused(refused, 401);
            assertThat(refused.first("WWW-Authenticate")).isEqualTo("Bearer realm=\"s\"");
            assertThat(stack.buckets.requests).hasValue(0);
            assertThat(stack.get("/a", bearer(TOKEN)).text()).isEqualTo("content");
            stack.settle();
            assertThat(Stack.cacheStatus(stack.get("/a", bearer(TOKEN)))).contains("hit");
            assertRefused(stack.get("/a"), 401);
            assertRefused(stack.get("/a", bearer(OTHER_TOKEN)), 401);
            assertRefused(stack.get("/a", basic("a:" + TOKEN)), 401);
            assertThat(stack.get("/a", "authorization: bEaReR " + TOKEN).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aCredentialThatARuleTookIsNotTheOriginsToSeeAndTheAnswerIsShared() {
        try (var stack =
                Stack.http("access: [{allow: {token: " + TOKEN + "}}, {allow: {token: " + OTHER_TOKEN + "}}]")) {
            stack.origin.answer("/a", Reply.ok("content").header("Cache-Control", "max-age=60"));
            assertThat(stack.get("/a", bearer(TOKEN)).text()).isEqualTo("content");
            stack.settle();
            assertThat(Stack.cacheStatus(stack.get("/a", bearer(OTHER_TOKEN)))).contains("hit");
            assertThat(stack.origin.requests())
                    .allSatisfy(request ->
                            assertThat(request.first("Authorization")).isNull());
            assertRefused(stack.get("/a"), 401);
        }
    }

    @Test
    void aTokenTakenOutOfItsFileLetsNobodyInOnAHit() throws IOException {
        Path tokens = file("tokens", "# team\n" + TOKEN + "\n" + OTHER_TOKEN + "\n");
        try (var stack = bucket("{tokens: " + tokens + "}")) {
            assertThat(stack.get("/a", bearer(TOKEN)).status()).isEqualTo(200);
            Files.writeString(tokens, OTHER_TOKEN + "\n");
            Stack.await(() -> stack.get("/a", bearer(TOKEN)).status() == 401);
            assertThat(stack.get("/a", bearer(OTHER_TOKEN)).status()).isEqualTo(200);
            Files.delete(tokens);
            Stack.await(() -> stack.get("/a", bearer(OTHER_TOKEN)).status() == 401);
        }
    }

    @Test
    void aPasswordIsAskedForAndHoldsUntilItsFileChanges() throws IOException {
        Path passwords = file("htpasswd", "anna:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"); // password
        try (var stack = bucket("{passwords: " + passwords + "}")) {
            RawMessage refused = stack.get("/a");
            assertRefused(refused, 401);
            assertThat(refused.first("WWW-Authenticate")).isEqualTo("Basic realm=\"s\", charset=\"UTF-8\"");
            assertThat(stack.get("/a", basic("anna:password")).text()).isEqualTo("content");
            stack.settle();
            assertThat(Stack.cacheStatus(stack.get("/a", basic("anna:password"))))
                    .contains("hit");
            assertRefused(stack.get("/a", basic("anna:Password")), 401);
            assertRefused(stack.get("/a", basic("otto:password")), 401);
            Files.writeString(passwords, "otto:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n");
            Stack.await(() -> stack.get("/a", basic("anna:password")).status() == 401);
            assertThat(stack.get("/a", basic("otto:password")).status()).isEqualTo(200);
        }
    }

    private static Sites sites(String keys) {
        return AcceleratorConfig.parse(ConfigNode.parse(
                        "t",
                        "sites: [{name: s, origin: {bucket: b}, access: [{allow: {signed: {keys: " + keys + "}}}]}]"))
                .sites();
    }

    private static String signed(Stack stack, String keys, String target, String keyId) {
        String url = LinkSigner.sign(
                sites(keys),
                "http://x" + target,
                null,
                keyId,
                "GET",
                stack.clock.instant().plus(Duration.ofHours(1)));
        return url.substring("http://x".length());
    }

    @Test
    void aSignedUrlLetsInForItsPathUntilItExpires() {
        try (var stack = bucket("{signed: {keys: " + KEYS + "}}")) {
            String url = signed(stack, KEYS, "/a", "k2");
            assertThat(stack.get(url).text()).isEqualTo("content");
            stack.settle();
            assertThat(Stack.cacheStatus(stack.get(signed(stack, KEYS, "/a", "k1"))))
                    .as("another signature of the same object")
                    .contains("hit");
            assertThat(stack.request("HEAD", url).status()).isEqualTo(200);
            assertRefused(stack.get("/a"), 403);
            assertRefused(stack.get(url.replace("/a?", "/b?")), 403);
            assertRefused(stack.get(url.replace("jarrah-key=k2", "jarrah-key=k1")), 403);
            assertRefused(stack.get(url + "&jarrah-signature=x"), 403);
            assertRefused(stack.get(signed(stack, "{k1: not-the-secret-of-the-site}", "/a", "k1")), 403);
            stack.later(Duration.ofHours(1));
            RawMessage expired = stack.get(url);
            assertRefused(expired, 403);
            assertThat(expired.text()).isEqualTo("The link has expired.\n");
        }
    }

    @Test
    void theSignersRightIsAskedOnEveryHit() {
        try (var stack = bucket("{iam: s3:GetObject}")) {
            String anna = "Authorization: AWS4-HMAC-SHA256 anna";
            assertRefused(stack.get("/a", anna), 403);
            stack.buckets.signers.put("anna", Set.of("a"));
            assertThat(stack.get("/a", anna).text()).isEqualTo("content");
            stack.settle();
            assertThat(Stack.cacheStatus(stack.get("/a", anna))).contains("hit");
            assertRefused(stack.get("/a"), 403);
            stack.buckets.signers.put("anna", Set.of());
            assertRefused(stack.get("/a", anna), 403);
        }
    }

    /** Grants, revocations, changes and fetches in any order, against who may and what is there in two sets. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void noByteReachesSomebodyWithoutTheRight(long seed) {
        var random = new Random(seed);
        try (var stack = bucket("{iam: s3:GetObject}")) {
            String[] users = {"anna", "otto", "eve"};
            String[] keys = {"a", "b", "c"};
            for (String user : users) {
                stack.buckets.signers.put(user, Set.of());
            }
            Set<String> there = new HashSet<>(Set.of("a"));
            int version = 0;
            var content = new java.util.HashMap<>(java.util.Map.of("a", "content"));
            for (int step = 0; step < 600; step++) {
                String user = users[random.nextInt(users.length)];
                String key = keys[random.nextInt(keys.length)];
                switch (random.nextInt(8)) {
                    case 0 -> {
                        var more = new HashSet<>(stack.buckets.readableBy(user));
                        more.add(key);
                        stack.buckets.signers.put(user, Set.copyOf(more));
                    }
                    case 1 -> {
                        var less = new HashSet<>(stack.buckets.readableBy(user));
                        less.remove(key);
                        stack.buckets.signers.put(user, Set.copyOf(less));
                    }
                    case 2 -> {
                        content.put(key, "content" + ++version);
                        there.add(key);
                        stack.buckets.put(key, content.get(key).getBytes(StandardCharsets.UTF_8));
                    }
                    case 3 -> {
                        there.remove(key);
                        stack.buckets.delete(key);
                    }
                    default -> {
                        boolean signed = random.nextInt(4) > 0;
                        RawMessage answer = signed
                                ? stack.get("/" + key, "Authorization: AWS4-HMAC-SHA256 " + user)
                                : stack.get("/" + key);
                        boolean may = signed && stack.buckets.readableBy(user).contains(key);
                        int expected = !may ? 403 : there.contains(key) ? 200 : 404;
                        assertThat(answer.status()).as("step %d", step).isEqualTo(expected);
                        if (expected == 200) {
                            assertThat(answer.text()).isEqualTo(content.get(key));
                        } else {
                            assertThat(answer.text()).doesNotContain("content");
                        }
                    }
                }
            }
        }
    }
}
