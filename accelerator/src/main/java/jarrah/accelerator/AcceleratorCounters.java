package jarrah.accelerator;

import jarrah.accelerator.store.CacheStore;
import java.util.Map;

/**
 * What an accelerator has done since it began.
 *
 * @param sites by the sites' names
 * @param store what is in use now, and evictions
 * @param unroutable requests of no site, or that name nothing
 * @param fetching fetches under way
 */
public record AcceleratorCounters(Map<String, Site> sites, CacheStore.Usage store, long unroutable, int fetching) {
    /**
     * The counts of one site. Each request counts once as hit, miss, pass or refusal.
     *
     * @param hits answered from the store, those in grace included
     * @param graceHits of these: stale, while fetched anew or with the origin failing
     * @param misses answered by a fetch whose answer may be shared
     * @param collapsed of these: by a fetch that another request had begun
     * @param passes answered by the origin for that request alone
     * @param refusals answered with an error of our own: not allowed, or the origin failed
     * @param fetches requests to the origin, passes included
     * @param fetchFailures of these: without an answer, or with one that broke off
     * @param limited requests that the site's limits held up for too long, or turned away
     * @param bytesSent bytes of bodies
     */
    public record Site(
            long hits,
            long graceHits,
            long misses,
            long collapsed,
            long passes,
            long refusals,
            long fetches,
            long fetchFailures,
            long limited,
            long bytesSent) {}
}
