package jarrah.s3.store;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all blobs slowly, again and again, so that a disk that forgets is noticed while there still is a copy elsewhere.
 *
 * <p>A pass has no more than {@link #MAX_BYTES_PER_SECOND} on average, and takes about its period where there is less to
 * read; what was read is not remembered over a restart.
 */
public final class Scrubber implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Scrubber.class);
    /** A quarter of what a slow disk gives. */
    static final long MAX_BYTES_PER_SECOND = 32L << 20;
    /** Below it a pass would never end beside restarts. */
    static final long MIN_BYTES_PER_SECOND = 1L << 20;

    private final StoreCheck check;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final AtomicLong damaged = new AtomicLong();
    private @Nullable Thread thread;

    Scrubber(StoreCheck check) {
        this.check = check;
    }

    private static final class Stopped extends Exception {
        private static final long serialVersionUID = 1;
    }

    /** Starts passes on a virtual thread, until closed. */
    public synchronized void start(Duration period) {
        if (thread == null) {
            thread = Thread.ofVirtual().name("s3-scrubber").start(() -> run(period));
        }
    }

    /** Damaged blobs found by the pass under way, or by the one before where those are more. */
    public long damaged() {
        return damaged.get();
    }

    private void run(Duration period) {
        try {
            while (!stop.await(period.dividedBy(10).toMillis(), TimeUnit.MILLISECONDS)) {
                long rate = rate(check.stats().blobBytes(), period);
                long found = pass(rate);
                damaged.set(found);
                LOG.info("All blobs were read: {} damaged", found);
            }
        } catch (Stopped | InterruptedException ended) {
            Thread.currentThread().interrupt();
        } catch (S3Exception failed) {
            LOG.warn("Scrubbing ends until the next start: {}", failed.getMessage());
        }
    }

    static long rate(long bytes, Duration period) {
        return Math.clamp(bytes / Math.max(1, period.toSeconds()), MIN_BYTES_PER_SECOND, MAX_BYTES_PER_SECOND);
    }

    private long pass(long bytesPerSecond) throws Stopped {
        var found = new AtomicLong();
        check.scrub(new StoreCheck.Listener<Stopped>() {
            private long before;

            @Override
            public void progress(long contents, long bytes) throws Stopped {
                rest((bytes - before) * 1_000 / bytesPerSecond);
                before = bytes;
            }

            @Override
            public void damaged(String subject, String why) {
                LOG.error("{} is damaged: {}", subject, why);
                damaged.accumulateAndGet(found.incrementAndGet(), Math::max);
            }
        });
        return found.get();
    }

    private void rest(long millis) throws Stopped {
        try {
            if (stop.await(millis, TimeUnit.MILLISECONDS)) {
                throw new Stopped();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Stopped();
        }
    }

    /** Ends the pass after the blob that is being read; waits for it, ten seconds at most. */
    @Override
    public void close() {
        stop.countDown();
        Thread running;
        synchronized (this) {
            running = thread;
        }
        try {
            if (running != null && !running.join(Duration.ofSeconds(10))) {
                LOG.warn("The scrubber still reads a large blob");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
