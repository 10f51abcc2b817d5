package jarrah.accelerator.rules;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9111, 4.1. */
final class VaryTest {
    private static final Headers RESPONSE = Headers.of("vary", "Accept-Language , foo", "Vary", "FOO");

    @Test
    void namesAreReadFromAllLinesOnce() {
        assertThat(Vary.of(RESPONSE)).containsExactly("accept-language", "foo");
        assertThat(Vary.of(Headers.of(), Headers.of("a", "b"))).isSameAs(Vary.NONE);
    }

    @Test
    void equalValuesMatchHoweverTheyAreSpacedAndSplit() {
        var vary = Vary.of(RESPONSE, Headers.of("Accept-Language", "de,en", "Foo", "1"));
        assertThat(vary.matches(Headers.of("foo", "1", "accept-language", "de", "accept-language", " en")))
                .isTrue();
        assertThat(vary.matches(Headers.of("foo", "1", "accept-language", "en, de")))
                .isFalse();
        assertThat(vary.matches(Headers.of("foo", "1"))).isFalse();
        assertThat(vary.matches(Headers.of("foo", "2", "accept-language", "de, en")))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Accept-Encoding|gzip, br|BR,gzip|true",
                "Accept-Encoding|gzip;q=0.5|GZIP ; q=0.5|true",
                "Accept-Encoding|gzip;q=0.5|gzip|false",
                "Accept-Language|en-GB, de|EN-gb,de|true",
                "Accept-Language|en, de|de, en|false",
                "Accept-Charset|utf-8, latin1|Latin1, UTF-8|true",
                "Accept|text/html;level=A|text/html;level=a|false",
                "Foo|a, b|b, a|false",
                "Foo|a|A|false",
            })
    void whatMeansTheSameByTheFieldsOwnRulesMatches(String name, String stored, String asked, boolean same) {
        var vary = Vary.of(Headers.of("Vary", name), Headers.of(name, stored));
        assertThat(vary.matches(Headers.of(name, asked))).isEqualTo(same);
    }

    @Test
    void aMissingFieldMatchesOnlyAMissingField() {
        var vary = Vary.of(Headers.of("Vary", "Foo"), Headers.of());
        assertThat(vary.matches(Headers.of("bar", "1"))).isTrue();
        assertThat(vary.matches(Headers.of("foo", ""))).isFalse();
    }
}
