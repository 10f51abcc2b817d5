package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Several accelerators in front of one store: an overwrite is seen on each before two seconds have passed, whatever becomes
 * of the others, of the way between, or of the store.
 */
class CoherentNodesTest {
    private static final long LEASE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final Map<String, String> KEYS =
            Map.of("AWS_ACCESS_KEY_ID", Region.ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY", Region.SECRET);

    @TempDir
    Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private Region region;
    private Cable cable;
    private S3Client owner;
    private Node near;
    private Node far;

    @BeforeEach
    void start() throws IOException {
        region = Region.start(directory.resolve("data"));
        cable = new Cable(region.apiPort());
        owner = S3Client.builder()
                .endpointOverride(region.api())
                .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(Region.ACCESS_KEY_ID, Region.SECRET)))
                .forcePathStyle(true)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
        owner.createBucket(request -> request.bucket("archive"));
        near = node("near", region.api().toString());
        far = node("far", cable.url());
    }

    @AfterEach
    void end() throws IOException {
        near.close();
        far.close();
        owner.close();
        cable.close();
        region.close();
    }

    private Node node(String name, String store) throws IOException {
        Path config = Files.writeString(directory.resolve(name + ".yaml"), """
                sites:
                  - name: tools
                    origin: {s3: "%s", bucket: archive, credentials: env, coherent: true,
                             timeouts: {connect: 1s, first-byte: 1s, between-bytes: 1s}}
                    cache: {ttl: 1h, grace: 1h}
                """.formatted(store));
        return Node.start(directory.resolve(name), config.toString(), KEYS);
    }

    private void put(String text) {
        owner.putObject(request -> request.bucket("archive").key("a"), RequestBody.fromString(text));
    }

    /** A status, a text, and whether it was served unasked. */
    private record Seen(int status, String text, boolean hit) {}

    private Seen get(Node node) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(node.url() + "/a"))
                .timeout(Duration.ofSeconds(30))
                .build();
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            String status = response.headers().firstValue("Cache-Status").orElse("");
            return new Seen(response.statusCode(), response.body(), status.startsWith("jarrah; hit"));
        } catch (HttpTimeoutException e) {
            return new Seen(0, "", false);
        }
    }

    /** Asks until a copy is served unasked; what was served meanwhile is that text. */
    private void awaitHit(Node node, String text) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        for (Seen seen = get(node); !seen.hit(); seen = get(node)) {
            assertThat(System.nanoTime()).as("no hit: %s", seen).isLessThan(deadline);
            assertThat(seen.text()).isEqualTo(text);
        }
    }

    /**
     * Asks until that is what comes; what came before was the old text, and was asked for before the lease was over.
     *
     * @param changedNanos when the change was acknowledged
     */
    private void awaitNew(Node node, String old, Seen expected, long changedNanos)
            throws IOException, InterruptedException {
        while (true) {
            long asked = System.nanoTime();
            Seen seen = get(node);
            if (seen.status() == expected.status() && seen.text().contains(expected.text())) {
                return;
            }
            assertThat(seen.text()).isEqualTo(old);
            assertThat(asked - changedNanos).as("stale for too long").isLessThan(LEASE_NANOS);
        }
    }

    private static Seen ok(String text) {
        return new Seen(200, text, false);
    }

    @Test
    void changesAreSeenWithinTheLeaseAndAcrossTheDeathOfANode() throws Exception {
        put("one");
        awaitHit(near, "one");
        awaitHit(far, "one");

        put("two");
        long changed = System.nanoTime();
        awaitNew(far, "one", ok("two"), changed);
        awaitNew(near, "one", ok("two"), changed);
        awaitHit(far, "two");

        far.close();
        put("three");
        changed = System.nanoTime();
        awaitNew(near, "two", ok("three"), changed);
        far.process().waitFor();
        far = node("far", cable.url());
        assertThat(get(far).text()).as("stored before it died, changed since").isEqualTo("three");
        awaitHit(far, "three");

        owner.deleteObject(request -> request.bucket("archive").key("a"));
        changed = System.nanoTime();
        awaitNew(near, "three", new Seen(404, "", false), changed);
        awaitNew(far, "three", new Seen(404, "", false), changed);
        put("four");
        changed = System.nanoTime();
        awaitNew(near, "404 Not Found\n", ok("four"), changed);
        awaitNew(far, "404 Not Found\n", ok("four"), changed);
    }

    @Test
    void aNodeThatIsCutOffServesNothingOldAndIsWellAfterwards() throws Exception {
        put("one");
        awaitHit(near, "one");
        awaitHit(far, "one");

        cable.cut();
        put("two");
        long changed = System.nanoTime();
        awaitNew(near, "one", ok("two"), changed);
        Seen seen;
        long asked;
        do {
            asked = System.nanoTime();
            seen = get(far);
            assertThat(seen.text().equals("one") && asked - changed >= LEASE_NANOS)
                    .as("stale for too long")
                    .isFalse();
        } while (seen.text().equals("one"));
        assertThat(seen.status()).as("%s", seen).isIn(502, 503, 504);
        assertThat(far.tool("stat")).contains("lost");

        cable.mend();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        for (seen = get(far); seen.status() != 200; seen = get(far)) {
            assertThat(System.nanoTime()).as("still %s", seen).isLessThan(deadline);
        }
        assertThat(seen.text()).isEqualTo("two");
        awaitHit(far, "two");
        assertThat(far.tool("stat")).contains("leased");
        assertThat(far.tool("check")).startsWith("0 ");
    }

    @Test
    void aStoreThatComesBackIsFollowedAnew() throws Exception {
        put("one");
        awaitHit(near, "one");
        int port = region.apiPort();
        region.kill();
        region = Region.start(directory.resolve("data"), "--api-port", Integer.toString(port));
        put("two");
        long changed = System.nanoTime();
        Seen seen;
        do {
            long asked = System.nanoTime();
            seen = get(near);
            assertThat(seen.text().equals("one") && asked - changed >= LEASE_NANOS)
                    .as("stale for too long")
                    .isFalse();
        } while (!seen.text().equals("two") && System.nanoTime() - changed < PATIENCE_NANOS);
        awaitHit(near, "two");
        put("three");
        awaitNew(near, "two", ok("three"), System.nanoTime());
    }
}
