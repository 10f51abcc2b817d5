package jarrah.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jarrah.accelerator.Accelerator;
import jarrah.accelerator.AcceleratorCounters.Site;
import jarrah.accelerator.acme.AcmeCertificates;
import jarrah.accelerator.origin.Coherence;
import jarrah.accelerator.store.CacheStore.Usage;
import jarrah.s3.S3Listener;
import jarrah.s3.store.Scrubber;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** What the process counts, for Prometheus. */
final class Meters implements S3Listener {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ConcurrentHashMap<RequestKind, RequestMeters> requests = new ConcurrentHashMap<>();

    /** Of the accelerator, by the sites' names; guarded by this object's monitor. */
    private final Map<String, List<Meter>> siteMeters = new HashMap<>();

    /** See {@link #siteMeters}. */
    private final Map<String, List<Meter>> coherenceMeters = new HashMap<>();

    private boolean watching;

    private record RequestKind(String operation, int status) {}

    private record RequestMeters(Counter count, Counter bytes, Counter seconds) {}

    Meters() {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        // The collector's listener lives as long as the process.
        @SuppressWarnings("resource")
        var collections = new JvmGcMetrics();
        collections.bindTo(registry);
    }

    PrometheusMeterRegistry registry() {
        return registry;
    }

    @Override
    public void answered(String operation, int status, long bytesSent, long nanos) {
        RequestMeters kind = requests.computeIfAbsent(new RequestKind(operation, status), this::requestMeters);
        kind.count().increment();
        kind.bytes().increment((double) bytesSent);
        kind.seconds().increment(nanos / 1e9);
    }

    /** Publishes what the scrubber found. */
    void watch(Scrubber scrubber) {
        Gauge.builder("jarrah.scrub.damaged", scrubber, Scrubber::damaged)
                .description("Blobs that the scrubber found damaged in its latest pass.")
                .register(registry);
    }

    /** Publishes how long certificates of an authority are good for; nothing while there is no authority. */
    void watch(AcmeCertificates certificates, Clock clock) {
        Gauge.builder("jarrah.accelerator.certificate.seconds.left", certificates, it -> secondsLeft(it, clock))
                .description("Until the first of the certificates from the authority runs out; 0 if one is missing.")
                .register(registry);
    }

    private static double secondsLeft(AcmeCertificates certificates, Clock clock) {
        return certificates.standings().stream()
                .map(AcmeCertificates.Standing::ends)
                .mapToDouble(ends -> ends == null
                        ? 0
                        : Duration.between(clock.instant(), ends).toSeconds())
                .min()
                .orElse(Double.NaN);
    }

    /**
     * Publishes what an accelerator counts. To be called again when it goes by other settings: sites that stay are counted
     * on, those that are gone are published no more.
     */
    synchronized void watch(Accelerator accelerator) {
        if (!watching) {
            watching = true;
            usage(accelerator, "memory.bytes", "Memory held for stored answers.", Usage::memoryBytes);
            usage(accelerator, "file.bytes", "Bytes held in files for stored answers.", Usage::fileBytes);
            FunctionCounter.builder(
                            "jarrah.accelerator.unroutable",
                            accelerator,
                            it -> it.counters().unroutable())
                    .description("Requests of no site.")
                    .register(registry);
        }
        Set<String> sites = accelerator.counters().sites().keySet();
        keepOnly(siteMeters, sites);
        sites.forEach(site -> siteMeters.computeIfAbsent(site, _ -> siteMeters(accelerator, site)));
        Set<String> coherent = accelerator.coherence().keySet();
        keepOnly(coherenceMeters, coherent);
        coherent.forEach(site -> coherenceMeters.computeIfAbsent(site, _ -> coherenceMeters(accelerator, site)));
    }

    private void keepOnly(Map<String, List<Meter>> meters, Set<String> sites) {
        meters.entrySet().removeIf(entry -> {
            boolean gone = !sites.contains(entry.getKey());
            if (gone) {
                entry.getValue().forEach(registry::remove);
            }
            return gone;
        });
    }

    private List<Meter> siteMeters(Accelerator accelerator, String site) {
        return List.of(
                siteCounter(accelerator, site, "hits", "Answers from the store.", Site::hits),
                siteCounter(accelerator, site, "grace.hits", "Hits that were stale, within grace.", Site::graceHits),
                siteCounter(accelerator, site, "misses", "Answers of a fetch that may be shared.", Site::misses),
                siteCounter(
                        accelerator, site, "collapsed", "Misses that waited for a fetch under way.", Site::collapsed),
                siteCounter(accelerator, site, "passes", "Answers of the origin for one request alone.", Site::passes),
                siteCounter(accelerator, site, "refusals", "Errors of the accelerator's own.", Site::refusals),
                siteCounter(accelerator, site, "fetches", "Requests to the origin.", Site::fetches),
                siteCounter(
                        accelerator, site, "fetch.failures", "Fetches without a whole answer.", Site::fetchFailures),
                siteCounter(accelerator, site, "limited", "Requests turned away by the site's limits.", Site::limited),
                siteCounter(accelerator, site, "sent.bytes", "Bytes of bodies sent.", Site::bytesSent));
    }

    private List<Meter> coherenceMeters(Accelerator accelerator, String site) {
        return List.of(
                coherence(
                        accelerator,
                        site,
                        "lease",
                        "1 while copies may be served unasked, 0 while each is revalidated; none where they live by"
                                + " time.",
                        it -> switch (it.state()) {
                            case LEASED -> 1;
                            case ASKING, LOST -> 0;
                            case BY_TIME -> Double.NaN;
                        }),
                coherence(
                        accelerator,
                        site,
                        "lease.age.seconds",
                        "How old is what is known of the store's changes.",
                        it -> it.ageMillis() < 0 ? Double.NaN : it.ageMillis() / 1e3),
                leaseCounter(accelerator, site, "lease.lapses", "How often the lease ran out.", Coherence::lapses),
                leaseCounter(accelerator, site, "changes", "Changes that the store told.", Coherence::changes));
    }

    private Meter siteCounter(
            Accelerator accelerator, String site, String name, String description, ToLongFunction<Site> count) {
        return FunctionCounter.builder("jarrah.accelerator." + name, accelerator, it -> {
                    Site counts = it.counters().sites().get(site);
                    return counts == null ? 0 : count.applyAsLong(counts);
                })
                .description(description)
                .tag("site", site)
                .register(registry);
    }

    private Meter coherence(
            Accelerator accelerator, String site, String name, String description, ToDoubleFunction<Coherence> value) {
        return Gauge.builder("jarrah.accelerator." + name, accelerator, it -> {
                    Coherence coherence = it.coherence().get(site);
                    return coherence == null ? Double.NaN : value.applyAsDouble(coherence);
                })
                .description(description)
                .tag("site", site)
                .register(registry);
    }

    private Meter leaseCounter(
            Accelerator accelerator, String site, String name, String description, ToLongFunction<Coherence> count) {
        return FunctionCounter.builder("jarrah.accelerator." + name, accelerator, it -> {
                    Coherence coherence = it.coherence().get(site);
                    return coherence == null ? 0 : count.applyAsLong(coherence);
                })
                .description(description)
                .tag("site", site)
                .register(registry);
    }

    private void usage(Accelerator accelerator, String name, String description, ToLongFunction<Usage> amount) {
        Gauge.builder(
                        "jarrah.accelerator." + name,
                        accelerator,
                        it -> amount.applyAsLong(it.counters().store()))
                .description(description)
                .register(registry);
    }

    private RequestMeters requestMeters(RequestKind kind) {
        return new RequestMeters(
                counter("jarrah.s3.requests", "Requests that the object store answered.", kind),
                counter("jarrah.s3.sent.bytes", "Bytes of bodies that the object store sent.", kind),
                counter("jarrah.s3.request.seconds", "Time from heads to ends of answers, seconds.", kind));
    }

    private Counter counter(String name, String description, RequestKind kind) {
        return Counter.builder(name)
                .description(description)
                .tag("operation", kind.operation())
                .tag("status", Integer.toString(kind.status()))
                .register(registry);
    }
}
