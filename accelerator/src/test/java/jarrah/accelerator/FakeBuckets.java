package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.accelerator.origin.OwnBuckets;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.http.Body;
import jarrah.http.ByteRange;
import jarrah.http.Exchange;
import jarrah.http.Handler;
import jarrah.http.Headers;
import jarrah.http.PercentCoding;
import jarrah.http.QueryParameters;
import jarrah.http.RequestHead;
import jarrah.http.ResponseBody;
import jarrah.http.ResponseHead;
import jarrah.storage.StoreChanges;
import jarrah.testkit.Gate;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An object store of one bucket, {@code b}, with S3's manners and the store's promises about generations. */
final class FakeBuckets implements OwnBuckets {
    /** An object; its generation is the number of the change that made it. */
    record Stored(
            byte[] bytes,
            String etag,
            long generation,
            @Nullable String cacheControl) {}

    private final ConcurrentHashMap<String, Stored> objects = new ConcurrentHashMap<>();
    private final AtomicLong sequence = new AtomicLong(100);
    private final StoreChanges changes = new StoreChanges(this::generation);
    private volatile long bucketGeneration = 1;
    private volatile boolean readable = true;
    private volatile @Nullable Gate midway;
    final AtomicInteger requests = new AtomicInteger();

    private long generation(String subject) {
        if (subject.equals("bucket")) {
            return bucketGeneration;
        }
        Stored stored = objects.get(subject);
        return stored == null ? 0 : stored.generation();
    }

    void put(String key, byte[] bytes) {
        put(key, bytes, null);
    }

    synchronized void put(String key, byte[] bytes, @Nullable String cacheControl) {
        long change = sequence.incrementAndGet();
        objects.put(key, new Stored(bytes, "\"" + change + "\"", change, cacheControl));
        changes.raise(key, change, true);
    }

    synchronized void delete(String key) {
        objects.remove(key);
        changes.raise(key, sequence.incrementAndGet(), false);
    }

    /** Whether everybody may read the bucket. */
    synchronized void readable(boolean everybody) {
        readable = everybody;
        bucketGeneration = sequence.incrementAndGet();
        changes.raise("bucket", bucketGeneration, true);
    }

    /** The next answers stop there after their first half, until the gate opens. */
    void stopMidway(@Nullable Gate gate) {
        midway = gate;
    }

    int watched() {
        return changes.watched();
    }

    @Override
    public boolean exists(String bucket) {
        return bucket.equals("b");
    }

    @Override
    public Handler reader(SiteOrigin.Identity as) {
        return exchange -> answer(exchange, as);
    }

    /** Users whose name counts as a signature, and the keys that each may read. */
    final ConcurrentHashMap<String, java.util.Set<String>> signers = new ConcurrentHashMap<>();

    java.util.Set<String> readableBy(String user) {
        return signers.getOrDefault(user, java.util.Set.of());
    }

    @Override
    public @Nullable Handler signer(RequestHead signed) throws SignatureRefused {
        String authorization = signed.headers().first("Authorization");
        if (authorization == null || !authorization.startsWith("AWS4-HMAC-SHA256 ")) {
            return null;
        }
        String user = authorization.substring("AWS4-HMAC-SHA256 ".length());
        if (!signers.containsKey(user)) {
            throw new SignatureRefused("The access key is not known.");
        }
        return exchange -> {
            String key = PercentCoding.decode(exchange.request().path())
                    .orElseThrow()
                    .substring("/b/".length());
            // Who may list a prefix has it among the names, with a star behind.
            String asked = key.isEmpty() ? query(exchange).first("prefix") + "*" : key;
            if (readableBy(user).contains(asked)) {
                answer(exchange, SiteOrigin.Identity.OPERATOR);
            } else {
                refuse(exchange, 403, "AccessDenied");
            }
        };
    }

    @Override
    public StoreChanges.Watch watchBucket(String bucket) {
        return changes.watch("bucket");
    }

    @Override
    public StoreChanges.Watch watchObject(String bucket, String key) {
        return changes.watch(key);
    }

    private void answer(Exchange exchange, SiteOrigin.Identity as) throws Exception {
        requests.incrementAndGet();
        String path = PercentCoding.decode(exchange.request().path()).orElseThrow();
        Stored stored = objects.get(path.substring("/b/".length()));
        if (!path.startsWith("/b/") || (!readable && as == SiteOrigin.Identity.ANONYMOUS)) {
            refuse(exchange, 403, "AccessDenied");
        } else if (path.equals("/b/") && query(exchange).contains("list-type")) {
            list(exchange);
        } else if (stored == null) {
            refuse(exchange, 404, "NoSuchKey");
        } else {
            serve(exchange, stored);
        }
    }

    private static QueryParameters query(Exchange exchange) {
        String target = exchange.request().target();
        int mark = target.indexOf('?');
        return QueryParameters.parse(mark < 0 ? null : target.substring(mark + 1), QueryParameters.Plus.LITERAL)
                .orElseThrow();
    }

    /** ListObjectsV2 with a slash as delimiter; the token is the last name told. */
    private void list(Exchange exchange) {
        QueryParameters query = query(exchange);
        assertThat(query.first("delimiter")).isEqualTo("/");
        assertThat(query.first("encoding-type")).isEqualTo("url");
        String prefix = Objects.requireNonNull(query.first("prefix"));
        String token = query.first("continuation-token");
        if (token != null && !token.startsWith("t")) {
            refuse(exchange, 400, "InvalidArgument");
            return;
        }
        var names = new TreeSet<String>();
        for (String key : objects.keySet()) {
            if (key.startsWith(prefix)) {
                int slash = key.indexOf('/', prefix.length());
                names.add(slash < 0 ? key : key.substring(0, slash + 1));
            }
        }
        List<String> left = List.copyOf(token == null ? names : names.tailSet(token.substring(1), false));
        int most = Integer.parseInt(Objects.requireNonNull(query.first("max-keys")));
        List<String> page = left.subList(0, Math.min(most, left.size()));
        var xml = new StringBuilder("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                + "<EncodingType>url</EncodingType><IsTruncated>" + (page.size() < left.size()) + "</IsTruncated>");
        if (page.size() < left.size()) {
            xml.append("<NextContinuationToken>t").append(page.getLast()).append("</NextContinuationToken>");
        }
        for (String name : page) {
            Stored stored = name.indexOf('/', prefix.length()) < 0 ? objects.get(name) : null;
            String encoded = PercentCoding.encode(name).replace("%20", "+");
            xml.append(
                    stored == null
                            ? "<CommonPrefixes><Prefix>" + encoded + "</Prefix></CommonPrefixes>"
                            : "<Contents><Key>" + encoded
                                    + "</Key><LastModified>2026-11-22T11:00:00.000Z</LastModified>" + "<Size>"
                                    + stored.bytes().length + "</Size></Contents>");
        }
        exchange.send(
                ResponseHead.of(200, "Content-Type", "application/xml"),
                Body.of(xml.append("</ListBucketResult>").toString()));
    }

    private static void refuse(Exchange exchange, int status, String code) {
        var head = ResponseHead.of(status, "Content-Type", "application/xml", "x-amz-request-id", "1");
        exchange.send(head, Body.of("<Error><Code>" + code + "</Code></Error>"));
    }

    private void serve(Exchange exchange, Stored stored) throws Exception {
        Headers asked = exchange.request().headers();
        Headers fields = Headers.of(
                "ETag", stored.etag(), "Content-Type", "text/plain", "x-amz-request-id", "7", "x-amz-meta-a", "b");
        if (stored.cacheControl() != null) {
            fields.add("Cache-Control", stored.cacheControl());
        }
        if (stored.etag().equals(asked.first("If-None-Match"))) {
            exchange.send(new ResponseHead(304, fields), Body.EMPTY);
            return;
        }
        int total = stored.bytes().length;
        ByteRange range = total == 0 ? null : new ByteRange(0, total - 1);
        int status = 200;
        String wanted = asked.first("Range");
        if (wanted != null) {
            var ranges = ByteRange.resolve(ByteRange.parse(wanted).orElseThrow(), total);
            if (ranges.isEmpty()) {
                fields.add("Content-Range", ByteRange.unsatisfiedContentRange(total));
                exchange.send(new ResponseHead(416, fields), Body.of("<Error/>"));
                return;
            }
            range = ranges.getFirst();
            status = 206;
            fields.add("Content-Range", range.contentRange(total));
        }
        if (exchange.request().method().equals("HEAD")) {
            exchange.send(new ResponseHead(status, fields), new Body.LengthOnly(range == null ? 0 : range.length()));
            return;
        }
        int length = range == null ? 0 : (int) range.length();
        int offset = range == null ? 0 : (int) range.first();
        try (ResponseBody body = exchange.stream(new ResponseHead(status, fields), length)) {
            body.write(ByteBuffer.wrap(stored.bytes(), offset, length / 2));
            Gate gate = midway;
            if (gate != null) {
                gate.pass();
            }
            body.write(ByteBuffer.wrap(stored.bytes(), offset + length / 2, length - length / 2));
        }
    }
}
