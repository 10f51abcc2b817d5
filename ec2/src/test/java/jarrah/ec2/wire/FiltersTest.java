package jarrah.ec2.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import jarrah.aws.RequestId;
import jarrah.ec2.compute.Ec2Exception;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filters of Describe actions. */
class FiltersTest {
    private record Thing(String name, Optional<String> kernel, List<String> ports, Map<String, String> tags) {}

    private static final Thing WEB =
            new Thing("web", Optional.of("aki-1"), List.of("80", "443"), Map.of("Role", "front", "Empty", ""));
    private static final Thing BACK = new Thing("back", Optional.empty(), List.of("5432"), Map.of("Role", "back"));

    private final Filters<Thing> filters = new Filters<>(Thing::tags)
            .by("name", Thing::name)
            .byOptional("kernel-id", Thing::kernel)
            .byAny("port", Thing::ports);

    private List<Thing> apply(String... namesAndValues) {
        var parameters = new ArrayList<String>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            String filter = "Filter." + (i / 2 + 1);
            parameters.addAll(List.of(filter + ".Name", namesAndValues[i]));
            String[] values = namesAndValues[i + 1].split("\\|", -1);
            for (int v = 0; v < values.length; v++) {
                parameters.addAll(List.of(filter + ".Value." + (v + 1), values[v]));
            }
        }
        var request = Calls.request("Describe", parameters.toArray(String[]::new));
        return filters.apply(new Ec2Call(request, "", Calls.CALLER, RequestId.query()), List.of(WEB, BACK));
    }

    @Test
    void valuesOfAFilterAreAlternativesAndFiltersMustAllHold() {
        assertThat(apply()).containsExactly(WEB, BACK);
        assertThat(apply("name", "web|back")).containsExactly(WEB, BACK);
        assertThat(apply("name", "web|back", "port", "5432")).containsExactly(BACK);
        assertThat(apply("name", "web", "port", "5432")).isEmpty();
        assertThat(apply("port", "443")).containsExactly(WEB);
        assertThat(apply("kernel-id", "*")).containsExactly(WEB);
        assertThat(apply("name", "WEB")).isEmpty();
    }

    @Test
    void tagsAreFilteredByKeyByValueAndByBoth() {
        assertThat(apply("tag:Role", "front")).containsExactly(WEB);
        assertThat(apply("tag:Role", "*")).containsExactly(WEB, BACK);
        assertThat(apply("tag:Empty", "")).containsExactly(WEB);
        assertThat(apply("tag:Missing", "*")).isEmpty();
        assertThat(apply("tag-key", "Empty|Missing")).containsExactly(WEB);
        assertThat(apply("tag-value", "back")).containsExactly(BACK);
    }

    @Test
    void anUnknownFilterIsAnErrorAndSoAreTooManyValues() {
        assertThatThrownBy(() -> apply("colour", "red"))
                .isInstanceOfSatisfying(
                        Ec2Exception.class, e -> assertThat(e.code()).isEqualTo("InvalidParameterValue"))
                .hasMessageContaining("colour");
        assertThatThrownBy(() -> apply("name", "x|".repeat(200))).hasMessageContaining("200");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "web, web, true",
                "web, web1, false",
                "w?b, web, true",
                "w?b, wb, false",
                "*, '', true",
                "?, '', false",
                "*eb, web, true",
                "w*b*, wxxbyy, true",
                "w*b, wbxb, true",
                "w*b, wbx, false",
                "'a\\*b', a*b, true",
                "'a\\*b', axb, false",
                "'a\\?', a?, true",
                "'a\\?', ab, false",
                "'a\\\\', 'a\\', true",
                "'*\\**', 'x*y', true",
                "'*\\**', 'xy', false",
                "a.c, abc, false",
            })
    void starsQuestionMarksAndBackslashes(String pattern, String value, boolean fits) {
        assertThat(Filters.matches(pattern, value)).isEqualTo(fits);
    }

    @Test
    void noPatternIsExpensive() {
        String pattern = "*a".repeat(100) + "b";
        assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> assertThat(Filters.matches(pattern, "a".repeat(20_000))).isFalse());
    }
}
