package jarrah.accelerator.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9111, 5.2: what well-formed and odd fields say. */
final class CacheControlParsingTest {
    private static final long INVALID = -7;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max-age=60|60",
                "MAX-AGE=60|60",
                "public,max-age=60|60",
                "max-age=\"60\"|60",
                "max-age=007|7",
                "max-age=60, max-age=1|60",
                "max-age=1, max-age=60|1",
                "max-age=99999999999999999999999|2147483648",
                "x=\"a, max-age=1\", max-age=60|60",
                "x=\"a\\\", max-age=1\", max-age=60|60",
                ",,max-age=60,|60",
                "max-age|-7",
                "max-age=|-7",
                "max-age=-1|-7",
                "max-age=+60|-7",
                "max-age=1.5|-7",
                "max-age='60'|-7",
                "max-age=60s|-7",
                "max-age =60|-7",
                "max-age= 60|-7",
                "max-age=\"60|-7",
                "x-max-age=60|-1",
                "x=\"max-age=60\"|-1",
                "public|-1",
            })
    void secondsAreDigitsAndTheFirstCounts(String field, long expected) {
        assertThat(CacheControl.parse(field).seconds("max-age", INVALID)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"no-store", "No-Store", "no-store=x", "a=\"b, no-store", "max-age=1 , no-store", "no-store "})
    void noStoreIsSeenHoweverItIsWritten(String field) {
        assertThat(CacheControl.parse(field).has("no-store")).isTrue();
    }

    @Test
    void whatStandsInQuotesIsNoDirective() {
        var control = CacheControl.parse("private=\"no-store, Set-Cookie\", max-age=5");
        assertThat(control.has("no-store")).isFalse();
        assertThat(control.hasUnqualified("private")).isFalse();
        assertThat(control.fields("private")).containsExactly("no-store", "Set-Cookie");
        assertThat(CacheControl.parse("private").hasUnqualified("private")).isTrue();
        assertThat(CacheControl.parse("no-cache=\"\"").hasUnqualified("no-cache"))
                .isTrue();
        assertThat(CacheControl.parse("no-cache=X-A").fields("no-cache")).containsExactly("X-A");
    }

    @Test
    void nothingSaysNothing() {
        assertThat(CacheControl.parse(null)).isSameAs(CacheControl.NONE);
        assertThat(CacheControl.parse("  ")).isSameAs(CacheControl.NONE);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void anyTextIsReadWithoutFailure(long seed) {
        var random = new Random(seed);
        String alphabet = "no-cache,=\"\\ max-age09\t;";
        for (int i = 0; i < 20_000; i++) {
            var text = new StringBuilder();
            for (int n = random.nextInt(30); n > 0; n--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            var control = CacheControl.parse(text.toString());
            assertThat(control.seconds("max-age", 0)).isBetween(-1L, DeltaSeconds.MAX);
            TargetedCacheControl.parse(text.toString());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "max-age=60|60",
                "max-age=60;x=1, private|60",
                "max-age=1, max-age=60|60",
                "max-age=60, no-store=?0|60",
                "max-age|0",
                "max-age=\"60\"|0",
                "Max-Age=60|-",
                "max-age=60,|-",
                "max-age=60 private|-",
                "max-age =60|-",
                "max-age=|-",
                "|-",
            })
    void theTargetedFieldIsADictionaryOrNothing(String field, Long expected) {
        var control = TargetedCacheControl.parse(field);
        if (expected == null) {
            assertThat(control).isNull();
        } else {
            assertThat(control).isNotNull();
            assertThat(control.seconds("max-age", 0)).isEqualTo(expected);
        }
    }
}
