package jarrah.server;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Handler;
import jarrah.http.RequestHead;
import jarrah.http.ResponseHead;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The operations port: {@code /health} for whoever watches the process, {@code /metrics} for Prometheus, and the admin API
 * for operators, and what stores elsewhere tell of their changes.
 *
 * @param metrics all meters of the process
 * @param health each part with what is wrong with it; empty text if nothing is
 * @param admin what is under {@link RemoteAdmin#PREFIX}
 * @param events what is at {@link StoreEvents#PATH}
 */
record OperationsHandler(
        PrometheusMeterRegistry metrics, Supplier<Map<String, String>> health, RemoteAdmin admin, StoreEvents events)
        implements Handler {
    private static final Set<String> READ = Set.of("GET", "HEAD");

    @Override
    public void handle(Exchange exchange) throws IOException {
        RequestHead head = exchange.request();
        if (RemoteAdmin.has(head.path())) {
            admin.handle(exchange);
            return;
        }
        if (head.path().equals(StoreEvents.PATH)) {
            events.handle(exchange);
            return;
        }
        if (!READ.contains(head.method())) {
            exchange.send(
                    ResponseHead.of(405, "Allow", "GET, HEAD", "Content-Type", "text/plain"),
                    Body.of("Only GET and HEAD.\n"));
            return;
        }
        switch (head.path()) {
            case "/health" -> health(exchange);
            case "/metrics" ->
                exchange.send(
                        ResponseHead.of(200, "Content-Type", "text/plain; version=0.0.4; charset=utf-8"),
                        Body.of(metrics.scrape()));
            default ->
                exchange.send(
                        ResponseHead.of(404, "Content-Type", "text/plain"),
                        Body.of("Here are /health and /metrics.\n"));
        }
    }

    private void health(Exchange exchange) {
        var text = new StringBuilder();
        boolean well = true;
        for (Map.Entry<String, String> part : health.get().entrySet()) {
            well &= part.getValue().isEmpty();
            text.append(part.getKey())
                    .append(": ")
                    .append(part.getValue().isEmpty() ? "ok" : part.getValue())
                    .append('\n');
        }
        exchange.send(
                ResponseHead.of(
                        well ? 200 : 503, "Content-Type", "text/plain; charset=utf-8", "Cache-Control", "no-store"),
                Body.of(text.toString()));
    }
}
