package jarrah.accelerator;

import jarrah.accelerator.origin.DiscardedBody;
import jarrah.accelerator.origin.Origin;
import jarrah.accelerator.origin.OriginException;
import jarrah.accelerator.rules.CacheControl;
import jarrah.accelerator.rules.CacheStatus;
import jarrah.accelerator.rules.Compression;
import jarrah.accelerator.rules.Fields;
import jarrah.accelerator.rules.Invalidation;
import jarrah.accelerator.rules.ResponseDirectives;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.store.Prepared;
import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Headers;
import jarrah.http.ResponseBody;
import jarrah.http.ResponseHead;
import java.io.IOException;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A request that the origin answers for one client alone: bytes go through and nothing is stored. What it changes at the
 * origin is no longer served from the store. Owned by the request's thread.
 */
final class Pass implements Origin.Receiver {
    private final Accelerator accelerator;
    private final Exchange exchange;
    private final Site site;
    private final Origin origin;
    private final CacheStatus.Forward why;
    private final IntPredicate replaced;
    private int left;
    private String target = "";
    private boolean compressed;
    private @Nullable String told;

    /**
     * Does nothing yet.
     *
     * @param replaced tells the statuses of answers in whose place something else is served
     */
    Pass(
            Accelerator accelerator,
            Exchange exchange,
            Site site,
            Origin origin,
            CacheStatus.Forward why,
            IntPredicate replaced) {
        this.accelerator = accelerator;
        this.exchange = exchange;
        this.site = site;
        this.origin = origin;
        this.why = why;
        this.replaced = replaced;
    }

    /**
     * Passes the request on and the answer back.
     *
     * @return 0, or the status of the error to be sent because the origin gave no answer
     */
    int run(Origin.Asked asked) throws IOException {
        SiteCounts counts = accelerator.fetches().counts(site);
        SiteLimits.Place place = accelerator.fetches().limits().begin(site);
        if (place == null) {
            counts.limited.increment();
            return 503;
        }
        try (place) {
            return ask(asked, counts);
        }
    }

    private int ask(Origin.Asked asked, SiteCounts counts) throws IOException {
        counts.passes.increment();
        counts.fetches.increment();
        target = asked.target();
        compressed = Compression.GZIP.equals(asked.headers().joined("Accept-Encoding"));
        try {
            origin.fetch(asked, this);
            return 0;
        } catch (OriginException e) {
            if (left != 0) {
                return 0;
            }
            counts.fetchFailures.increment();
            if (exchange.committed()) {
                exchange.abort();
                throw e;
            }
            counts.passes.decrement(); // it counts as refused
            return e.kind().status();
        } catch (IOException e) {
            if (left != 0) {
                return 0;
            }
            if (exchange.committed()) {
                exchange.abort(); // the client left; what it left half sent is no answer to anything
            }
            throw e;
        }
    }

    /** The status of an answer that was left for what is served in its place; 0 if none was. */
    int left() {
        return left;
    }

    /** What Cache-Status said of the answer; null if there was none. */
    @Nullable
    String told() {
        return told;
    }

    @Override
    public void interim(int status, Headers headers) {
        exchange.interim(status, Fields.withoutHopByHop(headers));
    }

    @Override
    public ResponseBody head(int status, Headers headers, long length) throws IOException {
        String method = exchange.request().method();
        if (replaced.test(status)) {
            left = status;
            accelerator.fetches().counts(site).passes.decrement(); // it counts as what it comes to
            return new DiscardedBody();
        }
        Headers answer = Fields.withoutHopByHop(headers);
        if (Invalidation.applies(method, status)) {
            // Before the client hears of it: its next request must not get what was stored before.
            for (String changed : Invalidation.targets(exchange.request().host(), target, answer)) {
                accelerator.invalidate(site, changed);
            }
        }
        long shown = site.compress() ? variant(method, status, answer, length) : length;
        Headers fields = Prepared.fields(site, answer, accelerator.clock().millis());
        fields.remove("Content-Length");
        String cacheStatus = CacheStatus.forwarded(why, status, status, false, false);
        told = cacheStatus;
        fields.add("Cache-Status", cacheStatus);
        var head = new ResponseHead(status, fields);
        if (method.equals("HEAD")) {
            exchange.send(head, new Body.LengthOnly(shown));
            return new DiscardedBody();
        }
        if (length == 0 || status == 204 || status == 304) {
            exchange.send(head, Body.EMPTY);
            return new DiscardedBody();
        }
        return exchange.stream(head, length);
    }

    /**
     * Makes the head of an answer to HEAD that which a GET would have; what else is passed goes as it is. Returns the length to
     * be told, bytes; -1 for none.
     */
    private long variant(String method, int status, Headers answer, long length) {
        boolean whole = status == 200 || status == 206;
        CacheControl control = ResponseDirectives.of(answer).control();
        if ((!method.equals("GET") && !method.equals("HEAD")) || !whole) {
            return length;
        }
        Headers ofWhole = answer.copy().remove("Content-Range");
        if (!Compression.applies(200, ofWhole, control, status == 206 ? -1 : length)) {
            return length;
        }
        Compression.vary(answer);
        if (method.equals("HEAD") && compressed) {
            Compression.encode(answer);
            return -1;
        }
        return length;
    }
}
