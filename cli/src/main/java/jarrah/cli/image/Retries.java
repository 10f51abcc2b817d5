package jarrah.cli.image;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.time.Duration;

/** Tries work on a file again that failed by a fault of network or service, as {@code --retry} asks for. */
final class Retries {
    private static final int TRIES = 5;
    /** Before the second try; twice as long before each further one. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

    private final int tries;
    private final PrintWriter out;

    /** Work that may fail. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    Retries(boolean wanted, PrintWriter out) {
        this.tries = wanted ? TRIES : 1;
        this.out = out;
    }

    /**
     * Does it.
     *
     * @param what the work in words: {@code uploading image.part.0}
     */
    void run(String what, Work work) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                work.run();
                return;
            } catch (IOException e) {
                if (attempt >= tries) {
                    throw e;
                }
                out.println("Error " + what + ": " + e.getMessage() + "; trying again");
                out.flush();
                pause(attempt);
            }
        }
    }

    private static void pause(int attempt) throws IOException {
        try {
            Thread.sleep(FIRST_PAUSE.multipliedBy(1L << (attempt - 1)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
