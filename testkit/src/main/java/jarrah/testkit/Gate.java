package jarrah.testkit;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A place where the code under test, or its peer, stops until the test lets it go on: barriers in place of sleeps.
 *
 * <p>Used once: after {@link #open} everybody passes.
 */
public final class Gate {
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);

    /** Called by the one that is held: tells that it is here, and waits to be let through. */
    public void pass() {
        arrived.countDown();
        await(opened, "nobody opened the gate");
    }

    /** Waits until somebody stands at the gate. */
    public void awaitArrival() {
        await(arrived, "nobody came to the gate");
    }

    /** Lets everybody through, now and later. */
    public void open() {
        opened.countDown();
    }

    private static void await(CountDownLatch latch, String complaint) {
        try {
            if (!latch.await(Deadlines.STEP.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new AssertionError(complaint);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted at a gate", e);
        }
    }
}
