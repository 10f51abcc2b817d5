package jarrah.accelerator.origin;

import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.accelerator.store.Generations;
import jarrah.http.Handler;
import jarrah.http.Headers;
import jarrah.http.PercentCoding;
import jarrah.http.RequestHead;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A bucket of the object store in this process: S3's own handler is called, without a socket between.
 */
final class BucketOrigin implements Origin {
    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final OwnBuckets buckets;
    private final String bucket;
    private final Handler reader;
    private final String as;

    BucketOrigin(OwnBuckets buckets, SiteOrigin.Bucket origin) {
        this.buckets = buckets;
        this.bucket = origin.bucket();
        this.reader = buckets.reader(origin.as());
        this.as = origin.as().toString().toLowerCase(Locale.ROOT);
    }

    @Override
    public Generations generations(CacheKey key) {
        return Generations.of(buckets.watchBucket(bucket), buckets.watchObject(bucket, key.path()));
    }

    @Override
    public void fetch(Asked asked, Receiver receiver) throws IOException {
        Headers headers = ObjectAnswers.asked("s3.localhost", asked.headers());
        String target = "/" + PercentCoding.encode(bucket) + "/"
                + PercentCoding.encodePath(asked.key().path());
        ask(
                asked.method(),
                target,
                headers,
                new ObjectAnswers(receiver, asked.method().equals("HEAD")));
    }

    @Override
    public BucketListing list(String prefix, @Nullable String token, int most) throws IOException {
        var status = new int[1];
        var document = new BoundedBytes(BucketListing.MAX_ANSWER_BYTES);
        String target = "/" + PercentCoding.encode(bucket) + "/?" + BucketListing.query(prefix, token, most);
        ask("GET", target, Headers.of("Host", "s3.localhost"), (answered, _, _) -> {
            status[0] = answered;
            return document;
        });
        return BucketListing.read(status[0], document.toByteArray());
    }

    private void ask(String method, String target, Headers headers, Receiver receiver) throws IOException {
        var exchange = new InProcessExchange(new RequestHead(method, target, headers, HERE, HERE, false), receiver);
        try {
            reader.handle(exchange);
        } catch (InterruptedException | InterruptedIOException e) {
            Thread.currentThread().interrupt();
            throw new OriginException(OriginException.Kind.SILENT, "interrupted", e);
        } catch (UncheckedIOException e) {
            throw e.getCause(); // what the receiver threw out of a send
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new OriginException(OriginException.Kind.BROKEN, "the object store failed", e);
        } finally {
            exchange.ended();
        }
        if (!exchange.whole()) {
            throw new OriginException(
                    OriginException.Kind.BROKEN, "the object store broke off", new IOException(target));
        }
    }

    /** An object that is not there tells most: 404 where all may be read, 403 where not, and 404 for no bucket either. */
    @Override
    public List<String> check() {
        var problems = new ArrayList<String>();
        try {
            var key = new CacheKey("check", "check", "jarrah-check-of-what-is-not-there", null);
            fetch(new Asked("GET", key, "/", Headers.of(), null), (status, _, _) -> {
                if (status == 403) {
                    problems.add("bucket " + bucket + " may not be read as " + as
                            + ": s3:GetObject is not allowed on all of it, or s3:ListBucket is not, and then"
                            + " objects that do not exist answer 403");
                } else if (status != 404) {
                    problems.add("bucket " + bucket + " answers " + status);
                }
                return new DiscardedBody();
            });
            if (!buckets.exists(bucket)) {
                problems.clear();
                problems.add("there is no bucket " + bucket);
            }
        } catch (IOException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        return problems;
    }
}
