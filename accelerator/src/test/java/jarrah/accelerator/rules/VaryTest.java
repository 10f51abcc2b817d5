package jarrah.accelerator.rules;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.Headers;
import org.junit.jupiter.api.Test;

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

    @Test
    void aMissingFieldMatchesOnlyAMissingField() {
        var vary = Vary.of(Headers.of("Vary", "Foo"), Headers.of());
        assertThat(vary.matches(Headers.of("bar", "1"))).isTrue();
        assertThat(vary.matches(Headers.of("foo", ""))).isFalse();
    }
}
