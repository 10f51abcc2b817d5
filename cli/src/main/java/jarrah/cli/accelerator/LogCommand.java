package jarrah.cli.accelerator;

import jarrah.cli.ServerOption;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code jarrah accelerator log}: a line for each answer, as it leaves. */
@Command(
        name = "log",
        description = "Show each answer as it leaves, in the spirit of varnishlog. Ctrl-C ends it.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah accelerator log",
            "  jarrah accelerator log --site downloads --handling miss",
            "  jarrah accelerator log --status 5xx --json",
            "",
            "Columns: time, client, what became of it, status, milliseconds, bytes, site, request."
        },
        mixinStandardHelpOptions = true)
final class LogCommand implements Callable<Integer> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ServerOption server = new ServerOption();

    @Mixin
    private Live live = new Live();

    @Option(names = "--json", description = "Print a JSON object a line.")
    private boolean json;

    @Option(names = "--limit", paramLabel = "N", description = "End after so many.")
    private long limit;

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        live.follow(
                server.client(),
                limit,
                answer -> {
                    out.println(json ? answer.toString() : line(answer));
                    out.flush();
                },
                note -> {
                    if (!note.isEmpty() && !json) {
                        out.println("-- " + note);
                        out.flush();
                    }
                });
        return 0;
    }

    private static String line(JsonNode answer) {
        return String.format(
                Locale.ROOT,
                "%s %-15s %-7s %3d %9.2f %8s %-14s %s %s%s%s",
                TIME.format(Instant.ofEpochMilli(answer.path("millis").asLong(0))),
                answer.path("client").asString("-"),
                answer.path("handling").asString("-"),
                answer.path("status").asInt(0),
                answer.path("micros").asLong(0) / 1e3,
                Live.size(answer.path("bytes").asLong(0)),
                answer.path("site").asString("-"),
                visible(answer.path("method").asString("-")),
                visible(answer.path("host").asString("")),
                visible(answer.path("target").asString("-")),
                answer.path("whole").asBoolean(true) ? "" : "  (broke off)");
    }

    /** What a client wrote may hold what a terminal would obey. */
    static String visible(String text) {
        var shown = new StringBuilder(text.length());
        text.chars().forEach(c -> shown.append(c < ' ' || c == 0x7f || (c >= 0x80 && c < 0xa0) ? '?' : (char) c));
        return shown.toString();
    }
}
