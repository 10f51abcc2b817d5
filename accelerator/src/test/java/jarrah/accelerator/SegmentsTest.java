package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.http.ByteRange;
import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts of representations whose whole was not fetched (RFC 9111, 3.3 and 3.4). */
final class SegmentsTest {
    private static final int BIG_BYTES = 64 << 20;

    @TempDir
    Path directory;

    /** Bytes of bodies that the origin has sent. */
    private final AtomicLong sent = new AtomicLong();

    private static byte[] body(int length, int seed) {
        byte[] body = new byte[length];
        new Random(seed).nextBytes(body);
        return body;
    }

    /** An origin that serves ranges of a body. */
    private Reply serve(RawMessage request, byte[] body, String tag) {
        String asked = request.first("Range");
        if (tag.equals(request.first("If-None-Match"))) {
            return Reply.of(304).header("ETag", tag);
        }
        if (asked == null) {
            sent.addAndGet(body.length);
            return Reply.of(200).body(body).header("ETag", tag);
        }
        var ranges = ByteRange.resolve(ByteRange.parse(asked).orElseThrow(), body.length);
        if (ranges.isEmpty()) {
            return Reply.of(416).header("Content-Range", ByteRange.unsatisfiedContentRange(body.length));
        }
        ByteRange range = ranges.getFirst();
        sent.addAndGet(range.length());
        return Reply.of(206)
                .body(Arrays.copyOfRange(body, (int) range.first(), (int) range.last() + 1))
                .header("Content-Range", range.contentRange(body.length))
                .header("ETag", tag);
    }

    private Stack stack() {
        return new Stack("sites: [{name: s, origin: {http: ORIGIN}, cache: {ttl: 1h}}]", directory);
    }

    private static void holds(RawMessage answer, byte[] body, int from, int to) {
        assertThat(answer.status()).isEqualTo(206);
        assertThat(answer.first("Content-Range")).isEqualTo("bytes " + from + "-" + (to - 1) + "/" + body.length);
        assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(body, from, to));
    }

    @Test
    void theTailOfSomethingLargeCostsItselfOnce() {
        byte[] body = body(BIG_BYTES, 1);
        try (var stack = stack()) {
            stack.origin.answer("/big", request -> serve(request, body, "\"1\""));
            RawMessage tail = stack.get("/big", "Range: bytes=-65536");
            holds(tail, body, BIG_BYTES - 65_536, BIG_BYTES);
            assertThat(Stack.cacheStatus(tail)).isEqualTo("jarrah; fwd=uri-miss; stored");
            assertThat(sent).hasValue(65_536);
            stack.settle();
            RawMessage again = stack.get("/big", "Range: bytes=" + (BIG_BYTES - 1_000) + "-");
            holds(again, body, BIG_BYTES - 1_000, BIG_BYTES);
            assertThat(Stack.cacheStatus(again)).startsWith("jarrah; hit");
            assertThat(again.first("Age")).isEqualTo("0");
            assertThat(stack.origin.requests()).hasSize(1);
        }
    }

    @Test
    void whatIsMissingBetweenStoredPartsIsFetchedAlone() {
        byte[] body = body(4 << 20, 2);
        try (var stack = stack()) {
            stack.origin.answer("/x", request -> serve(request, body, "\"1\""));
            holds(stack.get("/x", "Range: bytes=2000000-2000999"), body, 2_000_000, 2_001_000);
            holds(stack.get("/x", "Range: bytes=2200000-2200999"), body, 2_200_000, 2_201_000);
            assertThat(sent).hasValue(2 * 65_536);
            stack.settle();
            RawMessage across = stack.get("/x", "Range: bytes=2000000-2200999");
            holds(across, body, 2_000_000, 2_201_000);
            assertThat(Stack.cacheStatus(across)).isEqualTo("jarrah; fwd=partial; stored");
            assertThat(sent).hasValue(4 * 65_536);
            stack.settle();
            RawMessage several = stack.get("/x", "Range: bytes=2200000-2200003,2000000-2000001");
            String text = new String(several.body(), StandardCharsets.ISO_8859_1);
            assertThat(text).contains("Content-Range: bytes 2200000-2200003/" + body.length);
            assertThat(text).contains(new String(body, 2_200_000, 4, StandardCharsets.ISO_8859_1));
            assertThat(text).contains(new String(body, 2_000_000, 2, StandardCharsets.ISO_8859_1));
            assertThat(stack.origin.requests()).hasSize(3);
        }
    }

    @Test
    void partsThatTogetherAreTheWholeAnswerForIt() {
        byte[] body = body(1_500_000, 3);
        try (var stack = stack()) {
            stack.origin.answer("/x", request -> serve(request, body, "\"1\""));
            holds(stack.get("/x", "Range: bytes=0-799999"), body, 0, 800_000);
            stack.settle();
            assertThat(Stack.cacheStatus(stack.get("/x", "Range: bytes=1048577-")))
                    .contains("fwd=");
            stack.settle();
            stack.get("/x", "Range: bytes=800000-1048576");
            stack.settle();
            int before = stack.origin.requests().size();
            RawMessage whole = stack.get("/x");
            assertThat(whole.status()).isEqualTo(200);
            assertThat(whole.body()).isEqualTo(body);
            assertThat(Stack.cacheStatus(whole)).startsWith("jarrah; hit");
            assertThat(stack.get("/x", "If-None-Match: \"1\"").status()).isEqualTo(304);
            assertThat(stack.origin.requests()).hasSize(before);
        }
    }

    @Test
    void partsOfAnotherStateOfTheResourceAreNeverPutTogether() {
        byte[] one = body(4 << 20, 4);
        byte[] two = body(4 << 20, 5);
        try (var stack = stack()) {
            stack.origin.answer("/x", request -> serve(request, one, "\"1\""));
            stack.get("/x", "Range: bytes=2000000-2000999");
            stack.settle();
            stack.origin.answer("/x", request -> serve(request, two, "\"2\""));
            assertThatThrownBy(() -> stack.get("/x", "Range: bytes=2000000-2200999"))
                    .as("an answer that breaks off")
                    .isInstanceOf(UncheckedIOException.class);
            stack.settle();
            holds(stack.get("/x", "Range: bytes=2000000-2200999"), two, 2_000_000, 2_201_000);
        }
    }

    @Test
    void staleOnesAreValidatedWithoutTheirBytes() {
        byte[] body = body(4 << 20, 6);
        try (var stack = stack()) {
            stack.origin.answer("/x", request -> serve(request, body, "\"1\""));
            stack.get("/x", "Range: bytes=-100");
            stack.settle();
            stack.clock.advance(Duration.ofMinutes(61));
            holds(stack.get("/x", "Range: bytes=-100"), body, body.length - 100, body.length);
            assertThat(sent).hasValue(65_536);
            assertThat(stack.origin.requests()).hasSize(2);
            assertThat(stack.origin.requests().getLast().first("If-None-Match")).isEqualTo("\"1\"");
        }
    }

    @Test
    void theyAreThereAfterARestartAndGoWithAPurge() throws Exception {
        byte[] body = body(4 << 20, 7);
        try (var stack = stack()) {
            stack.origin.answer("/x", request -> serve(request, body, "\"1\""));
            stack.get("/x", "Range: bytes=2000000-2999999");
            stack.settle();
            stack.restart();
            RawMessage warm = stack.get("/x", "Range: bytes=2500000-2500009");
            holds(warm, body, 2_500_000, 2_500_010);
            assertThat(Stack.cacheStatus(warm)).startsWith("jarrah; hit");
            assertThat(stack.accelerator.purge(null, "/x", false)).isPositive();
            assertThat(Stack.cacheStatus(stack.get("/x", "Range: bytes=2500000-2500009")))
                    .contains("fwd=uri-miss");
        }
    }

    @Test
    void rangesBeyondTheEndAre416AndLeaveNoMark() {
        byte[] body = body(300_000, 8);
        try (var stack = stack()) {
            stack.origin.answer("/x", request -> serve(request, body, "\"1\""));
            RawMessage beyond = stack.get("/x", "Range: bytes=5000000-5000001");
            assertThat(beyond.status()).isEqualTo(416);
            assertThat(beyond.first("Content-Range")).isEqualTo("bytes */300000");
            holds(stack.get("/x", "Range: bytes=-5"), body, 299_995, 300_000);
            stack.settle();
            beyond = stack.get("/x", "Range: bytes=5000000-");
            assertThat(beyond.status()).isEqualTo(416);
            assertThat(beyond.first("Content-Range")).isEqualTo("bytes */300000");
            assertThat(Stack.cacheStatus(stack.get("/x"))).contains("stored");
        }
    }

    @Test
    void withoutAStrongTagOrWithAnotherRangeThanAskedForTheOriginAnswers() {
        byte[] body = body(4 << 20, 9);
        try (var stack = stack()) {
            stack.origin.answer("/weak", request -> serve(request, body, "W/\"1\""));
            stack.origin.answer(
                    "/odd",
                    request -> request.first("Range") == null
                            ? Reply.of(200).body(body)
                            : Reply.of(206)
                                    .body("odd")
                                    .header("Content-Range", "bytes 7-9/10")
                                    .header("ETag", "\"1\""));
            for (int i = 0; i < 2; i++) {
                RawMessage weak = stack.get("/weak", "Range: bytes=-10");
                holds(weak, body, body.length - 10, body.length);
                assertThat(Stack.cacheStatus(weak)).isEqualTo("jarrah; fwd=uri-miss");
            }
            assertThat(stack.get("/odd", "Range: bytes=-3").text()).isEqualTo("odd");
            assertThat(stack.accelerator.counters().store().entries()).isZero();
            assertThat(stack.get("/weak").body()).isEqualTo(body);
        }
    }

    @Test
    void anOriginWithoutRangesIsAskedForTheWhole() {
        byte[] body = body(3_000_000, 10);
        try (var stack = stack()) {
            stack.origin.answer("/x", Reply.of(200).body(body).header("ETag", "\"1\""));
            holds(stack.get("/x", "Range: bytes=5-10"), body, 5, 11);
            stack.settle();
            assertThat(stack.origin.requests()).hasSize(2);
            assertThat(stack.origin.requests().getLast().first("Range")).isNull();
            RawMessage tail = stack.get("/x", "Range: bytes=-10");
            holds(tail, body, body.length - 10, body.length);
            assertThat(Stack.cacheStatus(tail)).startsWith("jarrah; hit");
        }
    }

    @Test
    void longRangesAreOneAnswerOfTheOrigin() {
        byte[] body = body(BIG_BYTES, 11);
        try (var stack = stack()) {
            stack.origin.answer("/x", request -> serve(request, body, "\"1\""));
            RawMessage rest = stack.get("/x", "Range: bytes=20000000-");
            holds(rest, body, 20_000_000, BIG_BYTES);
            assertThat(stack.origin.requests()).hasSize(2);
        }
    }

    @Test
    void rangesOfOneBucketAndRandomPlacesAreTheBytesOfTheObject() {
        byte[] body = body(6 << 20, 12);
        var random = new Random(13);
        try (var stack = stack()) {
            stack.origin.answer("/x", request -> serve(request, body, "\"1\""));
            try (RawClient client = stack.connect()) {
                for (int i = 0; i < 300; i++) {
                    int from = random.nextInt(body.length);
                    int to = Math.min(body.length, from + 1 + random.nextInt(random.nextBoolean() ? 2_000 : 1_000_000));
                    RawMessage answer = client.get("/x", "Range: bytes=" + from + "-" + (to - 1))
                            .read();
                    holds(answer, body, from, to);
                }
            }
            assertThat(sent.get()).isLessThan(3L * body.length);
        }
    }
}
