package jarrah.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a shell's script to its end and tells what it cost. */
final class TimedCommand {
    private static final long LIMIT_MINUTES = 60;

    private TimedCommand() {}

    /**
     * What a script cost.
     *
     * @param wallSeconds from start to end
     * @param cpuSeconds user and system time of all of its processes
     * @param output what it printed, both streams
     */
    record Cost(double wallSeconds, double cpuSeconds, String output) {}

    /**
     * Runs a script.
     *
     * @param log where its output goes meanwhile
     * @throws IOException if it ends with another status than 0, with the end of its output
     */
    static Cost run(String script, Path log, Map<String, String> environment) throws IOException, InterruptedException {
        Path account = Path.of(log + ".times");
        // The second line of `times` (POSIX) is the time of the children that were waited for, and of theirs.
        var builder = new ProcessBuilder(List.of(
                        "/bin/sh",
                        "-c",
                        "(set -e\n" + script + "\n)\nstatus=$?\ntimes >'" + account + "'\nexit $status"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        long start = System.nanoTime();
        Process process = builder.start();
        if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new IOException("not done within " + LIMIT_MINUTES + " minutes: " + script);
        }
        double wall = (System.nanoTime() - start) / 1e9;
        String output = Files.readString(log);
        if (process.exitValue() != 0) {
            String end = output.substring(Math.max(0, output.length() - 500)).strip();
            throw new IOException("status " + process.exitValue() + " (" + end + ") of: " + script);
        }
        return new Cost(wall, children(Files.readString(account)), output);
    }

    /** Runs a script for its effect. */
    static String output(String script, Path log) throws IOException, InterruptedException {
        return run(script, log, Map.of()).output();
    }

    private static double children(String times) {
        double sum = 0;
        for (String time : times.lines().toList().get(1).strip().split("\\s+")) {
            int minutes = time.indexOf('m');
            sum += Integer.parseInt(time.substring(0, minutes)) * 60
                    + Double.parseDouble(time.substring(minutes + 1, time.length() - 1));
        }
        return sum;
    }
}
