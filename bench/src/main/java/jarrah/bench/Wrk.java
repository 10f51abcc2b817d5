package jarrah.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs wrk, the load generator of Debian's package. */
final class Wrk {
    private static final Pattern REQUESTS = Pattern.compile("([0-9]+) requests in");
    private static final Pattern P99 = Pattern.compile("99%\\s+([0-9.]+)(us|ms|s)");
    private static final Pattern FAILED = Pattern.compile("Non-2xx or 3xx responses|Socket errors");

    private Wrk() {}

    /**
     * What a run did.
     *
     * @param requests answered
     * @param p99Micros 99th percentile of the latency, microseconds
     */
    record Run(long requests, double p99Micros) {}

    /** Asks for one URL over and over. */
    static Run get(String url, int connections, int seconds, String... headers)
            throws IOException, InterruptedException {
        var command = new java.util.ArrayList<>(
                List.of("wrk", "-t", "1", "-c", Integer.toString(connections), "-d", seconds + "s", "--latency"));
        for (String header : headers) {
            command.addAll(List.of("-H", header));
        }
        command.add(url);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(seconds + 30L, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException("wrk failed: " + output);
        }
        Matcher requests = REQUESTS.matcher(output);
        Matcher p99 = P99.matcher(output);
        if (!requests.find() || !p99.find() || FAILED.matcher(output).find()) {
            throw new IOException("wrk did not get what it asked for at " + url + ": " + output);
        }
        double factor = switch (p99.group(2)) {
            case "us" -> 1;
            case "ms" -> 1_000;
            default -> 1_000_000;
        };
        return new Run(Long.parseLong(requests.group(1)), Double.parseDouble(p99.group(1)) * factor);
    }
}
