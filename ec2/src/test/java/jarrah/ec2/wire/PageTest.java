package jarrah.ec2.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.aws.RequestId;
import jarrah.ec2.compute.Ec2Exception;
import jarrah.iam.SecretBox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Listings in pages, and tokens that only we can make. */
class PageTest {
    private static final List<String> ALL =
            IntStream.range(0, 17).mapToObj(i -> String.format("i-%02d", i)).toList();

    private final Page.Tokens tokens;
    private final Page.Tokens foreign;

    PageTest(@TempDir Path directory) throws IOException {
        tokens = new Page.Tokens(SecretBox.open(directory.resolve("key")));
        foreign = new Page.Tokens(SecretBox.open(directory.resolve("other-key")));
    }

    private static Page<String> page(Page.Tokens tokens, String action, List<String> all, String... parameters) {
        var call = new Ec2Call(Calls.request(action, parameters), "", Calls.CALLER, RequestId.query());
        return Page.of(call, tokens, all, Function.identity(), false);
    }

    private Page<String> page(String... parameters) {
        return page(tokens, "DescribeInstances", ALL, parameters);
    }

    private static void refused(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Ec2Exception.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void pagesTogetherAreTheListing() {
        var seen = new ArrayList<String>();
        Page<String> page = page("MaxResults", "5");
        seen.addAll(page.items());
        while (page.next().isPresent()) {
            assertThat(page.items()).hasSize(5);
            page = page("MaxResults", "5", "NextToken", page.next().get());
            seen.addAll(page.items());
        }
        assertThat(seen).isEqualTo(ALL);
        assertThat(page().items()).isEqualTo(ALL);
        assertThat(page().next()).isEmpty();
        assertThat(page("MaxResults", "17").next()).isEmpty();
    }

    @Test
    void whatGoesAndComesBetweenPagesLosesNothingElse() {
        String token = page("MaxResults", "5").next().orElseThrow();
        var changed = new ArrayList<>(ALL);
        changed.remove("i-04");
        changed.remove("i-05");
        changed.add("i-00a");
        assertThat(page(tokens, "DescribeInstances", changed, "NextToken", token)
                        .items())
                .isEqualTo(ALL.subList(6, 17));
    }

    @Test
    void tokensOfOthersOfOtherActionsAndForgedOnesAreRefused() {
        String token = page("MaxResults", "5").next().orElseThrow();
        refused("InvalidNextToken", () -> page(tokens, "DescribeVolumes", ALL, "NextToken", token));
        refused("InvalidNextToken", () -> page(foreign, "DescribeInstances", ALL, "NextToken", token));
        refused("InvalidNextToken", () -> page("NextToken", "i-04"));
        refused("InvalidNextToken", () -> page("NextToken", "not base64!"));
        char last = token.charAt(token.length() / 2);
        String forged = token.substring(0, token.length() / 2)
                + (last == 'A' ? 'B' : 'A')
                + token.substring(token.length() / 2 + 1);
        refused("InvalidNextToken", () -> page("NextToken", forged));
    }

    @Test
    void aPageHasFiveToAThousandAndNamedResourcesHaveNone() {
        refused("InvalidParameterValue", () -> page("MaxResults", "4"));
        refused("InvalidParameterValue", () -> page("MaxResults", "1001"));
        refused("InvalidParameterValue", () -> page("MaxResults", "many"));
        var call =
                new Ec2Call(Calls.request("DescribeInstances", "MaxResults", "5"), "", Calls.CALLER, RequestId.query());
        refused("InvalidParameterCombination", () -> Page.of(call, tokens, ALL, Function.identity(), true));
    }
}
