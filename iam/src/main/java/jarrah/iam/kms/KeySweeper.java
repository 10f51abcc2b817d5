package jarrah.iam.kms;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes keys whose deletion is due and rotates those that are to be, once in a while. */
public final class KeySweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeySweeper.class);
    private static final Duration PAUSE = Duration.ofMinutes(10);

    private final Keys keys;
    private final CountDownLatch stop = new CountDownLatch(1);
    private @Nullable Thread thread;

    public KeySweeper(Keys keys) {
        this.keys = keys;
    }

    /** Starts to sweep, on a virtual thread, until closed. */
    public synchronized void start() {
        if (thread == null) {
            thread = Thread.ofVirtual().name("kms-sweeper").start(this::run);
        }
    }

    private void run() {
        try {
            do {
                try {
                    keys.sweep();
                } catch (RuntimeException failed) {
                    LOG.warn("Keys are swept later", failed);
                }
            } while (!stop.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop.countDown();
        Thread running;
        synchronized (this) {
            running = thread;
        }
        try {
            if (running != null) {
                running.join();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
