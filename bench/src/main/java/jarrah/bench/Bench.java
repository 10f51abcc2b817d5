package jarrah.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Measures Jarrah beside nginx, Varnish and the usual tools in one run and writes {@code docs/benchmarks.md}: {@code ./jarrah bench}.
 *
 * <p>The figure to trust is processor time per request, read from the kernel's account of the server's processes; passes
 * over the servers alternate, so that what else happens on the machine falls on all.
 */
public final class Bench {
    private Bench() {}

    /** Arguments: {@code [--quick] [--only start|gets|caches|peers|puts|bundles|machines] [--keys N] [--output FILE]}. */
    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        boolean quick = given.contains("--quick");
        Path output = Path.of(value(given, "--output", "docs/benchmarks.md"));
        String only = value(given, "--only", "");
        long keys = Long.parseLong(value(given, "--keys", quick ? "20000" : "1000000"));
        Path directory = Files.createTempDirectory("jarrah-bench");
        var report = new Report(String.join(" ", given));
        try (var servers = new Servers(directory)) {
            // Written after each part: a run that is cut short has shown something all the same.
            if (only.isEmpty() || only.equals("start")) {
                new StartAndIdle(servers, directory, quick).run(report);
                Files.writeString(output, report.text());
            }
            if (only.isEmpty() || only.equals("gets")) {
                new CachedHits(servers, directory, quick).run(report);
                Files.writeString(output, report.text());
            }
            if (only.isEmpty() || only.equals("caches")) {
                new CacheBehaviour(servers, directory, quick).run(report);
                Files.writeString(output, report.text());
            }
            if (only.isEmpty() || only.equals("peers")) {
                new S3Peers(servers, directory, quick).run(report);
                Files.writeString(output, report.text());
            }
            if (only.isEmpty() || only.equals("puts")) {
                new Puts(servers, directory, quick, keys).run(report);
                Files.writeString(output, report.text());
            }
            if (only.isEmpty() || only.equals("bundles")) {
                new Bundles(directory, quick).run(report);
                Files.writeString(output, report.text());
            }
            if (only.isEmpty() || only.equals("machines")) {
                new MachineBoots(servers, directory, quick).run(report);
                Files.writeString(output, report.text());
            }
        } finally {
            delete(directory);
        }
        System.out.println(report.text());
    }

    private static String value(List<String> given, String option, String otherwise) {
        int at = given.indexOf(option);
        return at < 0 || at + 1 == given.size() ? otherwise : given.get(at + 1);
    }

    static String number(double value) {
        return value >= 100 ? String.format(Locale.ROOT, "%.0f", value) : String.format(Locale.ROOT, "%.1f", value);
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
