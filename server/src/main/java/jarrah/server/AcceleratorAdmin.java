package jarrah.server;

import jarrah.accelerator.Accelerator;
import jarrah.accelerator.AcceleratorCounters;
import jarrah.accelerator.Answered;
import jarrah.accelerator.Ban;
import jarrah.accelerator.acme.AcmeCertificates;
import jarrah.accelerator.config.ConfigException;
import jarrah.accelerator.site.Glob;
import jarrah.http.Exchange;
import jarrah.http.ResponseBody;
import jarrah.http.ResponseHead;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The admin API's part for the accelerator, the same within a region and for an accelerator alone:
 *
 * <pre>
 *   POST /accelerator/purge   {url, soft?} -> {removed}
 *   POST /accelerator/ban     {site?, path?, field?, value?, tags?: [..], soft?} -> {removed}
 *   POST /accelerator/reload  {} -> {sites}: reads the configuration anew
 *   POST /accelerator/check   {} -> {sites: [{name, problems: [..]}], certificates: [{name, ends?, problems: [..]}]}: asks
 *                             every origin; certificates are those of an authority
 *   GET  /accelerator/stat    {sites: {NAME: {hits, ...}}, leases: {NAME: {state, ...}}, store: {...}, unroutable, fetching}
 *   POST /accelerator/log     {site?, handling?, status?, path?, limit?} -> lines, a JSON object each, {"done": ..} last
 * </pre>
 */
final class AcceleratorAdmin implements AdminCalls {
    private static final JsonMapper JSON = new JsonMapper();

    /** Answers that wait to be told to one who looks on; if it is slower than that, some are left out. */
    private static final int WAITING = 4_096;

    /** How often a line is sent though nothing happens, so that one who has gone is noticed. */
    private static final long IDLE_SECONDS = 5;

    private final Accelerator accelerator;
    private final AcmeCertificates certificates;
    private final Optional<ConfigurationWatch> watch;

    /** @param watch reads the configuration anew; empty if there is no file */
    AcceleratorAdmin(Accelerator accelerator, AcmeCertificates certificates, Optional<ConfigurationWatch> watch) {
        this.accelerator = accelerator;
        this.certificates = certificates;
        this.watch = watch;
    }

    /** A call that cannot be done; the message is for the person. */
    private static final class Refused extends Exception {
        private final int status;

        Refused(int status, String message) {
            super(message);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    /** Whether a call is of this part. */
    static boolean has(String call) {
        return call.contains(" /accelerator/");
    }

    @Override
    public void handle(Exchange exchange, String call, byte[] body) throws IOException {
        try {
            JsonNode request = request(body);
            if (call.equals("POST /accelerator/log")) {
                log(exchange, request);
                return;
            }
            AdminJson.answer(exchange, 200, answer(call, request));
        } catch (Refused e) {
            AdminJson.refuse(exchange, e.status(), "ValidationError", String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exchange.abort();
        }
    }

    private static JsonNode request(byte[] body) throws Refused {
        try {
            JsonNode node = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
            if (node.isObject()) {
                return node;
            }
        } catch (JacksonException e) {
            // told below
        }
        throw new Refused(400, "The request is not a small JSON object.");
    }

    private ObjectNode answer(String call, JsonNode request) throws Refused {
        return switch (call) {
            case "POST /accelerator/purge" -> purge(request);
            case "POST /accelerator/ban" -> ban(request);
            case "POST /accelerator/reload" -> reload();
            case "POST /accelerator/check" -> check();
            case "GET /accelerator/stat" -> stat();
            default -> throw new Refused(404, "There is no call " + call + ".");
        };
    }

    private ObjectNode purge(JsonNode request) throws Refused {
        URI url;
        try {
            url = URI.create(request.path("url").asString(""));
        } catch (IllegalArgumentException e) {
            throw new Refused(400, "That is no URL: " + e.getMessage());
        }
        String path = url.getRawPath();
        if (url.getHost() == null || path == null) {
            throw new Refused(400, "A purge takes a URL such as http://files.example.com/tools/a.tar.gz");
        }
        String target = (path.isEmpty() ? "/" : path) + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
        int removed = accelerator.purge(
                url.getRawAuthority(), target, request.path("soft").asBoolean(false));
        if (removed < 0) {
            throw new Refused(404, "No site has " + url);
        }
        return JSON.createObjectNode().put("removed", removed);
    }

    private ObjectNode ban(JsonNode request) throws Refused {
        Set<String> tags = new HashSet<>();
        request.path("tags").forEach(tag -> tags.add(tag.asString("")));
        var ban = new Ban(
                text(request, "site"), text(request, "path"), text(request, "field"), text(request, "value"), tags);
        if (ban.unlimited()) {
            throw new Refused(400, "A ban names at least a site, a path, a field or a tag; `*` stands for any.");
        }
        return JSON.createObjectNode()
                .put("removed", accelerator.ban(ban, request.path("soft").asBoolean(false)));
    }

    private static @Nullable String text(JsonNode request, String name) {
        return request.has(name) ? request.path(name).asString("") : null;
    }

    private ObjectNode reload() throws Refused {
        if (watch.isEmpty()) {
            throw new Refused(400, "There is no configuration file to read anew.");
        }
        try {
            return JSON.createObjectNode().put("sites", watch.get().reload());
        } catch (ConfigException | IOException e) {
            throw new Refused(400, e.getMessage() + "; the former configuration stays in force");
        }
    }

    private ObjectNode check() {
        ObjectNode answer = JSON.createObjectNode();
        var sites = answer.putArray("sites");
        accelerator.check().forEach((name, problems) -> {
            var list = sites.addObject().put("name", name).putArray("problems");
            problems.forEach(list::add);
        });
        var list = answer.putArray("certificates");
        for (AcmeCertificates.Standing standing : certificates.standings()) {
            ObjectNode one = list.addObject().put("name", standing.name());
            var problems = one.putArray("problems");
            if (standing.ends() != null) {
                one.put("ends", standing.ends().toString());
            } else if (standing.trouble() == null) {
                problems.add("the authority has given no certificate yet");
            }
            if (standing.trouble() != null) {
                problems.add("no new certificate: " + standing.trouble());
            }
        }
        return answer;
    }

    private ObjectNode stat() {
        AcceleratorCounters counters = accelerator.counters();
        ObjectNode answer = JSON.createObjectNode();
        ObjectNode sites = answer.putObject("sites");
        counters.sites()
                .forEach((name, site) -> sites.putObject(name)
                        .put("hits", site.hits())
                        .put("graceHits", site.graceHits())
                        .put("misses", site.misses())
                        .put("joined", site.collapsed())
                        .put("passes", site.passes())
                        .put("refusals", site.refusals())
                        .put("fetches", site.fetches())
                        .put("fetchFailures", site.fetchFailures())
                        .put("limited", site.limited())
                        .put("bytesSent", site.bytesSent()));
        ObjectNode leases = answer.putObject("leases");
        accelerator
                .coherence()
                .forEach((name, lease) -> leases.putObject(name)
                        .put(
                                "state",
                                lease.state().name().toLowerCase(Locale.ROOT).replace('_', ' '))
                        .put("ageMillis", lease.ageMillis())
                        .put("lapses", lease.lapses())
                        .put("changes", lease.changes())
                        .put("trouble", lease.trouble()));
        answer.putObject("store")
                .put("entries", counters.store().entries())
                .put("memoryBytes", counters.store().memoryBytes())
                .put("fileBytes", counters.store().fileBytes())
                .put("evictions", counters.store().evictions());
        return answer.put("unroutable", counters.unroutable()).put("fetching", counters.fetching());
    }

    /** Tells of answers as they leave, until the client goes or has as many as it wanted. */
    private void log(Exchange exchange, JsonNode request) throws IOException, InterruptedException {
        Filter filter = Filter.of(request);
        long left = request.path("limit").asLong(Long.MAX_VALUE);
        var waiting = new ArrayBlockingQueue<Answered>(WAITING);
        var missed = new AtomicLong();
        try (var _ = accelerator.watch(answered -> {
                    if (filter.takes(answered) && !waiting.offer(answered)) {
                        missed.incrementAndGet();
                    }
                });
                ResponseBody body = exchange.stream(ResponseHead.of(200, "Content-Type", "application/x-ndjson"), -1)) {
            line(body, JSON.createObjectNode().put("ready", true));
            while (left > 0) {
                Answered answered = waiting.poll(IDLE_SECONDS, TimeUnit.SECONDS);
                if (answered == null) {
                    line(body, JSON.createObjectNode().put("idle", true));
                    continue;
                }
                long lost = missed.getAndSet(0);
                if (lost > 0) {
                    line(body, JSON.createObjectNode().put("missed", lost));
                }
                line(body, json(answered));
                left--;
            }
            line(body, JSON.createObjectNode().put("done", true));
        }
    }

    private static ObjectNode json(Answered answered) {
        return JSON.createObjectNode()
                .put("millis", answered.millis())
                .put("client", answered.client())
                .put("method", answered.method())
                .put("host", answered.host())
                .put("target", answered.target())
                .put("site", answered.site())
                .put("handling", answered.handling())
                .put("status", answered.status())
                .put("bytes", answered.bytes())
                .put("micros", answered.nanos() / 1_000)
                .put("whole", answered.whole());
    }

    private static void line(ResponseBody body, ObjectNode value) throws IOException {
        byte[] json = JSON.writeValueAsBytes(value);
        body.write(
                ByteBuffer.allocate(json.length + 1).put(json).put((byte) '\n').flip());
    }

    /**
     * Which answers are told.
     *
     * @param site glob on the site's name
     * @param handling as in {@link Answered}
     * @param status three digits, {@code x} for any
     * @param path glob on the target
     */
    private record Filter(
            @Nullable String site,
            @Nullable String handling,
            @Nullable String status,
            @Nullable String path) {
        static Filter of(JsonNode request) {
            return new Filter(
                    text(request, "site"), text(request, "handling"), text(request, "status"), text(request, "path"));
        }

        boolean takes(Answered answered) {
            String name = answered.site() == null ? "" : answered.site();
            return (site == null || new Glob(site).matches(name))
                    && (handling == null || handling.equals(answered.handling()))
                    && (status == null
                            || new Glob(status.replace('x', '?')).matches(Integer.toString(answered.status())))
                    && (path == null || new Glob(path).matches(answered.target()));
        }
    }
}
