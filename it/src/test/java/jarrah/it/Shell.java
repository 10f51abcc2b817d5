package jarrah.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Runs commands as a user types them, with a region's {@code jarrahrc} sourced. */
final class Shell {
    private static final Path NOT_RUN = Path.of("target", "not-run.txt");
    private static final int PATIENCE_SECONDS = 300;

    private final Path rc;
    private final Path directory;

    /**
     * What a command did.
     *
     * @param exit its exit code
     * @param output both its streams
     */
    record Outcome(int exit, String output) {}

    /**
     * @param region whose credentials are sourced
     * @param directory where commands run
     */
    Shell(Region region, Path directory) {
        this(region.credentials().resolve("jarrahrc"), directory);
    }

    Shell(Path rc, Path directory) {
        this.rc = rc;
        this.directory = directory;
    }

    /** Reports the test as not run, by name, where the client is not installed. */
    static void require(String client, String test) throws IOException {
        for (String place : System.getenv("PATH").split(":")) {
            if (!place.isEmpty() && Files.isExecutable(Path.of(place, client))) {
                return;
            }
        }
        notRun(test, client + " is not installed");
    }

    /** Reports the test as not run, by name, where machines cannot have networks of their own. */
    static void requireRoot(String test) throws IOException {
        if (!Files.isWritable(Path.of("/dev/net/tun")) || !Files.isWritable(Path.of("/run"))) {
            notRun(test, "networks of their own need root and /dev/net/tun");
        }
    }

    /** Reports the test as not run, by name and with the reason. */
    static void notRun(String test, String why) throws IOException {
        Files.createDirectories(NOT_RUN.toAbsolutePath().getParent());
        Files.writeString(NOT_RUN, test + ": " + why + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        Assumptions.abort(why);
    }

    /** Runs a script; it must succeed. */
    String run(String script) throws IOException, InterruptedException {
        Outcome outcome = attempt(script);
        if (outcome.exit() != 0) {
            throw new AssertionError("exit " + outcome.exit() + " of: " + script + "\n" + outcome.output());
        }
        return outcome.output();
    }

    /** Runs a script, however it ends. */
    Outcome attempt(String script) throws IOException, InterruptedException {
        return await(start(script, Map.of()));
    }

    /** Runs a script with further environment variables; it must succeed. */
    String run(String script, Map<String, String> environment) throws IOException, InterruptedException {
        Outcome outcome = await(start(script, environment));
        if (outcome.exit() != 0) {
            throw new AssertionError("exit " + outcome.exit() + " of: " + script + "\n" + outcome.output());
        }
        return outcome.output();
    }

    /** Starts a script; whoever calls awaits it. */
    Running start(String script, Map<String, String> environment) throws IOException {
        Path output = Files.createTempFile(directory, "shell", ".out");
        var builder = new ProcessBuilder("bash", "-c", ". '" + rc + "'\nset -e\n" + script)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        builder.environment().put("AWS_PAGER", "");
        builder.environment().putAll(environment);
        return new Running(builder.start(), output);
    }

    /** A script that runs. */
    record Running(Process process, Path output) {}

    static Outcome await(Running running) throws IOException, InterruptedException {
        if (!running.process().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            running.process().descendants().forEach(ProcessHandle::destroyForcibly);
            running.process().destroyForcibly();
            throw new AssertionError("no end after " + PATIENCE_SECONDS + " s: " + text(running.output()));
        }
        return new Outcome(running.process().exitValue(), text(running.output()));
    }

    private static String text(Path output) throws IOException {
        return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    }
}
