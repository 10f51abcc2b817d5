package jarrah.accelerator;

import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.origin.BucketOrigin;
import jarrah.accelerator.origin.Origin;
import jarrah.accelerator.origin.OwnBuckets;
import jarrah.accelerator.origin.Refusals;
import jarrah.accelerator.origin.UrlOrigin;
import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.Network;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.accelerator.site.Sites;
import jarrah.accelerator.site.Target;
import jarrah.accelerator.store.CacheStore;
import jarrah.accelerator.store.TieredCacheStore;
import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Handler;
import jarrah.http.Headers;
import jarrah.http.HttpClient;
import jarrah.http.LoopHandler;
import jarrah.http.ResponseHead;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The cache: give it to an {@link jarrah.http.HttpServer} as both handlers. Hits are answered on the event loop, all
 * else on virtual threads.
 */
public final class Accelerator implements LoopHandler, Handler, AutoCloseable {
    private final Sites sites;
    private final List<Network> trustedProxies;
    private final boolean accessLog;
    private final Clock clock;
    private final CacheStore store;
    private final OwnBuckets buckets;
    private final Fetches fetches;
    private final Map<String, Origin> origins = new HashMap<>();
    private final Map<String, SiteCounts> counts = new HashMap<>();
    private final LongAdder unroutable = new LongAdder();

    private Accelerator(
            AcceleratorConfig config, CacheStore store, OwnBuckets buckets, HttpClient client, Clock clock) {
        this.sites = config.sites();
        this.trustedProxies = config.trustedProxies();
        this.accessLog = config.accessLog();
        this.clock = clock;
        this.store = store;
        this.buckets = buckets;
        for (Site site : sites.all()) {
            counts.put(site.name(), new SiteCounts());
            origins.put(
                    site.name(),
                    switch (site.origin()) {
                        case SiteOrigin.Bucket bucket -> new BucketOrigin(buckets, bucket);
                        case SiteOrigin.Http http -> new UrlOrigin(client, http.server());
                    });
        }
        fetches = new Fetches(
                store,
                clock,
                site -> Objects.requireNonNull(origins.get(site.name())),
                site -> Objects.requireNonNull(counts.get(site.name())));
    }

    /**
     * Opens the cache, with what an earlier process left in the directory.
     *
     * @param directory for stored answers, this accelerator's alone, e.g. {@code DATA/accelerator}; made if missing.
     *     Null for none: then all is in memory
     * @param buckets the object store of this process
     * @param client calls HTTP origins; shared, and not closed here
     * @param clock tells ages; the system's, but in tests
     * @throws IOException if the directory cannot be used
     */
    public static Accelerator open(
            AcceleratorConfig config, @Nullable Path directory, OwnBuckets buckets, HttpClient client, Clock clock)
            throws IOException {
        var store = TieredCacheStore.open(
                config.memoryLimitBytes(), config.fileLimitBytes(), directory, key -> isServed(config.sites(), key));
        return new Accelerator(config, store, buckets, client, clock);
    }

    private static boolean isServed(Sites sites, CacheKey key) {
        return sites.named(key.site())
                .filter(site -> site.origin().id().equals(key.origin()))
                .isPresent();
    }

    @Override
    public boolean tryHandle(Exchange exchange) {
        var serve = new Serve(this, exchange);
        if (!serve.now()) {
            return false;
        }
        follow(exchange, serve.siteIfKnown());
        return true;
    }

    @Override
    public void handle(Exchange exchange) throws Exception {
        var serve = new Serve(this, exchange);
        try {
            serve.run();
        } finally {
            follow(exchange, serve.siteIfKnown());
        }
    }

    /** Counts and logs the answer once it has left, which may be now. */
    private void follow(Exchange exchange, @Nullable Site site) {
        if (site != null) {
            SiteCounts count = fetches.counts(site);
            exchange.onComplete(outcome -> count.bytesSent.add(outcome.bytesSent()));
        }
        if (accessLog) {
            AccessLog.follow(exchange, clock);
        }
    }

    /**
     * Removes what is stored for a URL, all variants; what is being fetched for it is not stored either.
     *
     * @param host as in a request; null for sites of every host
     * @param target path and query as in a request, percent-encoded
     * @return how many answers were stored; -1 if no site has such a URL
     */
    public int purge(@Nullable String host, String target) {
        Target parsed = Target.parse(target);
        Site site = parsed == null ? null : sites.find(host, parsed);
        return site == null ? -1 : invalidate(site, target);
    }

    /**
     * Removes all that is stored for a site.
     *
     * @return how many answers were stored; -1 if there is no such site
     */
    public int purgeSite(String name) {
        return sites.named(name).isPresent() ? fetches.invalidateSite(name) : -1;
    }

    int invalidate(Site site, String target) {
        Target parsed = Target.parse(target);
        CacheKey key = parsed == null ? null : site.locate(parsed).key();
        return key == null ? 0 : fetches.invalidate(key);
    }

    /** What happened so far, and what is in use. */
    public AcceleratorCounters counters() {
        Map<String, AcceleratorCounters.Site> snapshot = new TreeMap<>();
        counts.forEach((name, site) -> snapshot.put(name, site.snapshot()));
        return new AcceleratorCounters(snapshot, store.usage(), unroutable.sum(), fetches.running());
    }

    Sites sites() {
        return sites;
    }

    List<Network> trustedProxies() {
        return trustedProxies;
    }

    Clock clock() {
        return clock;
    }

    OwnBuckets buckets() {
        return buckets;
    }

    Fetches fetches() {
        return fetches;
    }

    void unroutable() {
        unroutable.increment();
    }

    /**
     * Answers with a line of text for people.
     *
     * @param text null for that of the status
     */
    void refuse(Exchange exchange, int status, String field, String value, @Nullable String text) {
        Headers fields = Headers.of("Content-Type", "text/plain; charset=utf-8", "Cache-Control", "no-store");
        if (!field.isEmpty()) {
            fields.add(field, value);
        }
        exchange.send(new ResponseHead(status, fields), Body.of(text == null ? Refusals.text(status) : text + "\n"));
    }

    /** Lets go of what is in memory; files stay for the next start. Fetches under way end by themselves. */
    @Override
    public void close() {
        store.close();
    }
}
