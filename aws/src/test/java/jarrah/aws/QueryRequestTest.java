package jarrah.aws;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QueryRequestTest {
    @Test
    void theFormAndTheQueryAreReadWithTheFormWinning() {
        var request = QueryRequest.parse("Action=A&Version=1", "Action=B&Name=x+y%2Bz&Empty=");
        assertThat(request.action()).isEqualTo("B");
        assertThat(request.get("Version")).isEqualTo("1");
        assertThat(request.get("Name")).isEqualTo("x y+z");
        assertThat(request.get("Empty")).isEmpty();
        assertThat(request.get("Other")).isNull();
    }

    @Test
    void listsAreReadInBothSpellings() {
        var request = QueryRequest.parse(null, "Id.1=a&Id.2=b&Id.4=d&Arn.member.1=x");
        assertThat(request.list("Id")).containsExactly("a", "b");
        assertThat(request.list("Arn")).containsExactly("x");
        assertThat(request.list("None")).isEmpty();
    }
}
