package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.ByteRange;
import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What parts of large objects that are not stored cost at the origin. */
final class FarRangesTest {
    private static final int LARGE = 64 << 20;
    private static final int PART = 64 << 10;

    @TempDir
    Path directory;

    /** Bytes of bodies that the origin was asked for. */
    private final AtomicLong sent = new AtomicLong();

    /** The bytes of a body, each by its place. */
    private static byte[] bytes(long first, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) ((first + i) * 2_654_435_761L >> 13);
        }
        return bytes;
    }

    private Function<RawMessage, Reply> object(int length) {
        return request -> {
            String wanted = request.first("Range");
            var range = wanted == null
                    ? new ByteRange(0, length - 1)
                    : ByteRange.resolve(ByteRange.parse(wanted).orElseThrow(), length)
                            .getFirst();
            boolean head = request.method().equals("HEAD");
            sent.addAndGet(head ? 0 : range.length());
            Reply reply = Reply.of(wanted == null ? 200 : 206)
                    .header("ETag", "\"e\"")
                    .header("Content-Type", "text/plain")
                    .header("Cache-Control", "max-age=600");
            if (wanted != null) {
                reply = reply.header("Content-Range", range.contentRange(length));
            }
            return head
                    ? reply.header("Content-Length", String.valueOf(length))
                    : reply.body(bytes(range.first(), (int) range.length()));
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "origin: {http: ORIGIN}",
                "origin: {http: ORIGIN}, compress: true",
                "origin: {http: ORIGIN}, limits: {fetches: 1}",
                "origin: {s3: ORIGIN, bucket: b, coherent: false}",
                "origin: {s3: ORIGIN, bucket: b, coherent: false}, fallback: app.html, error-page: oops.html",
                "origin: {s3: ORIGIN, bucket: b, coherent: false}, listing: true, index: index.html",
            })
    void theEndOfALargeObjectCostsNoMoreThanThat(String site) {
        try (var stack = new Stack("sites: [{name: s, " + site + "}]", directory)) {
            stack.origin.otherwise(object(LARGE));
            byte[] end = bytes(LARGE - PART, PART);
            assertThat(stack.request("HEAD", "/large").first("Content-Length")).isEqualTo(String.valueOf(LARGE));
            for (String range : new String[] {"-" + PART, (LARGE - PART) + "-", (LARGE - PART) + "-" + (LARGE - 1)}) {
                RawMessage part = stack.get("/large", "Range: bytes=" + range, "Accept-Encoding: gzip");
                assertThat(part.status()).as(range).isEqualTo(206);
                assertThat(part.first("Content-Range"))
                        .isEqualTo("bytes " + (LARGE - PART) + "-" + (LARGE - 1) + "/" + LARGE);
                assertThat(part.body()).isEqualTo(end);
            }
            stack.settle();
            assertThat(sent).as("it is stored").hasValue(PART);
        }
    }

    @Test
    void nothingOfItIsAskedForTwiceOnceItIsStored() {
        int length = 8 << 20;
        try (var stack = new Stack("sites: [{name: s, origin: {http: ORIGIN}}]", directory)) {
            stack.origin.otherwise(object(length));
            assertThat(stack.get("/x", "Range: bytes=0-").body()).isEqualTo(bytes(0, length));
            stack.settle();
            assertThat(stack.get("/x", "Range: bytes=-" + PART).body()).isEqualTo(bytes(length - PART, PART));
            assertThat(sent).hasValue(length);
        }
    }

    /** With a length and without one. */
    @ParameterizedTest
    @CsvSource({"false, 206", "true, 200"})
    void theWholeIsFetchedOnceFromAnOriginThatHasNoParts(boolean chunked, int first) {
        int length = 2 << 20;
        try (var stack = new Stack("sites: [{name: s, origin: {http: ORIGIN}}]", directory)) {
            Reply whole = Reply.of(200).body(bytes(0, length)).header("Cache-Control", "max-age=600");
            stack.origin.answer("/x", chunked ? whole.chunked() : whole);
            byte[] end = bytes(length - PART, PART);
            RawMessage cold = stack.get("/x", "Range: bytes=-" + PART);
            assertThat(cold.status()).isEqualTo(first);
            assertThat(cold.body()).isEqualTo(first == 206 ? end : bytes(0, length));
            stack.settle();
            for (int i = 0; i < 3; i++) {
                RawMessage part = stack.get("/x", "Range: bytes=-" + PART);
                assertThat(part.status()).isEqualTo(206);
                assertThat(part.body()).isEqualTo(end);
                assertThat(Stack.cacheStatus(part)).contains("hit");
            }
            assertThat(stack.origin.requests()).hasSize(2);
            assertThat(stack.counters().passes()).isZero();
        }
    }

    @Test
    void whatIsNotToBeStoredIsAskedForOnceARequest() {
        try (var stack = new Stack("sites: [{name: s, origin: {http: ORIGIN}}]", directory)) {
            stack.origin.answer("/x", Reply.of(200).body(bytes(0, PART)).header("Cache-Control", "no-store"));
            assertThat(stack.get("/x", "Range: bytes=-5").status()).isEqualTo(206);
            stack.settle();
            assertThat(stack.origin.requests()).hasSize(2);
            for (int i = 0; i < 3; i++) {
                assertThat(stack.get("/x", "Range: bytes=-5").body()).isEqualTo(bytes(PART - 5, 5));
                stack.settle();
            }
            assertThat(stack.origin.requests()).hasSize(5);
        }
    }

    @Test
    void anOwnBucketSendsTheEndAlone() {
        int length = 8 << 20;
        try (var stack = Stack.bucket("")) {
            byte[] all = bytes(0, length);
            stack.buckets.put("x", all);
            RawMessage part = stack.get("/x", "Range: bytes=-" + PART);
            assertThat(part.body()).isEqualTo(Arrays.copyOfRange(all, length - PART, length));
            stack.settle();
            assertThat(stack.buckets.requests).hasValue(1);
            assertThat(stack.accelerator.counters().store().memoryBytes()).isLessThan(2 * PART);
        }
    }
}
