package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ETagTest {
    @ParameterizedTest // RFC 9110, 8.8.3.2
    @CsvSource(quoteCharacter = '`', textBlock = """
            W/"1", W/"1", false, true
            W/"1", W/"2", false, false
            W/"1", "1",   false, true
            "1",   "1",   true,  true
            "1",   "2",   false, false
            """)
    void tagsCompareStronglyAndWeakly(String one, String other, boolean strongly, boolean weakly) {
        var a = ETag.parse(one).orElseThrow();
        var b = ETag.parse(other).orElseThrow();
        assertThat(a.strongMatches(b)).isEqualTo(strongly);
        assertThat(b.strongMatches(a)).isEqualTo(strongly);
        assertThat(a.weakMatches(b)).isEqualTo(weakly);
        assertThat(a).hasToString(one);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "\"a", "a\"", "w/\"a\"", "W/", "W/a", "\"a\"b", "\"a b\"", " \"a\"", "\"a\" "})
    void whatIsMalformedIsNoTag(String text) {
        assertThat(ETag.parse(text)).isEmpty();
    }

    @Test
    void theEmptyTagIsATag() {
        assertThat(ETag.parse("\"\"")).contains(ETag.strong(""));
    }

    @Test
    void listsAreRead() {
        var condition = ETag.Condition.parse("\"a,b\" , W/\"c\",,\"d\"").orElseThrow();
        assertThat(condition.tags()).containsExactly(ETag.strong("a,b"), new ETag(true, "c"), ETag.strong("d"));
        assertThat(condition.strongMatches(ETag.strong("c"))).isFalse();
        assertThat(condition.weakMatches(ETag.strong("c"))).isTrue();
        assertThat(condition.strongMatches(ETag.strong("d"))).isTrue();
        assertThat(condition.weakMatches(ETag.strong("e"))).isFalse();
        assertThat(ETag.Condition.parse(" * ").orElseThrow().strongMatches(ETag.strong("x")))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "a", "\"a\"\"b\"", "\"a\", b", "*, \"a\"", "\"a"})
    void malformedListsAreRefused(String text) {
        assertThat(ETag.Condition.parse(text)).isEmpty();
    }
}
