package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.QueryParameters.Plus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class QueryParametersTest {
    @Test
    void orderAndDuplicatesAreKept() {
        var query = QueryParameters.parse("b=1&a=2&b=3&acl&empty=&c=x=y&&", Plus.LITERAL)
                .orElseThrow();
        assertThat(query.pairs())
                .containsExactly(
                        new QueryParameters.Pair("b", "1", true),
                        new QueryParameters.Pair("a", "2", true),
                        new QueryParameters.Pair("b", "3", true),
                        new QueryParameters.Pair("acl", "", false),
                        new QueryParameters.Pair("empty", "", true),
                        new QueryParameters.Pair("c", "x=y", true));
        assertThat(query.first("b")).isEqualTo("1");
        assertThat(query.all("b")).containsExactly("1", "3");
        assertThat(query.first("acl")).isEmpty();
        assertThat(query.contains("B")).isFalse();
        assertThat(query.first("none")).isNull();
    }

    @Test
    void aPlusReadsAsAsked() {
        assertThat(QueryParameters.parse("a=1+2%2B", Plus.LITERAL).orElseThrow().first("a"))
                .isEqualTo("1+2+");
        assertThat(QueryParameters.parse("a=1+2%2B", Plus.SPACE).orElseThrow().first("a"))
                .isEqualTo("1 2+");
    }

    @Test
    void namesAndValuesAreDecoded() {
        assertThat(QueryParameters.parse("x%2Did=%C3%BC%26", Plus.LITERAL)
                        .orElseThrow()
                        .first("x-id"))
                .isEqualTo("ü&");
        assertThat(QueryParameters.parse(null, Plus.LITERAL)).contains(QueryParameters.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=%", "%=a", "a=%ff"})
    void whatIsBrokenIsRefused(String raw) {
        assertThat(QueryParameters.parse(raw, Plus.LITERAL)).isEmpty();
    }

    @Test
    void tooManyAreRefused() {
        assertThat(QueryParameters.parse("a&".repeat(QueryParameters.MAX_PARAMETERS), Plus.LITERAL))
                .isPresent();
        assertThat(QueryParameters.parse("a&".repeat(QueryParameters.MAX_PARAMETERS + 1), Plus.LITERAL))
                .isEmpty();
    }
}
