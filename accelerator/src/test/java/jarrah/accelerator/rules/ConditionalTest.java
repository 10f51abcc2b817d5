package jarrah.accelerator.rules;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.Headers;
import jarrah.http.RequestHead;
import java.net.InetSocketAddress;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9110, 13: of a representation with an entity tag, changed at 11:00 and sent at 12:00. */
final class ConditionalTest {
    private static final long NOW = Instant.parse("2026-11-22T12:00:00Z").toEpochMilli();
    private static final String CHANGED = "Sun, 22 Nov 2026 11:00:00 GMT";
    private static final String EARLIER = "Sun, 22 Nov 2026 10:59:59 GMT";
    private static final String LATER = "Sun, 22 Nov 2026 11:00:01 GMT";

    private static RequestFacts request(String fields) {
        Headers headers = Headers.of();
        for (String line : fields.split("~")) {
            String[] pair = line.strip().split(": *", 2);
            headers.add(
                    pair[0],
                    pair[1].replace("@same", CHANGED)
                            .replace("@earlier", EARLIER)
                            .replace("@later", LATER));
        }
        var address = new InetSocketAddress("127.0.0.1", 1);
        return RequestFacts.of(new RequestHead("GET", "/", headers, address, address, false));
    }

    private static Headers stored(String tag) {
        return Headers.of("ETag", tag, "Last-Modified", CHANGED, "Date", "Sun, 22 Nov 2026 12:00:00 GMT");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"a\"|X: y|SEND",
                "\"a\"|If-None-Match: \"a\"|NOT_MODIFIED",
                "\"a\"|If-None-Match: W/\"a\"|NOT_MODIFIED",
                "W/\"a\"|If-None-Match: \"a\"|NOT_MODIFIED",
                "\"a\"|If-None-Match: \"b\"|SEND",
                "\"a\"|If-None-Match: \"b\", \"a\"|NOT_MODIFIED",
                "\"a\"|If-None-Match: \"b\"~If-None-Match: \"a\"|NOT_MODIFIED",
                "\"a,b\"|If-None-Match: \"a,b\"|NOT_MODIFIED",
                "\"a\"|If-None-Match: *|NOT_MODIFIED",
                "\"a\"|If-None-Match: a|SEND",
                "\"a\"|If-None-Match: \"b\"~If-Modified-Since: @later|SEND",
                "\"a\"|If-Modified-Since: @same|NOT_MODIFIED",
                "\"a\"|If-Modified-Since: @later|NOT_MODIFIED",
                "\"a\"|If-Modified-Since: @earlier|SEND",
                "\"a\"|If-Modified-Since: never|SEND",
                "\"a\"|If-Match: \"a\"|SEND",
                "\"a\"|If-Match: *|SEND",
                "\"a\"|If-Match: \"b\"|PRECONDITION_FAILED",
                "\"a\"|If-Match: W/\"a\"|PRECONDITION_FAILED",
                "W/\"a\"|If-Match: W/\"a\"|PRECONDITION_FAILED",
                "\"a\"|If-Match: \"a\"~If-None-Match: \"a\"|NOT_MODIFIED",
                "\"a\"|If-Match: \"a\"~If-Unmodified-Since: @earlier|SEND",
                "\"a\"|If-Unmodified-Since: @same|SEND",
                "\"a\"|If-Unmodified-Since: @earlier|PRECONDITION_FAILED",
                "\"a\"|If-Unmodified-Since: junk|SEND",
            })
    void preconditionsAreTakenInTheirOrder(String tag, String request, Conditional expected) {
        assertThat(Conditional.evaluate(request(request), 200, stored(tag), NOW))
                .isEqualTo(expected);
    }

    @Test
    void conditionsDoNotCountOnAnError() {
        assertThat(Conditional.evaluate(request("If-None-Match: *"), 404, Headers.of(), NOW))
                .isEqualTo(Conditional.SEND);
    }

    @Test
    void withoutLastModifiedTheDateStandsIn() {
        Headers stored = Headers.of("Date", CHANGED);
        assertThat(Conditional.evaluate(request("If-Modified-Since: @later"), 200, stored, NOW))
                .isEqualTo(Conditional.NOT_MODIFIED);
        assertThat(Conditional.evaluate(request("If-Modified-Since: @earlier"), 200, stored, NOW))
                .isEqualTo(Conditional.SEND);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"a\"|X: y|true",
                "\"a\"|If-Range: \"a\"|true",
                "\"a\"|If-Range: \"b\"|false",
                "\"a\"|If-Range: W/\"a\"|false",
                "W/\"a\"|If-Range: W/\"a\"|false",
                "\"a\"|If-Range: @same|true",
                "\"a\"|If-Range: @later|false",
                "\"a\"|If-Range: rubbish|false",
            })
    void ifRangeComparesStrongly(String tag, String request, boolean applies) {
        assertThat(Conditional.rangeApplies(request(request), stored(tag), NOW)).isEqualTo(applies);
    }

    @Test
    void aLastModifiedWithinTheLastMinuteIsNoStrongValidator() {
        Headers stored = Headers.of("Last-Modified", CHANGED, "Date", "Sun, 22 Nov 2026 11:00:59 GMT");
        assertThat(Conditional.rangeApplies(request("If-Range: @same"), stored, NOW))
                .isFalse();
    }
}
