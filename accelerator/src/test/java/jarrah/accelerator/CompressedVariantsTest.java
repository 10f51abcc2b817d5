package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.config.ConfigNode;
import jarrah.testkit.Gate;
import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sites that compress: two variants of a text, each made once. */
final class CompressedVariantsTest {
    private static final String TEXT = "All work and no play makes Jack a dull boy.\n".repeat(500);
    private static final String GZIP = "Accept-Encoding: gzip, deflate, br";

    @TempDir
    Path directory;

    private static Reply text(String text) {
        return Reply.ok(text)
                .header("Content-Type", "text/plain")
                .header("ETag", "\"e\"")
                .header("Accept-Ranges", "bytes")
                .header("Last-Modified", "Sun, 22 Nov 2026 11:00:00 GMT")
                .header("Cache-Control", "max-age=60");
    }

    private static String unzipped(RawMessage answer) {
        assertThat(answer.first("Content-Encoding")).isEqualTo("gzip");
        try (var in = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertGzip(RawMessage answer, String text) {
        assertThat(unzipped(answer)).isEqualTo(text);
        assertThat(answer.body().length).isLessThan(text.length() / 10);
        assertThat(answer.first("ETag")).isEqualTo("W/\"e\"");
        assertThat(answer.first("Vary")).isEqualTo("Accept-Encoding");
        assertThat(answer.first("Accept-Ranges")).isNull();
    }

    private static void assertPlain(RawMessage answer, String text) {
        assertThat(answer.text()).isEqualTo(text);
        assertThat(answer.first("Content-Encoding")).isNull();
        assertThat(answer.first("ETag")).isEqualTo("\"e\"");
        assertThat(answer.first("Vary")).isEqualTo("Accept-Encoding");
    }

    @Test
    void eachVariantIsMadeOnceAndStored() {
        try (var stack = Stack.http("compress: true")) {
            stack.origin.answer("/x", text(TEXT));
            for (int round = 0; round < 3; round++) {
                RawMessage gzip = stack.get("/x", GZIP);
                assertGzip(gzip, TEXT);
                stack.settle();
                assertPlain(stack.get("/x"), TEXT);
                stack.settle();
                if (round > 0) {
                    assertThat(Stack.cacheStatus(gzip)).contains("hit");
                    assertThat(gzip.first("Content-Length")).isEqualTo(String.valueOf(gzip.body().length));
                }
            }
            assertGzip(stack.get("/x", "Accept-Encoding: *"), TEXT);
            assertPlain(stack.get("/x", "Accept-Encoding: br, identity"), TEXT);
            assertThat(stack.origin.requests()).hasSize(2);
            assertThat(stack.origin.requests().get(0).first("Accept-Encoding")).isEqualTo("gzip");
            assertThat(stack.origin.requests().get(1).first("Accept-Encoding")).isNull();
        }
    }

    @Test
    void aBucketsObjectIsCompressedFromItsFirstRequestOn() {
        try (var stack = Stack.bucket("compress: true")) {
            for (String text : new String[] {TEXT, TEXT + TEXT}) {
                stack.buckets.put("x", text.getBytes(StandardCharsets.UTF_8));
                for (int round = 0; round < 2; round++) {
                    RawMessage gzip = stack.get("/x", GZIP);
                    assertThat(unzipped(gzip)).isEqualTo(text);
                    assertThat(gzip.first("ETag")).startsWith("W/");
                    assertThat(stack.get("/x").text()).isEqualTo(text);
                    stack.settle();
                }
            }
            assertThat(stack.buckets.requests).hasValue(4);
        }
    }

    @Test
    void whatIsNotCompressedHasOneVariant() {
        try (var stack = Stack.http("compress: true")) {
            stack.origin.answer("/small", text("small"));
            stack.origin.answer(
                    "/zipped",
                    Reply.ok(TEXT)
                            .header("Content-Type", "text/plain")
                            .header("Content-Encoding", "br")
                            .header("Cache-Control", "max-age=60"));
            for (String path : new String[] {"/small", "/zipped"}) {
                RawMessage first = stack.get(path, GZIP);
                assertThat(first.first("Vary")).isNull();
                assertThat(first.first("Content-Encoding")).isNotEqualTo("gzip");
                stack.settle();
                assertThat(Stack.cacheStatus(stack.get(path))).contains("hit");
            }
        }
    }

    @Test
    void partsAreOfTheBytesThatTheOriginHas() {
        try (var stack = Stack.http("compress: true")) {
            stack.origin.answer("/x", text(TEXT));
            assertGzip(stack.get("/x", GZIP), TEXT);
            stack.settle();
            for (int round = 0; round < 2; round++) {
                RawMessage part = stack.get("/x", GZIP, "Range: bytes=4-7");
                assertThat(part.status()).isEqualTo(206);
                assertThat(part.text()).isEqualTo("work");
                assertThat(part.first("ETag")).isEqualTo("\"e\"");
                assertThat(part.first("Content-Encoding")).isNull();
                assertThat(part.first("Vary")).isEqualTo("Accept-Encoding");
                stack.settle();
            }
            assertThat(stack.get("/x", GZIP, "Range: bytes=4-7", "If-Range: \"e\"")
                            .text())
                    .isEqualTo("work");
            assertThat(stack.get("/x", GZIP, "Range: bytes=4-7", "If-Range: W/\"e\"")
                            .text())
                    .as("of whichever variant that was")
                    .isEqualTo(TEXT);
            RawMessage dated = stack.get("/x", GZIP, "Range: bytes=4-7", "If-Range: Sun, 22 Nov 2026 11:00:00 GMT");
            assertThat(dated.status()).isEqualTo(200);
            assertGzip(dated, TEXT);
            assertThat(stack.get("/x", GZIP, "If-Match: \"e\"").text()).isEqualTo(TEXT);
        }
    }

    @Test
    void conditionsHoldForBothVariants() {
        try (var stack = Stack.http("compress: true")) {
            stack.origin.answer("/x", text(TEXT));
            stack.get("/x", GZIP);
            stack.settle();
            for (String tag : new String[] {"\"e\"", "W/\"e\""}) {
                RawMessage unchanged = stack.get("/x", GZIP, "If-None-Match: " + tag);
                assertThat(unchanged.status()).isEqualTo(304);
                assertThat(unchanged.first("ETag")).isEqualTo("W/\"e\"");
                assertThat(unchanged.first("Vary")).isEqualTo("Accept-Encoding");
                assertThat(stack.get("/x", "If-None-Match: " + tag).status()).isEqualTo(304);
            }
            assertGzip(stack.get("/x", GZIP, "If-None-Match: \"f\""), TEXT);
        }
    }

    @Test
    void aVariantIsRevalidatedByTheTagThatTheOriginKnows() {
        try (var stack = Stack.http("compress: true")) {
            stack.origin.answer(
                    "/x",
                    request -> "\"e\"".equals(request.first("If-None-Match"))
                            ? Reply.of(304)
                                    .header("ETag", "\"e\"")
                                    .header("Accept-Ranges", "bytes")
                                    .header("Vary", "Accept-Language")
                                    .header("Cache-Control", "max-age=60")
                            : text(TEXT));
            stack.get("/x", GZIP);
            stack.settle();
            for (int round = 1; round < 3; round++) {
                stack.later(Duration.ofMinutes(2));
                RawMessage renewed = stack.get("/x", GZIP);
                stack.settle();
                assertThat(unzipped(renewed)).isEqualTo(TEXT);
                assertThat(renewed.first("ETag")).isEqualTo("W/\"e\"");
                assertThat(renewed.all("Vary")).containsExactly("Accept-Language", "Accept-Encoding");
                assertThat(renewed.first("Accept-Ranges")).isNull();
                assertThat(Stack.cacheStatus(renewed)).contains("fwd=stale; fwd-status=304");
                assertThat(stack.origin.requests()).hasSize(1 + round);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void headTellsWhatGetWould(boolean stored) {
        try (var stack = Stack.http("compress: true")) {
            stack.origin.answer("/x", text(TEXT));
            if (stored) {
                stack.get("/x", GZIP);
                stack.settle();
                stack.get("/x");
                stack.settle();
            }
            RawMessage gzip = stack.request("HEAD", "/x", GZIP);
            assertThat(gzip.first("Content-Encoding")).isEqualTo("gzip");
            assertThat(gzip.first("ETag")).isEqualTo("W/\"e\"");
            assertThat(gzip.first("Vary")).isEqualTo("Accept-Encoding");
            assertThat(gzip.first("Content-Length")).isNotEqualTo(String.valueOf(TEXT.length()));
            RawMessage plain = stack.request("HEAD", "/x");
            assertThat(plain.first("Content-Encoding")).isNull();
            assertThat(plain.first("Vary")).isEqualTo("Accept-Encoding");
            assertThat(plain.first("Content-Length")).isEqualTo(String.valueOf(TEXT.length()));
        }
    }

    @Test
    void whatHasComeIsSentBeforeTheRestIsThere() {
        try (var stack = Stack.http("compress: true")) {
            var gate = new Gate();
            stack.origin.answer("/x", text(TEXT).chunked().holdBefore(2_000, gate));
            try (RawClient client = stack.connect()) {
                client.get("/x", GZIP, "Connection: close");
                String head = "";
                while (!head.endsWith("\r\n\r\n")) {
                    head += new String(client.readBytes(1), StandardCharsets.ISO_8859_1);
                }
                assertThat(head).contains("Content-Encoding: gzip");
                byte[] begun = client.readBytes(60);
                assertThat(new String(begun, StandardCharsets.ISO_8859_1)).contains("\u001f\u008b");
                gate.open();
                assertThat(new String(client.readToEnd(), StandardCharsets.ISO_8859_1))
                        .endsWith("0\r\n\r\n");
            }
            stack.settle();
            assertGzip(stack.get("/x", GZIP), TEXT);
        }
    }

    @Test
    void whatBreaksOffIsNoShorterText() {
        try (var stack = Stack.http("compress: true")) {
            stack.origin.answer("/x", text(TEXT).closeBefore(9_000), text(TEXT));
            try (RawClient client = stack.connect()) {
                client.get("/x", GZIP);
                assertThat(new String(client.readToEnd(), StandardCharsets.ISO_8859_1))
                        .doesNotEndWith("0\r\n\r\n");
            } catch (UncheckedIOException e) {
                assertThat(e).hasMessageContaining("reset"); // an end that is seen as well
            }
            stack.settle();
            assertThat(stack.accelerator.counters().store().entries()).isZero();
            assertGzip(stack.get("/x", GZIP), TEXT);
        }
    }

    @Test
    void whatWasStoredBeforeTheSiteCompressedGetsItsVariant() {
        try (var stack = Stack.http("")) {
            stack.origin.answer("/x", text(TEXT));
            assertThat(stack.get("/x", GZIP).first("Vary")).isNull();
            stack.settle();
            stack.accelerator.reload(AcceleratorConfig.parse(ConfigNode.parse(
                    "test.yaml",
                    "sites: [{name: s, origin: {http: \"" + stack.origin.url() + "\"}, compress: true}]")));
            assertPlain(stack.get("/x"), TEXT);
            assertGzip(stack.get("/x", GZIP), TEXT);
            stack.settle();
            assertThat(Stack.cacheStatus(stack.get("/x", GZIP))).contains("hit");
            assertPlain(stack.get("/x"), TEXT);
            assertThat(stack.origin.requests()).hasSize(2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void variantsAreThereAfterARestart() throws Exception {
        String large = TEXT.repeat(40);
        try (var stack = new Stack("sites: [{name: s, origin: {bucket: b}, compress: true}]", directory)) {
            stack.buckets.put("x", large.getBytes(StandardCharsets.UTF_8));
            stack.get("/x", GZIP);
            stack.get("/x");
            stack.settle();
            stack.restart();
            assertThat(stack.get("/x").text()).isEqualTo(large);
            assertThat(unzipped(stack.get("/x", GZIP))).isEqualTo(large);
        }
    }
}
