package jarrah.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** The page of figures, as it grows. */
final class Report {
    private final StringBuilder text = new StringBuilder();
    private final String arguments;

    /** @param arguments of the command that measures, for whoever repeats it */
    Report(String arguments) {
        this.arguments = arguments;
    }

    void section(String title, String explanation) {
        text.append("\n## ").append(title).append("\n\n").append(explanation).append("\n\n");
    }

    void row(String... cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    void header(String... cells) {
        row(cells);
        row(java.util.Collections.nCopies(cells.length, "---").toArray(String[]::new));
    }

    String text() throws IOException {
        String model = Files.readString(Path.of("/proc/cpuinfo"))
                .lines()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse("unknown processor");
        return """
                # Benchmarks

                Made by `./jarrah bench%s` on %s, %d processors (%s), Java %s. Processor time is what the kernel charged to the server's
                processes, user and system together, divided by the requests answered; it includes what the kernel does for them. The
                load generator (wrk, one thread, 16 connections) runs on the same machine. Compare ratios within a table: machines differ.
                %s""".formatted(
                        arguments.isEmpty() ? "" : " " + arguments,
                        LocalDate.now(ZoneOffset.UTC),
                        Runtime.getRuntime().availableProcessors(),
                        model,
                        Runtime.version(),
                        text);
    }
}
