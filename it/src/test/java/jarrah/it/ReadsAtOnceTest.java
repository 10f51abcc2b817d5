package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.Deadlines;
import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small objects in memory are answered on the event loop, all else on threads of their own: clients cannot tell, not in the
 * midst of overwrites nor after a restart, and each request counts once.
 */
class ReadsAtOnceTest {
    private static final int ROUNDS = 60;
    private static final int[] SIZES = {0, 1, 900, 4_096, 16_384, 16_385, 70_000, 300_000};

    private final Map<String, byte[]> stored = new ConcurrentHashMap<>();

    private void put(SignedClient client, Random random, int size) {
        byte[] body = new byte[size];
        random.nextBytes(body);
        String target = "/reads/o" + size;
        assertThat(client.send("PUT", target, body).status()).isEqualTo(200);
        stored.put(target, body);
        target = "/reads/sealed" + size;
        assertThat(client.send("PUT", target, body, "x-amz-server-side-encryption", "AES256")
                        .status())
                .isEqualTo(200);
        stored.put(target, body);
    }

    private int readAll(SignedClient client) {
        new TreeMap<>(stored).forEach((target, body) -> {
            assertThat(client.send("GET", target, new byte[0]).body())
                    .as(target)
                    .isEqualTo(body);
            RawMessage head = client.send("HEAD", target, new byte[0]);
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.first("Content-Length")).isEqualTo(Integer.toString(body.length));
        });
        assertThat(client.send("GET", "/reads/none", new byte[0]).status()).isEqualTo(404);
        return stored.size();
    }

    private static double counted(Region region, String operation, int status) {
        try (var client = RawClient.connect(region.operationsPort())) {
            String wanted = "jarrah_s3_requests_total{operation=\"" + operation + "\",status=\"" + status + "\"} ";
            return client.get("/metrics")
                    .read()
                    .text()
                    .lines()
                    .filter(line -> line.startsWith(wanted))
                    .mapToDouble(line -> Double.parseDouble(line.substring(wanted.length())))
                    .sum();
        }
    }

    @Test
    void clientsCannotTellWhereTheyAreAnswered(@TempDir Path directory) throws Exception {
        var random = new Random(5);
        Path data = directory.resolve("data");
        try (Region region = Region.start(data)) {
            var client = new SignedClient(region);
            assertThat(client.send("PUT", "/reads", new byte[0]).status()).isEqualTo(200);
            for (int size : SIZES) {
                put(client, random, size);
            }
            int reads = 0;
            for (int round = 0; round < 5; round++) {
                reads += readAll(client);
            }
            assertThat(reads).isEqualTo(5 * 2 * SIZES.length);
            // Answers are counted once they have left, which may be after the client has them.
            long deadline = System.nanoTime() + Deadlines.STEP.toNanos();
            while (counted(region, "GetObject", 200) < reads
                    || counted(region, "HeadObject", 200) < reads
                    || counted(region, "GetObject", 404) < 5) {
                assertThat(System.nanoTime()).as("counted").isLessThan(deadline);
                Thread.onSpinWait();
            }
            assertThat(counted(region, "GetObject", 200)).isEqualTo(reads);
            assertThat(counted(region, "HeadObject", 200)).isEqualTo(reads);
            assertThat(counted(region, "GetObject", 404)).isEqualTo(5);
            overwriteAndRead(client, random);
            assertThat(region.log()).doesNotContain("ERROR");
        }
        try (Region region = Region.start(data)) {
            var client = new SignedClient(region);
            readAll(client);
            readAll(client);
        }
    }

    /** What is read is some whole state, and never an older one than the last acknowledged before the request. */
    private static void overwriteAndRead(SignedClient client, Random random) throws Exception {
        byte[][] bodies = new byte[ROUNDS][];
        for (int i = 0; i < ROUNDS; i++) {
            bodies[i] = new byte[SIZES[random.nextInt(SIZES.length)] + 8];
            bodies[i][0] = (byte) i;
        }
        var acknowledged = new AtomicInteger();
        assertThat(client.send("PUT", "/reads/changing", bodies[0]).status()).isEqualTo(200);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> readers = new ArrayList<>();
            for (int reader = 0; reader < 4; reader++) {
                readers.add(threads.submit(() -> {
                    int count = 0;
                    for (int before = 0; before < ROUNDS - 1; count++) {
                        before = acknowledged.get();
                        byte[] body = client.send("GET", "/reads/changing", new byte[0])
                                .body();
                        assertThat((int) body[0]).isGreaterThanOrEqualTo(before);
                        assertThat(body).isEqualTo(bodies[body[0]]);
                    }
                    return count;
                }));
            }
            for (int i = 1; i < ROUNDS; i++) {
                assertThat(client.send("PUT", "/reads/changing", bodies[i]).status())
                        .isEqualTo(200);
                acknowledged.set(i);
            }
            for (Future<Integer> reader : readers) {
                assertThat(reader.get()).isPositive();
            }
        }
    }
}
