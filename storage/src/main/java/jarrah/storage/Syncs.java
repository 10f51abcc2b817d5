package jarrah.storage;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Platform threads that wait for the disk in place of virtual ones, which would hold their carrier meanwhile. A few, not
 * one: the file system gathers syncs that come together into one write of its journal.
 */
final class Syncs implements AutoCloseable {
    private static final int THREADS = 4;

    private final ExecutorService threads = Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().name("blob-sync-", 0).daemon(true).factory());

    /** Runs the work on one of the threads and waits for it, however long it takes. */
    void run(Work work) throws IOException {
        Future<?> running = threads.submit((Callable<?>) () -> {
            work.run();
            return this;
        });
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    running.get();
                    return;
                } catch (InterruptedException _) {
                    interrupted = true; // a caller that left would not know whether its bytes are durable
                } catch (ExecutionException failed) {
                    switch (failed.getCause()) {
                        case IOException cause -> throw cause;
                        case RuntimeException cause -> throw cause;
                        case Error cause -> throw cause;
                        case null, default -> throw new IllegalStateException(failed);
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Something that waits for the disk. */
    interface Work {
        void run() throws IOException;
    }

    @Override
    public void close() {
        threads.close();
    }
}
