package jarrah.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.accelerator.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CloudConfigTest {
    private static final Path DATA = Path.of("/data");

    @Test
    void noFileIsNeeded() {
        CloudConfig config = CloudConfig.load(DATA, null, Map.of(), Map.of());
        assertThat(config.region()).isEqualTo("us-east-1");
        assertThat(config.apiPort()).isEqualTo(8773);
        assertThat(config.acceleratorPort()).isEqualTo(8080);
        assertThat(config.consolePort()).isEqualTo(8774);
        assertThat(config.s3().bucketAcls()).isTrue();
        assertThat(config.keyFile()).isEqualTo(DATA.resolve("secret.key"));
    }

    @Test
    void theCommandLineWinsOverTheEnvironmentAndThatOverTheFile(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(
                directory.resolve("c.yaml"), "region: eu-west-1\napi: {port: 1}\nconsole: {port: 2}\n");
        CloudConfig config = CloudConfig.load(
                DATA, file, Map.of(Setting.API_PORT, "3"), Map.of("JARRAH_API_PORT", "4", "JARRAH_CONSOLE_PORT", "5"));
        assertThat(config.region()).isEqualTo("eu-west-1");
        assertThat(config.apiPort()).isEqualTo(3);
        assertThat(config.consolePort()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "regoin: x | c.yaml:1:1 | region",
                "api: {prot: 1} | c.yaml:1:7 | port",
                "api: {port: 70000} | c.yaml:1:13 | 65",
                "api: {port: eight} | c.yaml:1:13 | number",
                "region: Über | c.yaml:1:9 | a-z",
                "storage: {verify: never} | c.yaml:1:19 | first-read",
                "s3: {domains: [UPPER.example]} | c.yaml:1:16 | lower case",
                "s3: {replication: {endpoints: [{name: a, s3: http://h, buckets: b}]}} | c.yaml:1:32 | credentials",
                "s3: {replication: {endpoints: [{name: a, s3: http://h/p, buckets: b, credentials: env}]}} | c.yaml:1:46 | URL",
                "s3: {replication: {endpoints: [{name: a, s3: http://h, buckets: [B], credentials: env}]}} | c.yaml:1:66 | backup-*",
                "region: [a | c.yaml | ]",
                "region: a\\nregion: b | c.yaml:2 | region"
            })
    void whatCannotBeMeantIsOneLineWithPlaceAndRemedy(String text, String place, String remedy, @TempDir Path directory)
            throws IOException {
        Path file = Files.writeString(directory.resolve("c.yaml"), text.replace("\\n", "\n"));
        assertThatThrownBy(() -> CloudConfig.load(DATA, file, Map.of(), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(place)
                .hasMessageContaining(remedy)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void otherEndpointsHaveNamesOfBuckets(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("c.yaml"), """
                s3:
                  replication:
                    endpoints:
                      - {name: aws, s3: "https://s3.us-west-1.amazonaws.com", buckets: [backup-*, one], credentials: env}
                      - {name: ceph, s3: "http://10.0.0.7:7480", buckets: more, accounts: ["000000000001"], credentials: role}
                """);
        var endpoints = CloudConfig.load(DATA, file, Map.of(), Map.of()).replication();
        assertThat(endpoints).extracting(one -> one.at().region()).containsExactly("us-west-1", "us-east-1");
        assertThat(endpoints).extracting(one -> one.at().pathStyle()).containsExactly(false, true);
        assertThat(endpoints.getFirst().has("backup-1")).isTrue();
        assertThat(endpoints.getFirst().has("ones")).isFalse();
        assertThat(endpoints.getLast().accounts()).containsExactly("000000000001");
    }

    @Test
    void beyondLoopbackTheDefaultsOfBucketsMustBeChosen() {
        assertThatThrownBy(() -> CloudConfig.load(DATA, null, Map.of(Setting.LISTEN, "0.0.0.0"), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("--s3-bucket-defaults");
        assertThat(CloudConfig.load(
                                DATA,
                                null,
                                Map.of(Setting.LISTEN, "0.0.0.0", Setting.S3_BUCKET_DEFAULTS, "aws"),
                                Map.of())
                        .s3()
                        .bucketAcls())
                .isFalse();
    }

    @Test
    void everySettingStandsInTheManual() throws IOException {
        String manual = Files.readString(Path.of("..", "docs", "configuration.md"));
        for (Setting setting : Setting.values()) {
            assertThat(manual)
                    .contains("| `" + setting.key() + "` | `" + setting.environment() + "` |")
                    .contains(setting.help());
        }
    }
}
