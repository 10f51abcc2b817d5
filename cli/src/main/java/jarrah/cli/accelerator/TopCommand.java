package jarrah.cli.accelerator;

import jarrah.cli.ServerOption;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code jarrah accelerator top}: what is asked for most. */
@Command(
        name = "top",
        description = "Rank what is asked for, in the spirit of varnishtop. Ctrl-C ends it.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah accelerator top",
            "  jarrah accelerator top --by client --status 4xx",
            "  jarrah accelerator top --by url --handling miss --limit 10000"
        },
        mixinStandardHelpOptions = true)
final class TopCommand implements Callable<Integer> {
    /** Names that are kept; when there are more, the rarest half goes. */
    private static final int MAX_NAMES = 20_000;

    private static final long REDRAW_NANOS = 1_000_000_000L;

    /** What is ranked. */
    enum By {
        url,
        host,
        client,
        site,
        status,
        handling,
        method
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ServerOption server = new ServerOption();

    @Mixin
    private Live live = new Live();

    @Option(
            names = "--by",
            paramLabel = "WHAT",
            description = "One of ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
    private By by = By.url;

    @Option(names = "--rows", paramLabel = "N", description = "Rows to show (default ${DEFAULT-VALUE}).")
    private int rows = 20;

    @Option(names = "--limit", paramLabel = "N", description = "End after so many answers.")
    private long limit;

    private final Map<String, long[]> counts = new HashMap<>();
    private long seen;
    private long drawn = System.nanoTime();

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        live.follow(
                server.client(),
                limit,
                answer -> {
                    count(answer);
                    if (limit == 0 && System.nanoTime() - drawn >= REDRAW_NANOS) {
                        draw(out);
                    }
                },
                _ -> {});
        draw(out);
        return 0;
    }

    private void count(JsonNode answer) {
        seen++;
        long[] count = counts.computeIfAbsent(name(answer), _ -> new long[2]);
        count[0]++;
        count[1] += answer.path("bytes").asLong(0);
        if (counts.size() > MAX_NAMES) {
            ranked().skip(MAX_NAMES / 2).map(Map.Entry::getKey).toList().forEach(counts::remove);
        }
    }

    private String name(JsonNode answer) {
        return LogCommand.visible(
                switch (by) {
                    case url ->
                        answer.path("host").asString("") + answer.path("target").asString("");
                    case status -> Integer.toString(answer.path("status").asInt(0));
                    case host, client, site, handling, method ->
                        answer.path(by.name()).asString("-");
                });
    }

    private java.util.stream.Stream<Map.Entry<String, long[]>> ranked() {
        return counts.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<String, long[]> entry) -> -entry.getValue()[0])
                        .thenComparing(Map.Entry::getKey));
    }

    private void draw(PrintWriter out) {
        drawn = System.nanoTime();
        Live.begin(out);
        out.printf(Locale.ROOT, "%d answers, by %s%n%n%10s %6s %9s  %s%n", seen, by, "ANSWERS", "%", "SENT", "WHAT");
        List<Map.Entry<String, long[]>> top = ranked().limit(rows).toList();
        for (var entry : top) {
            out.printf(
                    Locale.ROOT,
                    "%10d %6.1f %9s  %s%n",
                    entry.getValue()[0],
                    100.0 * entry.getValue()[0] / Math.max(1, seen),
                    Live.size(entry.getValue()[1]),
                    entry.getKey());
        }
        out.flush();
    }
}
