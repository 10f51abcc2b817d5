package jarrah.http;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A moment on an event loop that is moved often and reached seldom: moving it later costs no timer. Owned by the loop.
 */
final class Deadline implements Runnable {
    private static final long NEVER = Long.MAX_VALUE;

    private final EventLoop loop;
    private final Runnable action;
    private long at = NEVER;
    private @Nullable ScheduledFuture<?> timer;
    private long timerAt;

    /** Runs the action on the loop when a deadline passes, which also clears it. */
    Deadline(EventLoop loop, Runnable action) {
        this.loop = loop;
        this.action = action;
    }

    boolean isSet() {
        return at != NEVER;
    }

    /** Sets or moves the deadline to that many nanoseconds from now. */
    void in(long nanos) {
        at = System.nanoTime() + nanos;
        if (timer == null) {
            start(nanos);
        } else if (timerAt - at > 0) {
            timer.cancel(false);
            start(nanos);
        }
    }

    void clear() {
        at = NEVER;
    }

    /** Clears the deadline and drops its timer. */
    void stop() {
        at = NEVER;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void start(long nanos) {
        timerAt = at;
        timer = loop.schedule(this, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void run() {
        timer = null;
        if (at == NEVER) {
            return;
        }
        long left = at - System.nanoTime();
        if (left > 0) {
            start(left);
        } else {
            at = NEVER;
            action.run();
        }
    }
}
