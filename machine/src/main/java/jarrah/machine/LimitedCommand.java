package jarrah.machine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A program that is run to its end, within a deadline and with bounded output; it is killed when it oversteps. */
public final class LimitedCommand {
    /** What is kept of each of the two outputs, bytes; the rest is read and dropped. */
    static final int MAX_OUTPUT_BYTES = 1 << 20;

    private static final long LOOK_MILLIS = 500;
    private static final int LATELY = 100;

    private final List<String> command;
    private final Duration deadline;
    private String input = "";
    private @Nullable Path directory;
    private @Nullable Watch watch;

    /**
     * A command, not started yet.
     *
     * @param command the program, looked for on the PATH, and its arguments
     * @param deadline after which it is killed
     */
    public LimitedCommand(List<String> command, Duration deadline) {
        this.command = List.copyOf(command);
        this.deadline = deadline;
    }

    /**
     * The same command under limits of the kernel: for programs that parse what strangers wrote.
     *
     * @param memoryBytes address space
     * @param cpuSeconds processor time, after which the kernel kills it
     */
    public static LimitedCommand confined(List<String> command, Duration deadline, long memoryBytes, long cpuSeconds) {
        var all = new ArrayList<>(List.of("prlimit", "--as=" + memoryBytes, "--cpu=" + cpuSeconds, "--core=0", "--"));
        all.addAll(command);
        return new LimitedCommand(all, deadline);
    }

    /** What it reads from its standard input; empty if not called. */
    public LimitedCommand input(String text) {
        input = text;
        return this;
    }

    /** Where it runs; where we run if not called. */
    public LimitedCommand in(Path workDirectory) {
        directory = workDirectory;
        return this;
    }

    /** Looks at a program that runs. */
    @FunctionalInterface
    public interface Watch {
        /**
         * It runs still.
         *
         * @param lately the end of what it has written so far, some 100 characters
         * @throws IOException to have it killed; comes out of {@link #run}
         */
        void look(String lately) throws IOException;
    }

    /** Looks at it twice a second while it runs. */
    public LimitedCommand watch(Watch looker) {
        watch = looker;
        return this;
    }

    /**
     * Runs it. It speaks English: its locale is C.
     *
     * @throws TimedOut if it did not end in time; it was killed
     * @throws IOException if it does not start
     */
    public Result run() throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C");
        if (directory != null) {
            builder.directory(directory.toFile());
        }
        Process process = builder.start();
        try {
            var out = new Drain(process.getInputStream());
            var err = new Drain(process.getErrorStream());
            feed(process);
            if (!ended(process, out)) {
                throw new TimedOut(command.getFirst() + " did not end within " + deadline.toSeconds() + " s");
            }
            return new Result(process.exitValue(), out.text(), err.text());
        } finally {
            process.destroyForcibly();
        }
    }

    private boolean ended(Process process, Drain out) throws IOException, InterruptedException {
        Watch looker = watch;
        if (looker == null) {
            return process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
        }
        long end = System.nanoTime() + deadline.toNanos();
        while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            looker.look(out.lately());
        }
        return true;
    }

    /** As {@link #run}, and an exit code other than 0 is an {@link IOException} with the program's complaint. */
    public String succeed() throws IOException, InterruptedException {
        Result result = run();
        if (result.exitCode() != 0) {
            throw new IOException(result.complaint());
        }
        return result.output();
    }

    private void feed(Process process) {
        try (OutputStream to = process.getOutputStream()) {
            to.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading all; its exit code and its complaint say why.
        }
    }

    /** What came of it. */
    public record Result(int exitCode, String output, String errors) {
        /** The last line of its complaints, or the exit code if it said nothing. */
        public String complaint() {
            List<String> lines = errors.lines().filter(line -> !line.isBlank()).toList();
            return lines.isEmpty() ? "exit code " + exitCode : lines.getLast().strip();
        }
    }

    /** The deadline passed. */
    public static final class TimedOut extends IOException {
        private static final long serialVersionUID = 1;

        TimedOut(String message) {
            super(message);
        }
    }

    /** Reads an output to its end in a thread of its own, so that the program never waits for us. */
    private static final class Drain {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private final Thread thread;
        private volatile String lately = "";

        Drain(InputStream in) {
            thread = Thread.ofVirtual().start(() -> read(in));
        }

        String lately() {
            return lately;
        }

        private void read(InputStream in) {
            byte[] buffer = new byte[8192];
            try (in) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    kept.write(buffer, 0, Math.min(n, MAX_OUTPUT_BYTES - kept.size()));
                    int last = Math.min(n, LATELY);
                    lately = new String(buffer, n - last, last, StandardCharsets.ISO_8859_1);
                }
            } catch (IOException e) {
                // The process was killed; what was read so far stands.
            }
        }

        String text() throws InterruptedException {
            // A grandchild may hold the pipe open after the program's end: what it says is not waited for.
            thread.join(Duration.ofSeconds(2));
            return kept.toString(StandardCharsets.UTF_8);
        }
    }
}
