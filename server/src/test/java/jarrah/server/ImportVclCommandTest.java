package jarrah.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ImportVclCommandTest {
    private static final String PROGRAM = "vcl 4.1;\nbackend a { .host = \"a.example.com\"; }\n";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path directory;

    private int run(String... arguments) {
        return new CommandLine(new ImportVclCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private String program(String more) throws IOException {
        return Files.writeString(directory.resolve("default.vcl"), PROGRAM + more)
                .toString();
    }

    @Test
    void sitesGoToTheOutputAndRemarksToTheErrors() throws IOException {
        assertThat(run(program(""))).isZero();
        assertThat(out.toString()).startsWith("# From default.vcl.\nsites:\n");
        assertThat(err.toString()).startsWith("note: ").doesNotContain("not carried over");
    }

    @Test
    void whatIsLeftIsToldWithItsLine() throws IOException {
        assertThat(run(program("sub vcl_recv {\n    return (restart);\n}\n"))).isEqualTo(3);
        assertThat(out.toString()).contains("sites:");
        assertThat(err.toString())
                .contains("default.vcl:4: return (restart);" + System.lineSeparator() + "    not carried over: ");
    }

    @Test
    void aFileThatIsThereIsLeftAsItIs() throws IOException {
        Path output = directory.resolve("sites.yaml");
        assertThat(run(program(""), "--output", output.toString())).isZero();
        String written = Files.readString(output);
        assertThat(written).contains("http://a.example.com");
        assertThat(run(program("sub vcl_recv { return (synth(404)); }"), "--output", output.toString()))
                .isEqualTo(1);
        assertThat(run(program(""), "--output", output.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("there is a file");
        assertThat(Files.readString(output)).isEqualTo(written);
    }

    @Test
    void whatIsNoProgramIsOneLine() throws IOException {
        assertThat(run(program("sub {"))).isEqualTo(1);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString())
                .isEqualTo("jarrah: default.vcl:3: a name is expected, not `{`" + System.lineSeparator());
    }
}
