package jarrah.cli.accelerator;

import jarrah.cli.ServerOption;
import java.io.PrintWriter;
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

/** {@code jarrah accelerator hist}: how long answers take. */
@Command(
        name = "hist",
        description = "Draw how long answers take, in the spirit of varnishhist: | a hit, # anything else.",
        footerHeading = "%nExamples:%n",
        footer = {"  jarrah accelerator hist", "  jarrah accelerator hist --site downloads --limit 10000"},
        mixinStandardHelpOptions = true)
final class HistCommand implements Callable<Integer> {
    /** Four rows for each power of ten, from 10 microseconds to 100 seconds. */
    private static final int PER_DECADE = 4;

    private static final int DECADES = 7;
    private static final int WIDTH = 60;
    private static final long REDRAW_NANOS = 1_000_000_000L;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ServerOption server = new ServerOption();

    @Mixin
    private Live live = new Live();

    @Option(names = "--limit", paramLabel = "N", description = "End after so many answers.")
    private long limit;

    private final long[] hits = new long[PER_DECADE * DECADES];
    private final long[] others = new long[PER_DECADE * DECADES];
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
        String handling = answer.path("handling").asString("");
        long[] counts = handling.equals("hit") || handling.equals("grace") ? hits : others;
        counts[row(answer.path("micros").asLong(0))]++;
    }

    /** The row of a time: the first holds all up to 10 microseconds, the last all from there on. */
    static int row(long micros) {
        double decades = Math.log10((double) Math.max(1, micros)) - 1;
        return Math.clamp((long) Math.floor(decades * PER_DECADE) + 1, 0, PER_DECADE * DECADES - 1);
    }

    /** The longest time of a row, microseconds. */
    static double limitMicros(int row) {
        return Math.pow(10, 1 + (double) row / PER_DECADE);
    }

    private void draw(PrintWriter out) {
        drawn = System.nanoTime();
        long most = 1;
        int first = hits.length;
        int last = 0;
        for (int i = 0; i < hits.length; i++) {
            long all = hits[i] + others[i];
            most = Math.max(most, all);
            if (all > 0) {
                first = Math.min(first, i);
                last = i;
            }
        }
        Live.begin(out);
        out.printf(Locale.ROOT, "%d answers; | hit, # other; time up to%n%n", seen);
        for (int i = first; i <= last && first < hits.length; i++) {
            int left = (int) (hits[i] * WIDTH / most);
            int right = (int) (others[i] * WIDTH / most);
            out.printf(
                    Locale.ROOT,
                    "%10s %s%s %d%n",
                    time(limitMicros(i)),
                    "|".repeat(left),
                    "#".repeat(right),
                    hits[i] + others[i]);
        }
        out.flush();
    }

    private static String time(double micros) {
        if (micros < 1_000) {
            return String.format(Locale.ROOT, "%.0f us", micros);
        }
        return micros < 1e6
                ? String.format(Locale.ROOT, "%.1f ms", micros / 1e3)
                : String.format(Locale.ROOT, "%.1f s", micros / 1e6);
    }
}
