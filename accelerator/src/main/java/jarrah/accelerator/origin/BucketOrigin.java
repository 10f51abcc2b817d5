package jarrah.accelerator.origin;

import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.accelerator.store.Generations;
import jarrah.http.Handler;
import jarrah.http.Headers;
import jarrah.http.PercentCoding;
import jarrah.http.RequestHead;
import jarrah.http.ResponseBody;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A bucket of the object store in this process: S3's own handler is called, without a socket between.
 *
 * <p>S3's XML errors are for programs; people get a line of text under the same status. Fields of S3's own ({@code
 * x-amz-...}) stay behind, but for the user's metadata.
 */
public final class BucketOrigin implements Origin {
    /** Fields of a request that mean something to S3 here; all others are the client's and the accelerator's affair. */
    private static final List<String> PASSED = List.of("Range", "If-Range", "If-None-Match", "If-Modified-Since");

    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final OwnBuckets buckets;
    private final String bucket;
    private final Handler reader;

    public BucketOrigin(OwnBuckets buckets, SiteOrigin.Bucket origin) {
        this.buckets = buckets;
        this.bucket = origin.bucket();
        this.reader = buckets.reader(origin.as());
    }

    @Override
    public Generations generations(CacheKey key) {
        return Generations.of(buckets.watchBucket(bucket), buckets.watchObject(bucket, key.path()));
    }

    @Override
    public void fetch(Asked asked, Receiver receiver) throws IOException {
        Headers headers = Headers.of("Host", "s3.localhost");
        for (String name : PASSED) {
            String value = asked.headers().joined(name);
            if (value != null) {
                headers.add(name, value);
            }
        }
        String target = "/" + PercentCoding.encode(bucket) + "/"
                + PercentCoding.encodePath(asked.key().path());
        var exchange = new InProcessExchange(
                new RequestHead(asked.method(), target, headers, HERE, HERE, false),
                new Translator(receiver, asked.method().equals("HEAD")));
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

    /** Turns S3's answers into answers for people. */
    private record Translator(Receiver receiver, boolean headOnly) implements Receiver {
        @Override
        public ResponseBody head(int status, Headers headers, long length) throws IOException {
            if (status >= 400) {
                byte[] text = Refusals.text(status).getBytes(StandardCharsets.UTF_8);
                Headers plain = Headers.of("Content-Type", "text/plain; charset=utf-8");
                String range = headers.first("Content-Range");
                if (range != null) {
                    plain.add("Content-Range", range);
                }
                ResponseBody target = receiver.head(status, plain, text.length);
                if (!headOnly) {
                    target.write(ByteBuffer.wrap(text));
                }
                target.close();
                return new DiscardedBody();
            }
            return receiver.head(status, translated(headers), length);
        }

        private static Headers translated(Headers headers) {
            Headers kept = Headers.of();
            headers.forEach((name, value) -> {
                boolean amazon = name.regionMatches(true, 0, "x-amz-", 0, 6)
                        && !name.regionMatches(true, 0, "x-amz-meta-", 0, 11);
                if (!amazon && !name.equalsIgnoreCase("Server")) {
                    kept.add(name, value);
                }
            });
            return kept;
        }
    }
}
