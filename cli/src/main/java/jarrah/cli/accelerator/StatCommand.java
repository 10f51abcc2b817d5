package jarrah.cli.accelerator;

import jarrah.cli.AdminClient;
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

/** {@code jarrah accelerator stat}: the counters. */
@Command(
        name = "stat",
        description = "Show what was counted since the start, or with --watch what happens each second.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah accelerator stat",
            "  jarrah accelerator stat --watch 1",
            "  jarrah accelerator stat --json",
            "",
            "HIT% is of all requests that were not refused. JOINED misses waited for the fetch of another;",
            "PASSED ones were answered by the origin for that request alone. LEASE: `leased` while the store's changes are",
            "followed, `lost` while every hit is revalidated instead, `by time` where the store does not tell of them."
        },
        mixinStandardHelpOptions = true)
final class StatCommand implements Callable<Integer> {
    private static final String[] COUNTS = {
        "hits", "graceHits", "misses", "joined", "passes", "refusals", "fetches", "fetchFailures", "bytesSent"
    };

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ServerOption server = new ServerOption();

    @Option(names = "--json", description = "Print the counters as JSON.")
    private boolean json;

    @Option(names = "--watch", paramLabel = "SECONDS", description = "Show rates anew so often, until Ctrl-C.")
    private int watch;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        var client = server.client();
        JsonNode before = stat(client);
        if (watch <= 0) {
            out.print(json ? before.toPrettyString() + "\n" : table(before, null, 1));
            out.flush();
            return 0;
        }
        while (true) {
            Thread.sleep(watch * 1_000L);
            JsonNode now = stat(client);
            if (json) {
                out.println(now);
            } else {
                Live.begin(out);
                out.print(table(now, before, watch));
            }
            out.flush();
            before = now;
        }
    }

    private static JsonNode stat(AdminClient client) {
        return client.call("GET", "/accelerator/stat", Live.JSON.createObjectNode());
    }

    /** How far what is known of the changes of stores elsewhere lies behind them. */
    private static void leases(StringBuilder text, JsonNode leases) {
        if (leases.isEmpty()) {
            return;
        }
        String row = "%-20s %-8s %8s %8s %9s  %s%n";
        text.append(String.format(Locale.ROOT, "%n" + row, "SITE", "LEASE", "AGE", "LAPSES", "CHANGES", ""));
        for (var lease : leases.properties()) {
            long age = lease.getValue().path("ageMillis").asLong(-1);
            text.append(String.format(
                    Locale.ROOT,
                    row,
                    lease.getKey(),
                    lease.getValue().path("state").asString(""),
                    age < 0 ? "-" : age + " ms",
                    lease.getValue().path("lapses").asLong(0),
                    lease.getValue().path("changes").asLong(0),
                    lease.getValue().path("trouble").asString("")));
        }
    }

    /** @param before to show the rates since then; null to show the counts themselves */
    static String table(JsonNode now, @Nullable JsonNode before, int seconds) {
        var text = new StringBuilder();
        String row = "%-20s %6s %10s %8s %10s %8s %9s %9s %9s %7s %9s%n";
        text.append(String.format(
                Locale.ROOT,
                row,
                before == null ? "SITE" : "SITE (per second)",
                "HIT%",
                "HITS",
                "GRACE",
                "MISSES",
                "JOINED",
                "PASSED",
                "REFUSED",
                "FETCHES",
                "FAILED",
                "SENT"));
        for (var site : now.path("sites").properties()) {
            var counts = new long[COUNTS.length];
            for (int i = 0; i < COUNTS.length; i++) {
                long then = before == null
                        ? 0
                        : before.path("sites")
                                .path(site.getKey())
                                .path(COUNTS[i])
                                .asLong(0);
                counts[i] = (site.getValue().path(COUNTS[i]).asLong(0) - then) / seconds;
            }
            long answered = counts[0] + counts[2] + counts[4];
            text.append(String.format(
                    Locale.ROOT,
                    row,
                    site.getKey(),
                    answered == 0 ? "-" : String.format(Locale.ROOT, "%.1f", 100.0 * counts[0] / answered),
                    counts[0],
                    counts[1],
                    counts[2],
                    counts[3],
                    counts[4],
                    counts[5],
                    counts[6],
                    counts[7],
                    Live.size(counts[8])));
        }
        leases(text, now.path("leases"));
        JsonNode store = now.path("store");
        text.append(String.format(
                Locale.ROOT,
                "%nstored %d answers, %s in memory, %s in files; %d evicted; %d fetches under way; %d requests of no site%n",
                store.path("entries").asLong(0),
                Live.size(store.path("memoryBytes").asLong(0)),
                Live.size(store.path("fileBytes").asLong(0)),
                store.path("evictions").asLong(0),
                now.path("fetching").asLong(0),
                now.path("unroutable").asLong(0)));
        return text.toString();
    }
}
