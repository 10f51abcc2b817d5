package jarrah.accelerator;

import java.util.concurrent.atomic.LongAdder;

/** The counts of one site while they are counted; many threads add, {@link AcceleratorCounters.Site} says what they mean. */
final class SiteCounts {
    final LongAdder hits = new LongAdder();
    final LongAdder graceHits = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder collapsed = new LongAdder();
    final LongAdder passes = new LongAdder();
    final LongAdder refusals = new LongAdder();
    final LongAdder fetches = new LongAdder();
    final LongAdder fetchFailures = new LongAdder();
    final LongAdder limited = new LongAdder();
    final LongAdder bytesSent = new LongAdder();

    AcceleratorCounters.Site snapshot() {
        return new AcceleratorCounters.Site(
                hits.sum(),
                graceHits.sum(),
                misses.sum(),
                collapsed.sum(),
                passes.sum(),
                refusals.sum(),
                fetches.sum(),
                fetchFailures.sum(),
                limited.sum(),
                bytesSent.sum());
    }
}
