package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jarrah kms} as a person uses it, against a region. */
class KmsCommandTest {
    private String url = "";

    /** Exit code, a blank, and what was said. */
    private String kms(String... words) throws Exception {
        List<String> command =
                Region.jarrah(Stream.concat(Stream.of("kms"), Stream.of(words)).toArray(String[]::new));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("AWS_ENDPOINT_URL", url);
        builder.environment().put("AWS_ACCESS_KEY_ID", Region.ACCESS_KEY_ID);
        builder.environment().put("AWS_SECRET_ACCESS_KEY", Region.SECRET);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + " " + text;
    }

    @Test
    void aKeyIsMadeUsedAndDeleted(@TempDir Path directory) throws Exception {
        try (Region region = Region.start(directory.resolve("data"))) {
            url = region.api().toString();
            String made = kms("create", "--alias", "archive", "--description", "for the archive");
            assertThat(made)
                    .matches("0 KEY\\t[0-9a-f-]{36}\\tarn:aws:kms:[^\\n]*\\nALIAS\\talias/archive\\t[0-9a-f-]{36}\\n");
            String id = made.split("\\t")[1];
            assertThat(kms("list")).contains("KEY\t" + id + "\tEnabled\tCUSTOMER\talias/archive\tfor the archive\n");
            String sealed = kms("encrypt", "alias/archive", "a password", "--context", "for=tests");
            assertThat(sealed).startsWith("0 ").doesNotContain("password");
            String blob = sealed.substring(2).strip();
            assertThat(kms("rotate", "alias/archive")).isEqualTo("0 ");
            assertThat(kms("decrypt", blob, "--context", "for=tests")).isEqualTo("0 a password\n");
            assertThat(kms("decrypt", blob)).startsWith("1 jarrah: Decrypt failed: InvalidCiphertextException");
            assertThat(kms("disable", "alias/archive")).isEqualTo("0 ");
            assertThat(kms("encrypt", "alias/archive", "more"))
                    .startsWith("1 jarrah: Encrypt failed: DisabledException");
            assertThat(kms("enable", "alias/archive")).isEqualTo("0 ");
            assertThat(kms("delete", "alias/archive", "--days", "7")).startsWith("0 DELETION\t");
            assertThat(kms("describe", id))
                    .contains("KeyState\tPendingDeletion\n")
                    .contains("DeletionDate\t20");
            assertThat(kms("keep", id)).isEqualTo("0 ");
            assertThat(kms("describe", id)).contains("KeyState\tDisabled\n");
            assertThat(kms("alias", "archive", "--delete")).isEqualTo("0 ");
            assertThat(kms("describe", "alias/archive")).startsWith("1 jarrah: DescribeKey failed: NotFoundException");
            assertThat(kms()).startsWith("2 Usage: jarrah kms");
            assertThat(kms("delete", "--help")).contains("7 to 30");
        }
    }
}
