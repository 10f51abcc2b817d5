package jarrah.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A process that is an accelerator alone.
 *
 * @param data its directory
 * @param urls the base URLs of its sites, the one with TLS last
 * @param operations the base URL of its operations port
 */
record Node(Process process, Path data, List<String> urls, String operations) implements AutoCloseable {
    private static final Pattern UP = Pattern.compile("The accelerator is up: (.*), sites of ");
    private static final Pattern OPERATIONS = Pattern.compile("^  operations\\s+(\\S+)");

    /** Starts one whose configuration is {@code s3://private/accelerator.yaml} of that region. */
    static Node start(Path data, Region region) throws IOException {
        return start(
                data,
                "s3://private/accelerator.yaml",
                Map.of("AWS_ACCESS_KEY_ID", Region.ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY", Region.SECRET),
                "--endpoint",
                region.api().toString());
    }

    /** Starts one on free ports; returns when it answers. */
    static Node start(Path data, String config, Map<String, String> environment, String... more) throws IOException {
        return startOn(0, 0, data, config, environment, more);
    }

    /** Starts one on those ports, of the sites and of operations; returns when it answers. */
    static Node startOn(
            int port, int consolePort, Path data, String config, Map<String, String> environment, String... more)
            throws IOException {
        String[] options = {
            "accelerator",
            "--config",
            config,
            "--data",
            data.toString(),
            "--port",
            Integer.toString(port),
            "--console-port",
            Integer.toString(consolePort)
        };
        var builder = new ProcessBuilder(Region.jarrah(
                        Stream.of(options, more).flatMap(Stream::of).toArray(String[]::new)))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        Process process = builder.start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        List<String> urls = List.of();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Matcher up = UP.matcher(line);
            if (up.find()) {
                urls = List.of(up.group(1).split(", "));
            }
            Matcher operations = OPERATIONS.matcher(line);
            if (operations.find()) {
                return new Node(process, data, urls, operations.group(1));
            }
        }
        throw new IOException("the node did not come up");
    }

    /** The base URL of its sites, without TLS. */
    String url() {
        return urls.getFirst();
    }

    /** Runs {@code jarrah accelerator ...} on it; the exit code, a space, and what was said. */
    String tool(String... arguments) throws IOException, InterruptedException {
        String[] all = Stream.of(new String[] {"accelerator"}, arguments, new String[] {"--data", data.toString()})
                .flatMap(Stream::of)
                .toArray(String[]::new);
        Process run =
                new ProcessBuilder(Region.jarrah(all)).redirectErrorStream(true).start();
        String text = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return run.waitFor() + " " + text;
    }

    /** As kill -9. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
