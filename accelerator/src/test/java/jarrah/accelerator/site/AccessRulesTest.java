package jarrah.accelerator.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.accelerator.access.SignedUrl;
import jarrah.accelerator.rules.CachePolicy;
import jarrah.accelerator.site.AccessRules.PathPattern;
import jarrah.accelerator.site.AccessRules.Rule;
import jarrah.http.HttpOrigin;
import java.net.InetAddress;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AccessRulesTest {
    private static InetAddress address(String text) {
        InetAddress address = Network.address(text);
        assertThat(address).as(text).isNotNull();
        return address;
    }

    private static boolean allows(AccessRules rules, InetAddress client, String path, String rest) {
        var url = new SignedUrl.Subject("s", "GET", null, path);
        return rules.judge(new AccessRules.Asked(client, url, null, path, rest, null, 0, null))
                instanceof Verdict.Allowed;
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,10.255.0.1,true",
        "10.0.0.0/8,11.0.0.1,false",
        "10.1.2.3,10.1.2.3,true",
        "10.1.2.3,10.1.2.2,false",
        "0.0.0.0/0,1.2.3.4,true",
        "0.0.0.0/0,::1,false",
        "192.168.1.128/25,192.168.1.127,false",
        "192.168.1.128/25,192.168.1.200,true",
        "2001:db8::/33,2001:db8:7fff::1,true",
        "2001:db8::/33,2001:db8:8000::1,false",
        "::/0,10.0.0.1,false",
        "10.0.0.0/8,::ffff:10.0.0.1,true",
    })
    void aNetworkContainsItsAddresses(String network, String client, boolean contained) {
        assertThat(Network.parse(network).contains(address(client))).isEqualTo(contained);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "example.com", "10.0.0.1/8", "::1/x"})
    void whatIsNoNetworkIsRefused(String text) {
        assertThatThrownBy(() -> Network.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theFirstRuleThatMatchesDecidesAndNoneDenies() {
        var rules = new AccessRules(List.of(
                new Rule(false, new Who.Everyone(), PathPattern.of("*.key")),
                new Rule(true, new Who.Networks(List.of(Network.parse("10.0.0.0/8"))), PathPattern.of("/tools/*"))));
        assertThat(allows(rules, address("10.0.0.1"), "/tools/a", "a")).isTrue();
        assertThat(allows(rules, address("10.0.0.1"), "/tools/a.key", "a.key")).isFalse();
        assertThat(allows(rules, address("10.0.0.1"), "/other/a", "a")).isFalse();
        assertThat(allows(rules, address("11.0.0.1"), "/tools/a", "a")).isFalse();
        assertThat(allows(AccessRules.OPEN, address("11.0.0.1"), "/tools/a.key", "a.key"))
                .isTrue();
    }

    /** Spellings of /secret/x that an HTTP origin might fold to it: none may pass the rule. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/secret/x",
                "/secre%74/x",
                "/%73ecret/x",
                "//secret/x",
                "/secret//x",
                "/pub/../secret/x",
                "/pub/%2e%2e/secret/x",
                "/pub/..;/secret/x",
                "/./secret/x",
                "/secret;a=b/x",
                "/secret%2Fx",
                "/pub\\..\\secret/x",
                "/pub/%5c..%5csecret/x",
                "/pub/%c0%ae%c0%ae/secret/x",
                "http://other/secret/x",
            })
    void noSpellingGetsAroundARule(String target) {
        var rules = new AccessRules(List.of(
                new Rule(false, new Who.Everyone(), PathPattern.of("/secret/*")),
                new Rule(true, new Who.Everyone(), PathPattern.ALL)));
        var site = new Site(
                "s",
                List.of(),
                "/",
                new SiteOrigin.Http(new HttpOrigin(false, "o", 80)),
                PathRules.NONE,
                rules,
                Set.of(),
                CachePolicy.DEFAULT,
                HeaderRules.NONE,
                false,
                Limits.OFF);
        Target parsed = Target.parse(target);
        assertThat(parsed).isNotNull();
        var located = site.locate(parsed);
        assertThat(located.key() != null && allows(rules, address("1.2.3.4"), located.path(), located.rest()))
                .isFalse();
    }

    @Test
    void rulesSeeTheIndexThatIsServed() {
        var site = new Site(
                "s",
                List.of(),
                "/t/",
                new SiteOrigin.Bucket("b", "", SiteOrigin.Identity.ANONYMOUS),
                PathRules.index("index.html"),
                AccessRules.OPEN,
                Set.of(),
                CachePolicy.DEFAULT,
                HeaderRules.NONE,
                false,
                Limits.OFF);
        Target target = Target.parse("/t/docs/");
        assertThat(target).isNotNull();
        var located = site.locate(target);
        assertThat(located.path()).isEqualTo("/t/docs/index.html");
        assertThat(located.rest()).isEqualTo("docs/index.html");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aPatternMatchesAsTheSameRegularExpressionWould(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            String pattern = text(random, "ab*?/");
            String text = text(random, "ab/");
            String regex = pattern.replace("*", ".*").replace("?", ".");
            assertThat(new Glob(pattern).matches(text))
                    .as("%s on %s", pattern, text)
                    .isEqualTo(Pattern.matches(regex, text));
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
