package jarrah.accelerator;

import jarrah.accelerator.site.Limits;
import jarrah.accelerator.site.Site;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What each site takes of what all share, by its name: so what was counted under former settings counts on under new ones.
 * For use by many threads.
 */
final class SiteLimits {
    private final ConcurrentHashMap<String, Fetching> fetching = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Rate> rates = new ConcurrentHashMap<>();

    /** A place among the requests to a site's origin; closed once, when the answer is there. */
    interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /** Requests to one site's origin; guarded by its monitor. */
    private static final class Fetching {
        private int running;

        synchronized @Nullable Place begin(Limits limits) {
            long deadline = System.nanoTime() + limits.fetchWait().toNanos();
            while (running >= limits.fetches()) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    notify(); // for another, if it was for this one that somebody has ended
                    return null;
                }
                try {
                    wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    notify();
                    return null;
                }
            }
            running++;
            return this::end;
        }

        private synchronized void end() {
            running--;
            notify();
        }
    }

    /** Tokens that come at a site's rate and go with its requests; guarded by its monitor. */
    private static final class Rate {
        private double tokens = Double.MAX_VALUE;
        private long lastMillis;

        synchronized boolean take(int perSecond, long nowMillis) {
            long passed = Math.clamp(nowMillis - lastMillis, 0, 1_000); // clocks are set, back as well
            lastMillis = nowMillis;
            tokens = Math.min(perSecond, tokens + passed * (perSecond / 1000.0));
            if (tokens < 1) {
                return false;
            }
            tokens--;
            return true;
        }
    }

    /** Whether one more request may be answered now; does not wait. */
    boolean admits(Site site, long nowMillis) {
        int most = site.limits().requestsPerSecond();
        return most == Limits.NONE
                || rates.computeIfAbsent(site.name(), _ -> new Rate()).take(most, nowMillis);
    }

    /** Waits until one more request may go to the site's origin; null if it may not in the time that the site has for it. */
    @Nullable
    Place begin(Site site) {
        return fetching.computeIfAbsent(site.name(), _ -> new Fetching()).begin(site.limits());
    }
}
