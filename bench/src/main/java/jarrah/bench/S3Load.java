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
import java.util.function.LongFunction;

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
     * Puts the same bytes under many keys.
     *
     * @param clients at once
     * @return seconds that it took
     */
    double putMany(int clients, long count, byte[] body, LongFunction<String> target)
            throws IOException, InterruptedException {
        String sha256 = sha256(body);
        var next = new AtomicLong();
        var failures = new ConcurrentLinkedQueue<IOException>();
        var done = new CountDownLatch(clients);
        long start = System.nanoTime();
        for (int i = 0; i < clients; i++) {
            Thread.ofVirtual().start(() -> {
                try {
                    for (long n = next.getAndIncrement(); n < count; n = next.getAndIncrement()) {
                        call("PUT", target.apply(n), sha256, body);
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
        return (System.nanoTime() - start) / 1e9;
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
