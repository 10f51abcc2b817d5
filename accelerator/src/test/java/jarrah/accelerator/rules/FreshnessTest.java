package jarrah.accelerator.rules;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.accelerator.rules.Freshness.Fresh;
import jarrah.accelerator.rules.Freshness.InGrace;
import jarrah.accelerator.rules.Freshness.Stale;
import jarrah.http.Headers;
import jarrah.http.HttpDate;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9111, 4.2, and RFC 5861: a response of {@code NOW}, judged some seconds later. */
final class FreshnessTest {
    private static final long NOW = Instant.parse("2026-11-22T12:00:00Z").toEpochMilli();
    private static final CachePolicy GRACE_10 =
            new CachePolicy(CachePolicy.UNSET, 10_000, 10_000, 60_000, true, KeyQuery.WHOLE, false);

    private static String date(long secondsFromNow) {
        return HttpDate.format(Instant.ofEpochMilli(NOW + secondsFromNow * 1000));
    }

    /** Fields as "name: value; name: value", with {@code @-60} for a date 60 seconds ago. */
    private static Headers headers(String text) {
        Headers headers = Headers.of();
        for (String line : text.split("~")) {
            if (!line.isBlank()) {
                String[] pair = line.strip().split(": *", 2);
                String value = pair[1].startsWith("@") ? date(Long.parseLong(pair[1].substring(1))) : pair[1];
                headers.add(pair[0], value);
            }
        }
        return headers;
    }

    private static Lifetime life(String fields, CachePolicy policy) {
        return life(200, fields, policy);
    }

    private static Lifetime life(int status, String fields, CachePolicy policy) {
        Headers headers = headers(fields);
        return Lifetime.of(status, headers, ResponseDirectives.of(headers), policy, NOW, NOW);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "Cache-Control: max-age=60|60|ORIGIN",
                "Cache-Control: max-age=60, s-maxage=10|10|ORIGIN",
                "Cache-Control: max-age=60~Expires: @5|60|ORIGIN",
                "Cache-Control: max-age=60~Cache-Control: public|60|ORIGIN",
                "Expires: @30~Date: @0|30|ORIGIN",
                "Expires: @30~Date: @-10|40|ORIGIN",
                "Expires: @30|30|ORIGIN",
                "Expires: @-30~Date: @0|0|ORIGIN",
                "Expires: 0|0|ORIGIN",
                "Expires: -1|0|ORIGIN",
                "Expires: soon|0|ORIGIN",
                "Expires: Thu, 18 Aug 2050 02:01:18 UTC|0|ORIGIN",
                "Cache-Control: max-age=a|0|ORIGIN",
                "Cache-Control: s-maxage=a, max-age=60|0|ORIGIN",
                "CDN-Cache-Control: max-age=7~Cache-Control: max-age=60|7|ORIGIN",
                "CDN-Cache-Control: max-age=7,~Cache-Control: max-age=60|60|ORIGIN",
                "CDN-Cache-Control: private~Expires: @99|0|NONE",
                "CDN-Cache-Control: max-age=\"7\"~Cache-Control: max-age=60|0|ORIGIN",
                "CDN-Cache-Control: max-age=7.5~Cache-Control: max-age=60|0|ORIGIN",
                "Last-Modified: @-1000~Date: @0|100|HEURISTIC",
                "Last-Modified: @-999999999~Date: @0|86400|HEURISTIC",
                "Last-Modified: @50~Date: @0|0|NONE",
                "X: y|0|NONE",
            })
    void theLifetimeComesFromTheFirstThatSays(String fields, long seconds, Lifetime.Source source) {
        Lifetime life = life(fields, CachePolicy.DEFAULT);
        assertThat(life.freshMillis()).isEqualTo(seconds * 1000);
        assertThat(life.source()).isEqualTo(source);
    }

    /** RFC 9110, 15.1: which errors have a heuristic lifetime. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404|Last-Modified: @-999999999~Date: @0|10",
                "404|Last-Modified: @-50~Date: @0|5",
                "404|Date: @0|0",
                "404|Last-Modified: @-999999999~Date: @0~Expires: 0|0",
                "405|Last-Modified: @-999999999~Date: @0|10",
                "410|Last-Modified: @-999999999~Date: @0|10",
                "414|Last-Modified: @-999999999~Date: @0|10",
                "501|Last-Modified: @-999999999~Date: @0|10",
                "403|Last-Modified: @-999999999~Date: @0|0",
                "500|Last-Modified: @-999999999~Date: @0|0",
                "503|Last-Modified: @-999999999~Date: @0|0",
            })
    void anErrorWithADateIsFreshForAMoment(int status, String fields, long seconds) {
        assertThat(life(status, fields, CachePolicy.DEFAULT).freshMillis()).isEqualTo(seconds * 1000);
        assertThat(life(status, fields, CachePolicy.STRICT).freshMillis()).isZero();
        var ttl = new CachePolicy(90_000, 0, 0, 0, true, KeyQuery.WHOLE, false);
        assertThat(life(status, fields, ttl).freshMillis()).isEqualTo(seconds * 1000);
    }

    @Test
    void expiresIsReadInAllFormsAndAnyCase() {
        for (String form : new String[] {
            "Thu, 18 Aug 2050 02:01:18 GMT",
            "THU, 18 aug 2050 02:01:18 gmt",
            "Thursday, 18-Aug-50 02:01:18 GMT",
            "Thu Aug 18 02:01:18 2050"
        }) {
            assertThat(life("Expires: " + form, CachePolicy.DEFAULT).freshMillis())
                    .as(form)
                    .isEqualTo(Instant.parse("2050-08-18T02:01:18Z").toEpochMilli() - NOW);
        }
    }

    @Test
    void theSitesTtlStandsInForTheOriginOrReplacesIt() {
        var standsIn = new CachePolicy(90_000, 0, 0, 0, true, KeyQuery.WHOLE, false);
        var replaces = new CachePolicy(90_000, 0, 0, 0, false, KeyQuery.WHOLE, false);
        assertThat(life("X: y", standsIn).freshMillis()).isEqualTo(90_000);
        assertThat(life("X: y", standsIn).source()).isEqualTo(Lifetime.Source.OPERATOR);
        assertThat(life("Cache-Control: max-age=5", standsIn).freshMillis()).isEqualTo(5_000);
        assertThat(life("Cache-Control: max-age=5, no-cache", replaces).freshMillis())
                .isEqualTo(90_000);
        assertThat(life("Cache-Control: no-cache", replaces).validateAlways()).isFalse();
        assertThat(life("Last-Modified: @-1000", CachePolicy.STRICT).freshMillis())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Date: @0|0|0",
                "Date: @-30|0|30",
                "Date: @30|0|0",
                "Date: @0~Age: 40|0|40",
                "Date: @-50~Age: 40|0|50",
                "Date: @0~Age: 40|5|45",
                "Date: @0~Age: 7, 9|0|7",
                "Date: @0~Age: -7|0|0",
                "Date: @0~Age: x|0|0",
                "Date: @0~Age: 1.5|0|0",
                "Date: @0~Age: 99999999999|0|2147483648",
                "Date: never|0|0",
                "X: y|3|3",
            })
    void ageIsTheGreaterOfWhatDateAndAgeTell(String fields, long delaySeconds, long expected) {
        Headers headers = headers(fields);
        Lifetime life = Lifetime.of(
                200, headers, ResponseDirectives.of(headers), CachePolicy.DEFAULT, NOW - delaySeconds * 1000, NOW);
        assertThat(life.initialAgeMillis()).isEqualTo(expected * 1000);
        assertThat(life.ageMillis(NOW, NOW + 2_500)).isEqualTo(expected * 1000 + 2_500);
        assertThat(life.ageMillis(NOW, NOW - 2_500)).as("a clock set back").isEqualTo(expected * 1000);
    }

    /** Verdicts: F fresh, G in grace, S stale and not usable, E stale and usable if the origin fails. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // response | request | seconds later | verdict
                "max-age=60|-|59|F",
                "max-age=60|-|60|G",
                "max-age=60|-|69|G",
                "max-age=60|-|70|S",
                "max-age=60, must-revalidate|-|61|S",
                "max-age=60, proxy-revalidate|-|61|S",
                "s-maxage=60|-|61|S",
                "max-age=60, no-cache|-|1|S",
                "max-age=60, no-cache=\"x\"|-|1|F",
                "max-age=60, stale-while-revalidate=30|-|80|G",
                "max-age=60, stale-while-revalidate=0|-|61|E",
                "max-age=60, stale-while-revalidate=0, stale-if-error=100|-|150|E",
                "max-age=60, stale-if-error=100|-|161|S",
                "max-age=60, must-revalidate, stale-if-error=100|-|61|S",
                "max-age=60|no-cache|1|S",
                "max-age=60|max-age=0|1|E",
                "max-age=60, immutable|max-age=0|1|F",
                "max-age=60, immutable|no-cache|1|S",
                "max-age=60|max-age=10|10|F",
                "max-age=60|max-age=10|11|E",
                "max-age=60|max-age=x|1|E",
                "max-age=60|min-fresh=30|30|F",
                "max-age=60|min-fresh=30|31|E",
                "max-age=60|min-fresh=y|1|E",
                "max-age=60|max-stale|9999|G",
                "max-age=60|max-stale=100|160|G",
                "max-age=60|max-stale=100|161|S",
                "max-age=60|max-stale=z|75|S",
                "max-age=60, must-revalidate|max-stale|61|S",
                "max-age=60|no-transform|61|G",
            })
    void aStoredResponseIsJudgedByItsAgeAndTheRequest(String control, String request, long later, char verdict) {
        Lifetime life = life("Date: @0~Cache-Control: " + control, GRACE_10);
        Freshness judged = Freshness.judge(life, NOW, CacheControl.parse(request), NOW + later * 1000);
        char found = switch (judged) {
            case Fresh(long ttl) -> ttl > 0 ? 'F' : '?';
            case InGrace(long stale) -> stale >= 0 ? 'G' : '?';
            case Stale(long ttl, boolean usable) -> usable ? 'E' : 'S';
        };
        assertThat(found).isEqualTo(verdict);
    }

    @Test
    void theStrictProfileServesStaleOnlyWhenTheOriginFails() {
        Lifetime life = life("Date: @0~Cache-Control: max-age=60", CachePolicy.STRICT);
        assertThat(Freshness.judge(life, NOW, CacheControl.NONE, NOW + 61_000)).isEqualTo(new Stale(-1_000, true));
    }
}
