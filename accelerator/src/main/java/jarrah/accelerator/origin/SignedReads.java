package jarrah.accelerator.origin;

import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.accelerator.site.Verdict;
import jarrah.http.Handler;
import jarrah.http.Headers;
import jarrah.http.PercentCoding;
import jarrah.http.RequestHead;
import jarrah.http.ResponseBody;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Whether the signer of a request may read an object or list names: S3 itself is asked, in his name, for the object's head or
 * for a name, so that policies, ACLs and blocks count as they do there, and from that very moment.
 */
public final class SignedReads {
    private static final Verdict ALLOWED = new Verdict.Allowed(Verdict.Taken.AUTHORIZATION);

    private SignedReads() {}

    /**
     * Decides; waits for the store.
     *
     * @param signed the request as the client sent it
     * @param client whose address conditions of policies see
     * @param key of the object; null if the request can mean none
     */
    public static Verdict judge(
            OwnBuckets buckets, RequestHead signed, InetAddress client, @Nullable CacheKey key, Site site) {
        String object = key == null ? null : PercentCoding.encodePath(key.path());
        return judge(buckets, "HEAD", object, signed, client, site);
    }

    /**
     * Decides whether the signer may list the names under a prefix; waits for the store.
     *
     * @param signed the request as the client sent it
     * @param client whose address conditions of policies see
     */
    public static Verdict judgeListing(
            OwnBuckets buckets, RequestHead signed, InetAddress client, String prefix, Site site) {
        return judge(buckets, "GET", "?" + BucketListing.query(prefix, null, 1), signed, client, site);
    }

    /** @param what behind the bucket's slash; null if it can mean nothing */
    private static Verdict judge(
            OwnBuckets buckets,
            String method,
            @Nullable String what,
            RequestHead signed,
            InetAddress client,
            Site site) {
        Handler signer;
        try {
            signer = buckets.signer(signed);
        } catch (OwnBuckets.SignatureRefused e) {
            return denied(403, e.getMessage());
        }
        if (signer == null) {
            return denied(403, null);
        }
        if (!(site.origin() instanceof SiteOrigin.Bucket bucket) || what == null) {
            return denied(404, null);
        }
        String target = "/" + PercentCoding.encode(bucket.bucket()) + "/" + what;
        int status = status(signer, method, target, signed, client);
        if (status >= 200 && status < 300) {
            return ALLOWED;
        }
        return switch (status) {
            case 404 -> denied(404, null);
            case 403 -> denied(403, "The signer may not read this.");
            default -> denied(503, null);
        };
    }

    private static Verdict denied(int status, @Nullable String text) {
        return new Verdict.Denied(status, null, text);
    }

    /** The status of the answer; 0 if the store failed. */
    private static int status(Handler signer, String method, String target, RequestHead signed, InetAddress client) {
        Headers fields = Headers.of("Host", "s3.localhost");
        for (String name : new String[] {"User-Agent", "Referer"}) { // conditions of policies may ask for them
            String value = signed.headers().first(name);
            if (value != null) {
                fields.add(name, value);
            }
        }
        var status = new int[1];
        Origin.Receiver receiver = (answered, _, _) -> {
            status[0] = answered;
            ResponseBody nothing = new DiscardedBody();
            return nothing;
        };
        var exchange = new InProcessExchange(
                new RequestHead(
                        method,
                        target,
                        fields,
                        new InetSocketAddress(client, signed.remote().getPort()),
                        signed.local(),
                        signed.secure()),
                receiver);
        try {
            signer.handle(exchange);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        } catch (Exception e) {
            return 0; // the store's own log has the cause
        } finally {
            exchange.ended();
        }
        return status[0];
    }
}
