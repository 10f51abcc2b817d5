package jarrah.accelerator;

import jarrah.accelerator.origin.DiscardedBody;
import jarrah.accelerator.origin.Origin;
import jarrah.accelerator.origin.OriginException;
import jarrah.accelerator.rules.CacheStatus;
import jarrah.accelerator.rules.Fields;
import jarrah.accelerator.rules.Invalidation;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.store.Prepared;
import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Headers;
import jarrah.http.ResponseBody;
import jarrah.http.ResponseHead;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A request that the origin answers for one client alone: bytes go through and nothing is stored. What it changes at the
 * origin is no longer served from the store. Owned by the request's thread.
 */
final class Pass implements Origin.Receiver {
    /** An object of that size is fetched whole when a range of it was asked for. */
    private static final long WHOLE_BYTES = 4 << 20;

    private final Accelerator accelerator;
    private final Exchange exchange;
    private final Site site;
    private final Origin origin;
    private final CacheStatus.Forward why;
    private final Fetches.@Nullable Wanted whole;
    private String target = "";
    private @Nullable String told;

    /** @param whole to be fetched for others if this turns out to be a part of something small; null for nothing */
    Pass(
            Accelerator accelerator,
            Exchange exchange,
            Site site,
            Origin origin,
            CacheStatus.Forward why,
            Fetches.@Nullable Wanted whole) {
        this.accelerator = accelerator;
        this.exchange = exchange;
        this.site = site;
        this.origin = origin;
        this.why = why;
        this.whole = whole;
    }

    /**
     * Passes the request on and the answer back.
     *
     * @return 0, or the status of the error to be sent because the origin gave no answer
     */
    int run(Origin.Asked asked) throws IOException {
        SiteCounts counts = accelerator.fetches().counts(site);
        counts.passes.increment();
        counts.fetches.increment();
        target = asked.target();
        try {
            origin.fetch(asked, this);
            return 0;
        } catch (OriginException e) {
            counts.fetchFailures.increment();
            if (exchange.committed()) {
                exchange.abort();
                throw e;
            }
            counts.passes.decrement(); // it counts as refused
            return e.kind().status();
        } catch (IOException e) {
            if (exchange.committed()) {
                exchange.abort(); // the client left; what it left half sent is no answer to anything
            }
            throw e;
        }
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
        Headers answer = Fields.withoutHopByHop(headers);
        if (Invalidation.applies(method, status)) {
            // Before the client hears of it: its next request must not get what was stored before.
            for (String changed : Invalidation.targets(exchange.request().host(), target, answer)) {
                accelerator.invalidate(site, changed);
            }
        }
        if (whole != null && status == 206 && isPartOfSmall(answer.first("Content-Range"))) {
            accelerator.fetches().refresh(whole);
        }
        Headers fields = Prepared.fields(site, answer, accelerator.clock().millis());
        fields.remove("Content-Length");
        String cacheStatus = CacheStatus.forwarded(why, status, status, false, false);
        told = cacheStatus;
        fields.add("Cache-Status", cacheStatus);
        var head = new ResponseHead(status, fields);
        if (method.equals("HEAD")) {
            exchange.send(head, new Body.LengthOnly(length));
            return new DiscardedBody();
        }
        if (length == 0 || status == 204 || status == 304) {
            exchange.send(head, Body.EMPTY);
            return new DiscardedBody();
        }
        return exchange.stream(head, length);
    }

    private static boolean isPartOfSmall(@Nullable String contentRange) {
        String total = contentRange == null ? "" : contentRange.substring(contentRange.lastIndexOf('/') + 1);
        return !total.isEmpty()
                && total.length() < 10
                && total.chars().allMatch(c -> c >= '0' && c <= '9')
                && Long.parseLong(total) <= WHOLE_BYTES;
    }
}
