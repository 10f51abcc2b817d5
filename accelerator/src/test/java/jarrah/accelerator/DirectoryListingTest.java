package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a path that ends with a slash shows where there is no index. */
final class DirectoryListingTest {
    private static final Pattern NAME = Pattern.compile("\\{\"name\":\"([^\"]*)\",\"type\":\"(directory)?");
    private static final String JSON = "Accept: application/json";

    private static Stack stack(String settings, String... keys) {
        Stack stack = Stack.bucket("listing: true" + (settings.isEmpty() ? "" : ", " + settings));
        put(stack, keys);
        return stack;
    }

    private static void put(Stack stack, String... keys) {
        for (String key : keys) {
            stack.buckets.put(key, ("this is " + key).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static List<String> names(RawMessage answer) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.first("Content-Type")).isEqualTo("application/json");
        var names = new ArrayList<String>();
        Matcher matcher = NAME.matcher(answer.text());
        while (matcher.find()) {
            names.add(matcher.group(1) + (matcher.group(2) == null ? "" : "/"));
        }
        return names;
    }

    @Test
    void aDirectoryWithoutAnIndexShowsItsNames() {
        try (var stack = stack("index: index.html", "docs/a.txt", "docs/sub/x", "docs/b.txt", "other")) {
            RawMessage page = stack.get("/docs/");
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.first("Content-Type")).isEqualTo("text/html; charset=utf-8");
            assertThat(page.first("Cache-Control")).isEqualTo("private, no-cache");
            assertThat(page.first("Vary")).isEqualTo("Accept");
            assertThat(page.first("Content-Security-Policy")).startsWith("default-src 'none'");
            assertThat(Stack.cacheStatus(page)).isEqualTo("jarrah; fwd=bypass");
            assertThat(page.text())
                    .contains("<a href=\"./sub/\">", "<a href=\"./a.txt\">", "18 B", "2026-11-22")
                    .containsSubsequence("sub/", "a.txt", "b.txt")
                    .contains("1 directory, 2 files")
                    .doesNotContain("other");
            RawMessage head = stack.request("HEAD", "/docs/");
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.first("Content-Length")).isEqualTo(page.first("Content-Length"));
            assertThat(names(stack.get("/docs/", JSON))).containsExactly("sub/", "a.txt", "b.txt");
            put(stack, "docs/index.html");
            assertThat(stack.get("/docs/").text()).isEqualTo("this is docs/index.html");
            stack.buckets.delete("docs/index.html");
            stack.buckets.delete("docs/a.txt");
            assertThat(names(stack.get("/docs/", JSON))).containsExactly("sub/", "b.txt");
        }
    }

    @Test
    void withoutAnIndexNoneIsAskedFor() {
        try (var stack = stack("", "a", "d/", "d/x", "empty/")) {
            assertThat(names(stack.get("/", JSON))).containsExactly("d/", "empty/", "a");
            assertThat(stack.buckets.requests).hasValue(1);
            assertThat(names(stack.get("/d/", JSON)))
                    .as("without the placeholder")
                    .containsExactly("x");
            assertThat(names(stack.get("/empty/", JSON))).isEmpty();
            assertThat(stack.get("/none/").status()).isEqualTo(404);
            assertThat(stack.get("/a").text()).isEqualTo("this is a");
        }
    }

    @Test
    void aSiteWithoutThemShowsNoNames() {
        try (var stack = Stack.bucket("index: index.html")) {
            put(stack, "d/x");
            assertThat(stack.get("/d/").status()).isEqualTo(404);
            assertThat(stack.get("/").status()).isEqualTo(404);
            assertThat(stack.get("/d").status()).isEqualTo(404);
        }
    }

    @Test
    void anEmptyBucketHasAnEmptyRoot() {
        try (var stack = stack("index: index.html")) {
            assertThat(names(stack.get("/", JSON))).isEmpty();
        }
    }

    /** Each name is followed as a client follows it, down to the object. */
    @Test
    void everyLinkLeadsToItsObject() {
        List<String> keys =
                List.of("a b", "a+b", "a%2Fb", "ümlaut", "d//x", "d///y", "?q=1&r", "#f", "x:y", "<s>", "'\"", "d/é/z");
        try (var stack = stack("", keys.toArray(String[]::new))) {
            var found = new ArrayList<String>();
            follow(stack, "/", found);
            assertThat(found)
                    .containsExactlyInAnyOrderElementsOf(
                            keys.stream().map(key -> "this is " + key).toList());
        }
    }

    private static void follow(Stack stack, String path, List<String> found) {
        RawMessage page = stack.get(path);
        assertThat(page.status()).as(path).isEqualTo(200);
        if (!path.endsWith("/")) {
            found.add(page.text());
            return;
        }
        Matcher link = Pattern.compile("<td><a href=\"\\./([^\"]*)\">").matcher(page.text());
        while (link.find()) {
            follow(stack, path + link.group(1), found);
        }
    }

    @Test
    void aDirectoryIsFoundWithoutItsSlash() {
        try (var stack = stack("index: index.html", "d/x", "d/é/y", "/host/z", "e")) {
            RawMessage there = stack.get("/d?x=1");
            assertThat(there.status()).isEqualTo(302);
            assertThat(there.first("Location")).isEqualTo("/d/?x=1");
            assertThat(stack.request("HEAD", "/d").status()).isEqualTo(302);
            assertThat(stack.get("/d", "Range: bytes=-5").status()).isEqualTo(302);
            assertThat(stack.get("/d%2F%c3%a9%2f").first("Location")).isEqualTo("/d/%C3%A9/");
            assertThat(stack.get("//host").first("Location")).as("of this host").isEqualTo("/.//host/");
            assertThat(stack.get("/e").status()).isEqualTo(200);
            assertThat(stack.get("/none").status()).isEqualTo(404);
            put(stack, "d");
            assertThat(stack.get("/d").text()).isEqualTo("this is d");
        }
    }

    @Test
    void longDirectoriesComeInPages() {
        try (var stack = stack("access: [{deny: all, path: \"d/0000\"}, {allow: all}]")) {
            for (int i = 0; i < 2_500; i++) {
                put(stack, "d/%04d".formatted(i));
            }
            var all = new ArrayList<String>();
            String query = "";
            var sizes = new ArrayList<Integer>();
            while (query != null) {
                RawMessage page = stack.get("/d/" + query, JSON);
                List<String> names = names(page);
                sizes.add(names.size());
                all.addAll(names);
                String link = page.first("Link");
                query = link == null ? null : link.substring(1, link.indexOf('>'));
            }
            assertThat(sizes).containsExactly(999, 1_000, 500);
            assertThat(all).hasSize(2_499).isSorted().doesNotHaveDuplicates();
            assertThat(stack.get("/d/").text()).contains("<a rel=\"next\" href=\"?continuation-token=td%2F0999\">");
            assertThat(stack.get("/d/?continuation-token=nonsense").status()).isEqualTo(400);
        }
    }

    @Test
    void namesThatTheRulesRefuseAreNotShown() {
        String rules = "access: [{deny: all, path: \"*.key\"}, {deny: all, path: \"secret/*\"},"
                + " {allow: {token: sixteen-letters-1}, path: \"mine/*\"}, {deny: all, path: \"mine/*\"}, {allow: all}]";
        try (var stack = stack(rules, "a", "a.key", "secret/x", "mine/y", "mine/z.key", "only/x.key")) {
            assertThat(names(stack.get("/", JSON))).containsExactly("only/", "a");
            assertThat(stack.get("/secret/").status()).isEqualTo(403);
            assertThat(stack.get("/secret").status())
                    .as("nor is there a way shown")
                    .isEqualTo(404);
            assertThat(stack.get("/mine/").status()).isEqualTo(401);
            assertThat(stack.get("/only/").status())
                    .as("nothing of it is for anybody")
                    .isEqualTo(404);
            String token = "Authorization: Bearer sixteen-letters-1";
            assertThat(names(stack.get("/", JSON, token))).containsExactly("mine/", "only/", "a");
            assertThat(names(stack.get("/mine/", JSON, token))).containsExactly("y");
        }
    }

    @Test
    void rulesAreJudgedOnTheDirectoryAndNotOnItsIndexAlone() {
        try (var stack = stack("index: index.html, access: [{allow: all, path: \"*.html\"}]", "d/x.html")) {
            assertThat(stack.get("/d/").status()).isEqualTo(403);
            assertThat(stack.get("/d").status()).isEqualTo(403);
        }
    }

    @Test
    void whatABucketDoesNotListIsNotListed() {
        try (var stack = stack("index: index.html", "d/x")) {
            stack.buckets.readable(false);
            assertThat(stack.get("/d/").status()).isEqualTo(403);
            assertThat(stack.get("/d").status()).isEqualTo(403);
            stack.buckets.readable(true);
            assertThat(names(stack.get("/d/", JSON))).containsExactly("x");
        }
        try (var stack = stack("", "d/x")) {
            stack.buckets.readable(false);
            assertThat(stack.get("/").status()).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", index: index.html"})
    void aSignerSeesWhatHeMayList(String index) {
        try (var stack =
                new Stack("sites: [{name: s, listing: true, origin: {bucket: b, as: operator}, access: [{allow: {iam:"
                        + " \"s3:GetObject\"}}]" + index + "}]")) {
            put(stack, "d/x", "d/y", "e/z");
            String anna = "Authorization: AWS4-HMAC-SHA256 anna";
            stack.buckets.signers.put("anna", Set.of("d/*", "d/index.html"));
            assertThat(names(stack.get("/d/", JSON, anna))).containsExactly("x", "y");
            assertThat(stack.get("/d/", JSON).status()).isEqualTo(403);
            assertThat(stack.get("/e/", JSON, anna).status()).isEqualTo(403);
            assertThat(stack.get("/", JSON, anna).status()).isEqualTo(403);
        }
    }

    @Test
    void aDirectoryComesBeforeTheFallback() {
        try (var stack = stack("index: index.html, fallback: app.html", "app.html", "d/x")) {
            assertThat(names(stack.get("/d/", JSON))).containsExactly("x");
            assertThat(stack.get("/d").status()).isEqualTo(302);
            assertThat(stack.get("/none/").text()).isEqualTo("this is app.html");
            assertThat(stack.request("HEAD", "/none").status()).isEqualTo(200);
        }
    }

    @Test
    void aBucketOfAnotherStoreIsListedWithSignedRequests() {
        try (var stack = new Stack("sites: [{name: s, path: /t/, listing: true, origin: {s3: ORIGIN, bucket: tools,"
                + " prefix: rel/, coherent: false, credentials: {access-key-id: AKIA, secret-access-key: secret}}}]")) {
            String listing = "/tools/?delimiter=%2F&encoding-type=url&list-type=2&max-keys=1000&prefix=rel%2Fa%20b%2F";
            stack.origin.answer(listing, Reply.ok("""
                            <?xml version="1.0" encoding="UTF-8"?>
                            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>
                            <Contents><Key>rel/a+b/%C3%BC+1%2B</Key><LastModified>2026-11-22T11:00:00.000Z</LastModified>
                            <Size>7</Size></Contents><IsTruncated>true</IsTruncated>
                            <NextContinuationToken>1/x+y==</NextContinuationToken></ListBucketResult>"""));
            RawMessage page = stack.get("/t/a%20b/", JSON);
            assertThat(names(page)).containsExactly("ü 1+");
            assertThat(page.first("Link")).isEqualTo("<?continuation-token=1%2Fx%2By%3D%3D>; rel=\"next\"");
            assertThat(stack.origin.requests().getFirst().first("Authorization"))
                    .startsWith("AWS4-HMAC-SHA256");
            stack.origin.answer(listing, Reply.of(403).body("<Error/>"), Reply.ok("<Other/>"), Reply.hangUp());
            assertThat(stack.get("/t/a%20b/").status()).isEqualTo(403);
            for (int i = 0; i < 2; i++) {
                RawMessage broken = stack.get("/t/a%20b/");
                assertThat(broken.status()).isEqualTo(502);
                assertThat(broken.first("Retry-After")).isNotNull();
            }
        }
    }
}
