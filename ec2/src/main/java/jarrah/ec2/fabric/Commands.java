package jarrah.ec2.fabric;

import jarrah.ec2.fabric.Part.Command;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs {@code ip} and {@code nft}: many lines with one process, since starting one costs more than what it does. */
final class Commands {
    private static final int PATIENCE_SECONDS = 60;

    private Commands() {}

    /**
     * Runs lines of {@code ip -batch}, one process for each namespace, the namespaces in the order of their first line.
     *
     * @param forgiving go on after a line that fails: what was to be removed may be gone
     */
    static void ip(List<Command> commands, boolean forgiving) throws IOException {
        Map<String, StringBuilder> batches = new LinkedHashMap<>();
        for (Command command : commands) {
            batches.computeIfAbsent(command.namespace(), _ -> new StringBuilder())
                    .append(command.line())
                    .append('\n');
        }
        for (var batch : batches.entrySet()) {
            var line = new ArrayList<>(List.of("ip"));
            if (!batch.getKey().isEmpty()) {
                line.addAll(List.of("-netns", batch.getKey()));
            }
            if (forgiving) {
                line.add("-force");
            }
            line.addAll(List.of("-batch", "-"));
            run(line, batch.getValue().toString(), forgiving);
        }
    }

    /** Loads rules in a namespace as one change; the host's own is the empty name. */
    static void nft(String namespace, String text) throws IOException {
        var line = new ArrayList<String>();
        if (!namespace.isEmpty()) {
            line.addAll(new NetworkNamespace(namespace).prefix());
        }
        line.addAll(List.of("nft", "-f", "-"));
        run(line, text, false);
    }

    /** Runs a command to its end and gives what it wrote. */
    static String run(List<String> line, String input, boolean forgiving) throws IOException {
        var builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        // The watch ends a process that hangs, and with it the reading below.
        var watch = Thread.ofVirtual().start(() -> endLate(process));
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended before it had read all: its own words below say why.
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            int status = process.waitFor();
            watch.interrupt();
            if (status != 0 && !forgiving) {
                throw new IOException(String.join(" ", line) + " ended with " + status + ": " + output.strip());
            }
            return output;
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + line.getFirst(), e);
        }
    }

    private static void endLate(Process process) {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            // It ended in time.
        }
    }
}
