package jarrah.bench;

import jarrah.aws.RequestSigner;
import jarrah.http.ClientRequest;
import jarrah.http.ClientResponse;
import jarrah.http.Headers;
import jarrah.http.HttpClient;
import jarrah.http.HttpClientConfig;
import jarrah.http.HttpOrigin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/** Signed S3 requests by many clients at once. */
final class S3Load implements AutoCloseable {
    static final String ACCESS_KEY_ID = "AKIABENCHMARK0000001";
    static final String SECRET = "the-secret-of-the-benchmark-00000001";

    private final HttpOrigin origin;
    private final HttpClient client = new HttpClient(HttpClientConfig.defaults()
            .withConnections(256, 256, Duration.ofSeconds(30))
            .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(120), Duration.ofSeconds(60)));
    private final RequestSigner signer = new RequestSigner(ACCESS_KEY_ID, SECRET, "us-east-1", "s3", Clock.systemUTC());

    S3Load(int apiPort) {
        origin = HttpOrigin.of("http://127.0.0.1:" + apiPort);
    }

    /** Puts one object, or makes a bucket; the body's SHA-256 is signed. */
    void put(String target, byte[] body, String... headers) throws IOException {
        call("PUT", target, sha256(body), body, headers);
    }

    /** Any signed request without a body; gives the answer's length in bytes. */
    long get(String target) throws IOException {
        return call("GET", target, sha256(new byte[0]), new byte[0]);
    }

    private long call(String method, String target, String sha256, byte[] body, String... headers) throws IOException {
        Headers fields = Headers.of(headers).set("Host", origin.authority());
        int mark = target.indexOf('?');
        signer.sign(
                method,
                mark < 0 ? target : target.substring(0, mark),
                mark < 0 ? null : target.substring(mark + 1),
                fields,
                sha256);
        var content = body.length == 0 && method.equals("GET")
                ? ClientRequest.Content.NONE
                : new ClientRequest.Content.Bytes(body);
        try (ClientResponse response = client.execute(new ClientRequest(method, origin, target, fields, content))) {
            long length = 0;
            var buffer = ByteBuffer.allocate(64 * 1024);
            for (int count = response.body().read(buffer);
                    count >= 0;
                    count = response.body().read(buffer)) {
                length += count;
                buffer.clear();
            }
            if (response.status() != 200) {
                throw new IOException(method + " " + target + " answered " + response.status());
            }
            return length;
        }
    }

    /**
     * What many requests took.
     *
     * @param seconds all together
     * @param p99Micros 99th percentile of the time of one, microseconds
     */
    record Many(double seconds, double p99Micros) {}

    /** The fields of a signed GET, as they may be sent again and again for a quarter of an hour. */
    Headers signedGet(String target) {
        Headers fields = Headers.of().set("Host", origin.authority());
        signer.sign("GET", target, null, fields, sha256(new byte[0]));
        return fields;
    }

    /**
     * Puts the same bytes under many keys.
     *
     * @param clients at once
     */
    Many putMany(int clients, long count, byte[] body, LongFunction<String> target)
            throws IOException, InterruptedException {
        String sha256 = sha256(body);
        var next = new AtomicLong();
        var failures = new ConcurrentLinkedQueue<IOException>();
        var done = new CountDownLatch(clients);
        var micros = new AtomicLongArray((int) count);
        long start = System.nanoTime();
        for (int i = 0; i < clients; i++) {
            Thread.ofVirtual().start(() -> {
                try {
                    for (long n = next.getAndIncrement(); n < count; n = next.getAndIncrement()) {
                        long began = System.nanoTime();
                        call("PUT", target.apply(n), sha256, body);
                        micros.set((int) n, (System.nanoTime() - began) / 1_000);
                    }
                } catch (IOException e) {
                    failures.add(e);
                } finally {
                    done.countDown();
                }
            });
        }
        done.await();
        IOException failure = failures.peek();
        if (failure != null) {
            throw failure;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        long[] sorted = LongStream.range(0, count)
                .map(n -> micros.get((int) n))
                .sorted()
                .toArray();
        return new Many(seconds, sorted[(int) (count * 99 / 100)]);
    }

    private static String sha256(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
