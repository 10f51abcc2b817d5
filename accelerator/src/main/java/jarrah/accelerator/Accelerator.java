package jarrah.accelerator;

import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.origin.Coherence;
import jarrah.accelerator.origin.Origins;
import jarrah.accelerator.origin.OwnBuckets;
import jarrah.accelerator.origin.Refusals;
import jarrah.accelerator.site.CacheKey;
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
import jarrah.http.LoopHandler;
import jarrah.http.RequestHead;
import jarrah.http.ResponseHead;
import jarrah.http.SharedBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The cache: give it to an {@link jarrah.http.HttpServer} as both handlers. Hits are answered on the event loop, all
 * else on virtual threads.
 */
public final class Accelerator implements LoopHandler, Handler, AutoCloseable {
    /** What is left for bodies on their way. */
    private static final long CONNECTIONS_MEMORY_BYTES = 128L << 20;

    private final Origins sources;
    private final Clock clock;
    private final CacheStore store;
    private final Fetches fetches;
    private final ConcurrentHashMap<String, SiteCounts> counts = new ConcurrentHashMap<>();
    /** Takes what the last requests of sites that are gone count. */
    private final SiteCounts ofGone = new SiteCounts();

    private final LongAdder unroutable = new LongAdder();
    private final List<Consumer<Answered>> onlookers = new CopyOnWriteArrayList<>();
    private volatile Served served;

    private Accelerator(Served served, CacheStore store, Origins sources, Clock clock) {
        this.served = served;
        this.sources = sources;
        this.clock = clock;
        this.store = store;
        fetches = new Fetches(store, clock, site -> counts.getOrDefault(site.name(), ofGone));
        count(served);
    }

    private void count(Served next) {
        next.sites().all().forEach(site -> counts.computeIfAbsent(site.name(), _ -> new SiteCounts()));
    }

    /**
     * Opens the cache, with what an earlier process left in the directory.
     *
     * @param directory for stored answers, this accelerator's alone, e.g. {@code DATA/accelerator}; made if missing.
     *     Null for none: then all is in memory
     * @param sources where answers come from; not closed here
     * @param clock tells ages; the system's, but in tests
     * @throws IOException if the directory cannot be used, an origin cannot be made as configured, or the process may not
     *     hold as much memory as configured
     */
    public static Accelerator open(AcceleratorConfig config, @Nullable Path directory, Origins sources, Clock clock)
            throws IOException {
        requireMemory(config.memoryLimitBytes());
        var served = new Served(config, sources.of(config.sites().all()));
        var store =
                TieredCacheStore.open(config.memoryLimitBytes(), config.fileLimitBytes(), directory, served::serves);
        return new Accelerator(served, store, sources, clock);
    }

    /** Bodies lie outside the heap; else requests would fail once the limit is reached, which may be after weeks. */
    private static void requireMemory(long limit) throws IOException {
        long most = SharedBytes.mostBytes();
        if (limit + CONNECTIONS_MEMORY_BYTES > most) {
            throw new IOException(("`memory-limit` is %d MiB, and connections take %d MiB; this process may hold %d MiB"
                            + " outside the Java heap (JARRAH_JAVA_OPTS=-XX:MaxDirectMemorySize=%dm allows it)")
                    .formatted(
                            limit >> 20,
                            CONNECTIONS_MEMORY_BYTES >> 20,
                            most >> 20,
                            (limit + CONNECTIONS_MEMORY_BYTES >> 20) + 1));
        }
    }

    /**
     * Goes by other settings from the next request on; those under way end by the old ones. What is stored of sites and
     * origins that are gone is removed, and what was counted of such sites. The limits stay as they were at {@link #open}.
     *
     * @throws IOException if an origin cannot be made as configured; then nothing changed
     */
    public synchronized void reload(AcceleratorConfig config) throws IOException {
        Served next = new Served(config, sources.of(config.sites().all()));
        count(next);
        served = next;
        counts.keySet().removeIf(name -> next.sites().named(name).isEmpty());
        sources.keepOnly(config.sites().all());
        fetches.removeIf(key -> !next.serves(key), _ -> true);
    }

    @Override
    public boolean tryHandle(Exchange exchange) {
        var serve = new Serve(this, exchange);
        if (!serve.now()) {
            return false;
        }
        follow(exchange, serve);
        return true;
    }

    @Override
    public void handle(Exchange exchange) throws Exception {
        var serve = new Serve(this, exchange);
        try {
            serve.run();
        } finally {
            follow(exchange, serve);
        }
    }

    /** Counts and logs the answer once it has left, which may be now. */
    private void follow(Exchange exchange, Serve serve) {
        Site site = serve.siteIfKnown();
        if (site != null) {
            SiteCounts count = fetches.counts(site);
            exchange.onComplete(outcome -> count.bytesSent.add(outcome.bytesSent()));
        }
        switch (served.config().accessLog()) {
            case OFF -> {}
            case COMBINED -> AccessLog.combined(exchange, clock);
            case JSON -> AccessLog.json(exchange, clock, site == null ? null : site.name(), serve.told());
        }
        if (!onlookers.isEmpty()) {
            RequestHead request = exchange.request();
            String handling = serve.handling();
            exchange.onComplete(outcome -> {
                var answered = new Answered(
                        clock.millis(),
                        request.remote().getAddress().getHostAddress(),
                        request.method(),
                        request.host(),
                        request.target(),
                        site == null ? null : site.name(),
                        handling,
                        outcome.status(),
                        outcome.bytesSent(),
                        outcome.nanos(),
                        outcome.failure() == null);
                onlookers.forEach(onlooker -> onlooker.accept(answered));
            });
        }
    }

    /**
     * Tells of each answer from now on; costs something only while somebody looks.
     *
     * @param onlooker must not block; called by many threads
     * @return ends it
     */
    public Onlooking watch(Consumer<Answered> onlooker) {
        onlookers.add(onlooker);
        return () -> onlookers.remove(onlooker);
    }

    /** Ends an onlooker's looking on. */
    @FunctionalInterface
    public interface Onlooking extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Asks the origin of each site whether it answers, and as whom.
     *
     * @return by the sites' names what is wrong there, a sentence each; none for those that answer
     */
    public Map<String, List<String>> check() {
        Served now = served;
        Map<String, List<String>> problems = new TreeMap<>();
        for (Site site : now.sites().all()) {
            problems.put(site.name(), now.origin(site).check());
        }
        return problems;
    }

    /**
     * Removes what is stored for a URL, all variants; what is being fetched for it is not stored either.
     *
     * @param host as in a request; null for sites of every host
     * @param target path and query as in a request, percent-encoded
     * @param soft whether it is only made stale: it is served on within its grace, while it is fetched anew
     * @return how many answers were stored; -1 if no site has such a URL
     */
    public int purge(@Nullable String host, String target, boolean soft) {
        Target parsed = Target.parse(target);
        Site site = parsed == null ? null : served.sites().find(host, parsed);
        if (site == null) {
            return -1;
        }
        CacheKey key = site.locate(Objects.requireNonNull(parsed)).key();
        if (key == null) {
            return 0;
        }
        return soft ? fetches.expireIf(served.sites(), key::equals, _ -> true) : fetches.invalidate(key);
    }

    /**
     * Removes what is stored and matches; what is being fetched is not stored if it might match.
     *
     * @param soft whether it is only made stale: it is served on within its grace, while it is fetched anew
     * @return how many answers matched
     */
    public int ban(Ban ban, boolean soft) {
        Sites sites = served.sites();
        return soft
                ? fetches.expireIf(sites, key -> ban.mayMatch(sites, key), ban::matches)
                : fetches.removeIf(key -> ban.mayMatch(sites, key), ban::matches);
    }

    /**
     * Removes what is stored of an object of a bucket elsewhere that has changed; what is being fetched of it is not stored.
     *
     * @param bucket in any store
     * @return how many answers there were
     */
    public int changed(String bucket, String key) {
        int removed = 0;
        for (Site site : served.sites().all()) {
            if (site.origin() instanceof SiteOrigin.S3 origin
                    && origin.bucket().equals(bucket)
                    && key.startsWith(origin.prefix())) {
                removed += fetches.invalidate(new CacheKey(site.name(), origin.id(), key, null));
            }
        }
        return removed;
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

    /** By the sites' names how it stands with following the changes of their stores; only of those that do or might. */
    public Map<String, Coherence> coherence() {
        Map<String, Coherence> all = new TreeMap<>();
        Served now = served;
        for (Site site : now.sites().all()) {
            Coherence coherence = now.origin(site).coherence();
            if (coherence != null) {
                all.put(site.name(), coherence);
            }
        }
        return all;
    }

    Served served() {
        return served;
    }

    Clock clock() {
        return clock;
    }

    OwnBuckets buckets() {
        return sources.buckets();
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
