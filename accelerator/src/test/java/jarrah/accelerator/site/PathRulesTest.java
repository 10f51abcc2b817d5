package jarrah.accelerator.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PathRulesTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                "a,b,a,b",
                "a,b,ab,null",
                "*,x/$1,a/b,x/a/b",
                "v*/*,$2-$1,v1/a/b,a/b-1",
                "v*/*,$2-$1,v1,null",
                "*.htm,$1.html,a.htm.htm,a.htm.html",
                "*.htm,$1.html,.htm,.html",
                "a*a,<$1>,aa,<>",
                "a*a,<$1>,a,null",
                "a*b*c,$1|$2|$$,axbybzc,x|ybz|$",
                "?*,$1,xyz,yz",
                "/t/*,$1,a,a",
                "/u/*,$1,a,null",
                "'','index','','index'",
                "blog/????/*,blog/$1,blog/2026/x,blog/x",
            })
    void aPathStandsForAnother(String match, String to, String rest, String expected) {
        assertThat(new PathRules.Rewrite(match, to).apply("/t/" + rest, rest)).isEqualTo(expected);
    }

    @Test
    void theFirstThatMatchesCountsAndTheIndexComesLast() {
        var rules = new PathRules(
                "index.html",
                List.of(new PathRules.Rewrite("old/*", "new/$1"), new PathRules.Rewrite("*", "all/$1")),
                null,
                null,
                false);
        assertThat(rules.indexed(rules.rewritten("/old/x", "old/x"))).isEqualTo("new/x");
        assertThat(rules.indexed(rules.rewritten("/old/", "old/"))).isEqualTo("new/index.html");
        assertThat(rules.indexed(rules.rewritten("/", ""))).isEqualTo("all/index.html");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void starsStandForWhatReluctantGroupsWould(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            String pattern = text(random, "ab*?");
            String text = text(random, "ab");
            var matcher = Pattern.compile(pattern.replace("?", ".").replace("*", "(.*?)"))
                    .matcher(text);
            List<String> expected = matcher.matches()
                    ? IntStream.rangeClosed(1, matcher.groupCount())
                            .mapToObj(matcher::group)
                            .toList()
                    : null;
            assertThat(new Glob(pattern).captures(text))
                    .as("%s on %s", pattern, text)
                    .isEqualTo(expected);
        }
    }

    private static String text(Random random, String alphabet) {
        var text = new StringBuilder();
        for (int n = random.nextInt(8); n > 0; n--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }
}
