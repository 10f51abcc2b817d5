package jarrah.accelerator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StrictConfigurationTest {
    private static ConfigNode node(String text) {
        return ConfigNode.parse("jarrah.yaml", text);
    }

    private static void refused(String text, Consumer<ConfigNode> reader, String message) {
        assertThatThrownBy(() -> reader.accept(node(text)))
                .isInstanceOf(ConfigException.class)
                .hasMessage(message);
    }

    @Test
    void valuesAreReadByType() {
        var root = node("""
                api: {port: 8773, strict-region: true}
                region: us-east-1
                hosts: [a, "b"]
                one: c
                empty:
                """);
        assertThat(root.require("api")
                        .only("port", "strict-region")
                        .require("port")
                        .integer(0, 65_535))
                .isEqualTo(8773);
        assertThat(root.require("api").require("strict-region").bool()).isTrue();
        assertThat(root.require("region").string()).isEqualTo("us-east-1");
        assertThat(root.require("hosts").list()).extracting(ConfigNode::string).containsExactly("a", "b");
        assertThat(root.require("one").oneOrMany())
                .extracting(ConfigNode::string)
                .containsExactly("c");
        assertThat(root.get("empty")).isNull();
        assertThat(root.get("missing")).isNull();
        assertThat(root.map()).containsOnlyKeys("api", "region", "hosts", "one", "empty");
        assertThat(root.require("hosts").where()).isEqualTo("jarrah.yaml:3:8");
    }

    @ParameterizedTest
    @CsvSource({"500ms,500", "30s,30000", "10m,600000", "1h,3600000", "7d,604800000", "1.5h,5400000", "0,0"})
    void durationsCarryTheirUnit(String text, long millis) {
        assertThat(node("ttl: " + text).require("ttl").duration()).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"10", "m", "-1s", "1 m", "1.m2", "1w", "1e3s", "99999999999999999999d", "0.5ms", "'10m'", "[1s]"
            })
    void otherDurationsAreRefused(String text) {
        assertThatThrownBy(() -> node("ttl: " + text).require("ttl").duration())
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("jarrah.yaml:1:6: expected a duration");
    }

    @ParameterizedTest
    @CsvSource({"4096,4096", "64KiB,65536", "1.5MiB,1572864", "2GB,2000000000", "1TiB,1099511627776", "0,0"})
    void sizesCarryTheirUnit(String text, long bytes) {
        assertThat(node("limit: " + text).require("limit").bytes()).isEqualTo(bytes);
    }

    @Test
    void anUnknownKeyNamesItsPlaceAndWhatIsAllowed() {
        refused(
                "cache:\n  ttl: 1m\n  grase: 1h\n",
                root -> root.require("cache").only("ttl", "keep", "grace"),
                "jarrah.yaml:3:3: unknown key `grase`; allowed: grace, keep, ttl; did you mean `grace`?");
        refused("a: 1", root -> root.only("region"), "jarrah.yaml:1:1: unknown key `a`; allowed: region");
    }

    @Test
    void aKeyGivenTwiceIsRefusedAtItsSecondPlace() {
        refused("a: 1\nb: 2\na: 3\n", root -> {}, "jarrah.yaml:3:1: `a` is given twice");
    }

    @Test
    void aWrongTypeIsOneClearLine() {
        refused("a: yes", root -> root.require("a").bool(), "jarrah.yaml:1:4: expected true or false, found `yes`");
        refused(
                "a: '1'",
                root -> root.require("a").integer(0, 9),
                "jarrah.yaml:1:4: expected a whole number without quotes, found \"1\"");
        refused(
                "a: 12",
                root -> root.require("a").integer(0, 9),
                "jarrah.yaml:1:4: expected a whole number from 0 to 9, found `12`");
        refused("a: [1, 2]", root -> root.require("a").string(), "jarrah.yaml:1:4: expected text, found a list of 2");
        refused("a: {b: c}", root -> root.require("a").list(), "jarrah.yaml:1:4: expected a list, found a map");
        refused(
                "a: b",
                root -> root.require("a").map(),
                "jarrah.yaml:1:4: expected a map of keys and values, found `b`");
        refused(
                "a: kat",
                root -> root.require("a").oneOf("cat", "dog"),
                "jarrah.yaml:1:4: `kat` is not allowed; allowed: cat, dog; did you mean `cat`?");
        refused("a:", root -> root.require("a"), "jarrah.yaml:1:1: `a` is missing");
    }

    @Test
    void whatIsNotYamlNamesItsPlace() {
        assertThatThrownBy(() -> node("a: [1, 2\nb: 3"))
                .hasMessageStartingWith("jarrah.yaml:2:")
                .hasMessageContaining("not YAML");
        assertThatThrownBy(() -> node("a: !!java.lang.String x")).hasMessageContaining("tags such as");
        assertThatThrownBy(() -> node("a: 1\n---\nb: 2")).hasMessageContaining("a second document");
        assertThatThrownBy(() -> node("[a]: 1")).hasMessageContaining("a key must be text");
    }

    @Test
    void hostileNestingAndAliasesAreBounded() {
        assertThatThrownBy(() -> node("[".repeat(100_000))).hasMessageContaining("nested deeper than 32");
        assertThatThrownBy(() -> node("a: &a [*a]")).hasMessageContaining("before the end of its anchor");
        assertThatThrownBy(() -> node("a: &a x\nb: [" + "*a, ".repeat(1001) + "]"))
                .hasMessageContaining("aliases");
        assertThat(node("a: &a [x]\nb: *a").require("b").list()).hasSize(1);
    }

    @Test
    void anEmptyFileIsAnEmptyMap(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("empty.yaml");
        Files.writeString(file, "# nothing\n");
        assertThat(ConfigNode.read(file).only("a").map()).isEmpty();
        assertThatThrownBy(() -> ConfigNode.read(directory.resolve("none.yaml")))
                .hasMessageContaining("no such file");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, (byte) 0xc0});
        assertThatThrownBy(() -> ConfigNode.read(file)).hasMessageContaining("is not UTF-8");
    }

    @Test
    void anOptionIsReadByTheSameTypes() {
        assertThat(ConfigNode.value("--api-port", "99").integer(0, 100)).isEqualTo(99);
        assertThatThrownBy(() -> ConfigNode.value("--api-port", "x").integer(0, 100))
                .hasMessage("--api-port: expected a whole number from 0 to 100, found `x`");
    }
}
