package jarrah.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jarrah.s3.S3Listener;
import java.util.concurrent.ConcurrentHashMap;

/** What the process counts, for Prometheus. */
final class Meters implements S3Listener {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ConcurrentHashMap<RequestKind, RequestMeters> requests = new ConcurrentHashMap<>();

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
