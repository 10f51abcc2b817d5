package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts, conditions, variants: what a request gets of what is stored. */
final class SelectionTest {
    @TempDir
    java.nio.file.Path directory;

    private static byte[] body(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** In memory, in a file, on the first request and on the later ones. */
    @ParameterizedTest
    @ValueSource(ints = {10_000, 900_000})
    void rangesOfAStoredBodyAreThoseBytes(int length) {
        try (var stack = new Stack("sites: [{name: s, origin: {http: ORIGIN}, cache: {ttl: 1h}}]", directory)) {
            byte[] body = body(length);
            stack.origin.answer("/x", Reply.of(200).body(body).header("ETag", "\"e\""));
            for (int round = 0; round < 3; round++) {
                RawMessage part = stack.get("/x", "Range: bytes=100-299");
                assertThat(part.status()).isEqualTo(206);
                assertThat(part.first("Content-Range")).isEqualTo("bytes 100-299/" + length);
                assertThat(part.body()).isEqualTo(Arrays.copyOfRange(body, 100, 300));
                stack.settle();
            }
            assertThat(stack.get("/x", "Range: bytes=-7").body())
                    .isEqualTo(Arrays.copyOfRange(body, length - 7, length));
            assertThat(stack.get("/x").body()).isEqualTo(body);
            assertThat(stack.get("/x", "Range: bytes=100-299", "If-Range: \"e\"")
                            .status())
                    .isEqualTo(206);
            assertThat(stack.get("/x", "Range: bytes=100-299", "If-Range: \"f\"")
                            .body())
                    .isEqualTo(body);
            RawMessage beyond = stack.get("/x", "Range: bytes=" + length + "-");
            assertThat(beyond.status()).isEqualTo(416);
            assertThat(beyond.first("Content-Range")).isEqualTo("bytes */" + length);
            assertThat(beyond.body()).isEmpty();
            assertThat(stack.request("HEAD", "/x", "Range: bytes=0-1").status()).isEqualTo(200);
            assertThat(stack.origin.requests())
                    .as("one for a part, which this origin does not know of, and one for the whole")
                    .hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10_000, 900_000})
    void severalRangesComeAsMultipart(int length) {
        try (var stack = new Stack("sites: [{name: s, origin: {http: ORIGIN}, cache: {ttl: 1h}}]", directory)) {
            byte[] body = body(length);
            stack.origin.answer("/x", Reply.of(200).body(body).header("Content-Type", "text/plain"));
            stack.get("/x");
            stack.settle();
            RawMessage parts = stack.get("/x", "Range: bytes=500-503,0-1");
            assertThat(parts.status()).isEqualTo(206);
            String type = String.valueOf(parts.first("Content-Type"));
            assertThat(type).startsWith("multipart/byteranges; boundary=");
            String boundary = type.substring(type.indexOf('=') + 1);
            String expected = "--" + boundary + "\r\nContent-Type: text/plain\r\nContent-Range: bytes 500-503/" + length
                    + "\r\n\r\n" + new String(body, 500, 4, StandardCharsets.ISO_8859_1)
                    + "\r\n--" + boundary + "\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/" + length
                    + "\r\n\r\n" + new String(body, 0, 2, StandardCharsets.ISO_8859_1)
                    + "\r\n--" + boundary + "--\r\n";
            assertThat(new String(parts.body(), StandardCharsets.ISO_8859_1)).isEqualTo(expected);
        }
    }

    @Test
    void conditionsAreAnsweredFromTheStore() {
        try (var stack = Stack.http("cache: {ttl: 1h}")) {
            stack.origin.answer(
                    "/x",
                    Reply.ok("one")
                            .header("ETag", "\"e\"")
                            .header("Content-Type", "text/plain")
                            .header("Last-Modified", "Sun, 22 Nov 2026 11:00:00 GMT"));
            RawMessage first = stack.get("/x", "If-None-Match: \"e\"");
            assertThat(first.status()).as("on the way in, too").isEqualTo(304);
            assertThat(stack.origin.requests().getFirst().first("If-None-Match"))
                    .isNull();
            stack.settle();
            RawMessage unchanged = stack.get("/x", "If-None-Match: W/\"e\"");
            assertThat(unchanged.status()).isEqualTo(304);
            assertThat(unchanged.first("ETag")).isEqualTo("\"e\"");
            assertThat(unchanged.first("Content-Type")).isNull();
            assertThat(unchanged.first("Content-Length")).isNull();
            assertThat(Stack.cacheStatus(unchanged)).contains("hit");
            assertThat(stack.get("/x", "If-Modified-Since: Sun, 22 Nov 2026 11:00:00 GMT")
                            .status())
                    .isEqualTo(304);
            assertThat(stack.get("/x", "If-None-Match: \"f\"").text()).isEqualTo("one");
            assertThat(stack.get("/x", "If-Match: \"e\"").text()).isEqualTo("one");
            assertThat(stack.origin.requests()).hasSize(1);
        }
    }

    @Test
    void aFailingPreconditionIsTheOriginsToJudge() {
        try (var stack = Stack.http("cache: {ttl: 1h}")) {
            stack.origin.answer("/x", Reply.ok("one").header("ETag", "\"e\""), Reply.of(412));
            stack.get("/x");
            stack.settle();
            assertThat(stack.get("/x", "If-Match: \"f\"").status()).isEqualTo(412);
            assertThat(stack.origin.requests().get(1).first("If-Match")).isEqualTo("\"f\"");
        }
    }

    @Test
    void headIsServedFromWhatAGetStored() {
        try (var stack = Stack.http("cache: {ttl: 1h}")) {
            stack.origin.answer(
                    "/x",
                    request -> request.method().equals("HEAD")
                            ? Reply.of(200).header("Content-Length", "3").header("X-From", "head")
                            : Reply.ok("one"));
            RawMessage miss = stack.request("HEAD", "/x");
            assertThat(miss.first("X-From")).isEqualTo("head");
            assertThat(miss.first("Content-Length")).isEqualTo("3");
            stack.get("/x");
            stack.settle();
            RawMessage hit = stack.request("HEAD", "/x");
            assertThat(hit.first("Content-Length")).isEqualTo("3");
            assertThat(Stack.cacheStatus(hit)).contains("hit");
            assertThat(stack.origin.requests()).hasSize(2);
        }
    }

    @Test
    void variantsAreKeptSideBySide() {
        try (var stack = Stack.http("cache: {ttl: 1h}")) {
            stack.origin.answer(
                    "/x",
                    request ->
                            Reply.ok("in " + request.first("Accept-Language")).header("Vary", "accept-language"));
            assertThat(Stack.cacheStatus(stack.get("/x", "Accept-Language: de")))
                    .contains("uri-miss");
            stack.settle();
            assertThat(Stack.cacheStatus(stack.get("/x", "Accept-Language: en")))
                    .contains("vary-miss");
            stack.settle();
            for (String language : new String[] {"de", "en"}) {
                RawMessage hit = stack.get("/x", "Accept-Language: " + language);
                assertThat(hit.text()).isEqualTo("in " + language);
                assertThat(Stack.cacheStatus(hit)).contains("hit");
            }
            assertThat(stack.get("/x").text()).isEqualTo("in null");
        }
    }

    @Test
    void whatVariesOnEverythingIsNotStored() {
        try (var stack = Stack.http("cache: {ttl: 1h}")) {
            stack.origin.answer("/x", Reply.ok("a").header("Vary", "Accept, *"), Reply.ok("b"));
            assertThat(stack.get("/x").text()).isEqualTo("a");
            stack.settle();
            assertThat(stack.get("/x").text()).isEqualTo("b");
        }
    }

    @Test
    void theQueryIsPartOfTheKeyUnlessItIsIgnored() {
        try (var stack = Stack.http("cache: {ttl: 1h}");
                var ignoring = Stack.http("cache: {ttl: 1h, ignore-query: true}")) {
            for (Stack each : new Stack[] {stack, ignoring}) {
                each.origin.otherwise(request -> Reply.ok(request.target()));
                each.get("/x?a");
                each.settle();
            }
            assertThat(stack.get("/x?b").text()).isEqualTo("/x?b");
            assertThat(ignoring.get("/x?b").text()).isEqualTo("/x");
            assertThat(ignoring.origin.requests()).hasSize(1);
        }
    }

    @Test
    void chosenParametersOfTheQueryAreTheKeyAndAllThatTheOriginSees() {
        try (var stack = Stack.http("cache: {ttl: 1h, key: [page, lang]}")) {
            stack.origin.otherwise(request -> Reply.ok(request.target()));
            for (String same : new String[] {
                "/x?page=1&lang=de", "/x?lang=de&page=1", "/x?utm_source=evil&page=1&lang=de&", "/x?lang=de&p=2&page=1"
            }) {
                assertThat(stack.get(same).text()).as(same).isEqualTo("/x?page=1&lang=de");
                stack.settle();
            }
            assertThat(stack.origin.requests()).hasSize(1);
            for (String[] other : new String[][] {
                {"/x?page=2&lang=de", "/x?page=2&lang=de"},
                {"/x?page=1", "/x?page=1"},
                {"/x?%70age=1&q", "/x?%70age=1"},
                {"/x?page=1&page=2", "/x?page=1&page=2"},
                {"/x?page=1;lang=de", "/x?page=1;lang=de"},
                {"/x?page", "/x?page"},
                {"/x?Page=1", "/x"},
                {"/x?", "/x"},
                {"/x", "/x"},
            }) {
                assertThat(stack.get(other[0]).text()).as(other[0]).isEqualTo(other[1]);
                stack.settle();
            }
        }
    }

    @Test
    void fieldsThatTheOriginNamesAreNotStored() {
        try (var stack = Stack.http("")) {
            stack.origin.answer(
                    "/x",
                    Reply.ok("one")
                            .header("Cache-Control", "max-age=60, no-cache=\"x-once\", private=\"x-mine\"")
                            .header("X-Once", "1")
                            .header("X-Mine", "2")
                            .header("X-All", "3"));
            RawMessage first = stack.get("/x");
            assertThat(first.first("X-Mine")).as("for the one who asked").isEqualTo("2");
            stack.settle();
            RawMessage second = stack.get("/x");
            assertThat(Stack.cacheStatus(second)).contains("hit");
            assertThat(second.first("X-Once")).isNull();
            assertThat(second.first("X-Mine")).isNull();
            assertThat(second.first("X-All")).isEqualTo("3");
        }
    }

    @Test
    void aClientOfHttp10GetsAnswersToo() {
        try (var stack = Stack.http("cache: {ttl: 1h}")) {
            stack.origin.answer("/x", Reply.ok("one").chunked());
            for (int i = 0; i < 2; i++) {
                try (RawClient client = stack.connect()) {
                    String all =
                            new String(client.send("GET /x HTTP/1.0\r\n\r\n").readToEnd(), StandardCharsets.ISO_8859_1);
                    assertThat(all).endsWith("\r\n\r\none");
                }
                stack.settle();
            }
            stack.later(Duration.ofSeconds(1));
            assertThat(stack.origin.requests()).hasSize(1);
        }
    }
}
