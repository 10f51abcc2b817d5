package jarrah.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs {@code jarrah} commands against a region, as a person at a terminal does. */
final class AccountCommands {
    private AccountCommands() {}

    /** Runs a command that must succeed; gives what it printed. */
    static String run(Region region, String... arguments) throws IOException, InterruptedException {
        Shell.Outcome outcome = attempt(region, arguments);
        if (outcome.exit() != 0) {
            throw new AssertionError(List.of(arguments) + ": " + outcome.output());
        }
        return outcome.output();
    }

    /** Runs a command, however it ends. */
    static Shell.Outcome attempt(Region region, String... arguments) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(new ArrayList<>(Region.jarrah(arguments))).redirectErrorStream(true);
        builder.environment().put("JARRAH_DATA", region.data().toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(300, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("no end: " + output);
        }
        return new Shell.Outcome(process.exitValue(), output);
    }
}
