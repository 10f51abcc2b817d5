package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Headers;
import jarrah.http.HttpServer;
import jarrah.http.HttpServerConfig;
import jarrah.http.RequestHead;
import jarrah.http.ResponseHead;
import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An accelerator is killed again and again while it is busy, and its files are damaged before it comes back: it starts, it is
 * warm, and every body is the one of its path and version. What was overwritten through it stays overwritten.
 */
class NodeKillTest {
    private static final int ROUNDS = Boolean.getBoolean("jarrah.long") ? 300 : 4;
    private static final int KEYS = 160;
    private static final int CLIENTS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<Integer, Integer> atOrigin = new ConcurrentHashMap<>();

    /** Which versions each key may have by now: more than one where the node died before it acknowledged the last. */
    private final Map<Integer, Set<Integer>> possible = new ConcurrentHashMap<>();

    private static byte[] body(int key, int version) {
        var random = new Random(1_000L * key + version);
        byte[] body = new byte[key % 2 == 0 ? random.nextInt(20_000) : 270_000 + random.nextInt(900_000)];
        random.nextBytes(body);
        byte[] label = (key + " " + version + " ").getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        System.arraycopy(label, 0, body, 0, Math.min(label.length, body.length));
        return body;
    }

    private static String etag(int key, int version) {
        return "\"" + key + "-" + version + "\"";
    }

    private void origin(Exchange exchange) throws InterruptedException {
        RequestHead request = exchange.request();
        int key = Integer.parseInt(request.path().substring(1));
        if (request.method().equals("PUT")) {
            atOrigin.put(key, Integer.parseInt(String.valueOf(request.headers().first("X-Version"))));
            exchange.send(ResponseHead.of(204), Body.EMPTY);
            return;
        }
        int version = atOrigin.getOrDefault(key, 1);
        Headers fields = Headers.of("ETag", etag(key, version), "Cache-Control", "max-age=86400");
        exchange.send(new ResponseHead(200, fields), Body.of(body(key, version)));
    }

    @Test
    void whateverIsLeftOnTheDiskNoBodyIsWrong(@TempDir Path directory) throws Exception {
        long seed = Long.getLong("jarrah.seed", 20261123);
        var random = new Random(seed);
        Path data = directory.resolve("node");
        try (var origin = HttpServer.start(HttpServerConfig.of("127.0.0.1", 0), this::origin, null)) {
            Path config = Files.writeString(directory.resolve("sites.yaml"), """
                    memory-limit: 8MiB
                    file-limit: 96MiB
                    sites: [{name: s, origin: {http: "http://127.0.0.1:%d"}, methods: all}]
                    """.formatted(origin.port()));
            for (int key = 0; key < KEYS; key++) {
                possible.put(key, Set.of(1));
            }
            int warm = 0;
            for (int round = 0; round < ROUNDS; round++) {
                Node node = Node.start(data, config.toString(), Map.of());
                try {
                    int port = URI.create(node.url()).getPort();
                    warm += sweep(port);
                    killUnderLoad(node, port, random);
                    assertThat(node.process().waitFor()).isNotZero();
                } catch (AssertionError e) {
                    throw new AssertionError("round " + round + " of seed " + seed, e);
                } finally {
                    node.close();
                }
                damage(data.resolve("accelerator"), random, random.nextInt(6));
            }
            assertThat(warm).as("bodies served from files after a kill").isGreaterThan(10 * (ROUNDS - 1));
        }
    }

    /** Asks for everything; how much of it came from what was stored. */
    private int sweep(int port) {
        int hits = 0;
        try (var client = RawClient.connect(port, PATIENCE)) {
            for (int key = 0; key < KEYS; key++) {
                RawMessage answer = client.get("/" + key).read();
                check(key, answer);
                hits += String.valueOf(answer.first("Cache-Status")).startsWith("jarrah; hit") ? 1 : 0;
            }
        }
        return hits;
    }

    private void check(int key, RawMessage answer) {
        assertThat(answer.status()).as("of /%d", key).isEqualTo(200);
        int version = Integer.parseInt(String.valueOf(answer.first("ETag")).replaceAll("\"[0-9]+-([0-9]+)\"", "$1"));
        assertThat(possible.get(key)).as("versions of /%d", key).contains(version);
        assertThat(Arrays.equals(answer.body(), body(key, version)))
                .as("the body of version %d of /%d", version, key)
                .isTrue();
    }

    private void killUnderLoad(Node node, int port, Random random) throws Exception {
        var answers = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var clients = new ArrayList<Future<?>>();
            for (int i = 0; i < CLIENTS; i++) {
                int mine = i;
                long seed = random.nextLong();
                clients.add(threads.submit(() -> load(port, mine, new Random(seed), answers)));
            }
            int enough = 50 + random.nextInt(400);
            while (answers.get() < enough && clients.stream().noneMatch(Future::isDone)) {
                LockSupport.parkNanos(1_000_000);
            }
            node.close();
            for (Future<?> client : clients) {
                client.get();
            }
        }
    }

    /** Reads and overwrites keys that no other client overwrites, until the node is gone. */
    private void load(int port, int mine, Random random, AtomicInteger answers) {
        try (var client = RawClient.connect(port, PATIENCE)) {
            while (true) {
                int key = mine + CLIENTS * random.nextInt(KEYS / CLIENTS);
                if (random.nextInt(10) == 0) {
                    put(client, key);
                } else if (random.nextInt(5) == 0) {
                    int from = random.nextInt(10_000);
                    part(
                            key,
                            from,
                            client.get("/" + key, "Range: bytes=" + from + "-" + (from + 300_000))
                                    .read());
                } else {
                    check(key, client.get("/" + key).read());
                }
                answers.incrementAndGet();
            }
        } catch (UncheckedIOException e) {
            // killed
        }
    }

    private void put(RawClient client, int key) {
        int next = Collections.max(possible.getOrDefault(key, Set.of())) + 1;
        var either = new java.util.HashSet<>(possible.getOrDefault(key, Set.of()));
        either.add(next);
        possible.put(key, Set.copyOf(either));
        RawMessage answer = client.request("PUT", "/" + key, "Content-Length: 0", "X-Version: " + next)
                .read();
        assertThat(answer.status()).isEqualTo(204);
        possible.put(key, Set.of(next));
    }

    private void part(int key, int from, RawMessage answer) {
        if (answer.status() == 200) {
            check(key, answer);
            return;
        }
        for (int version : possible.getOrDefault(key, Set.of())) {
            byte[] whole = body(key, version);
            if (answer.status() == 416 && from >= whole.length) {
                return;
            }
            int end = Math.min(whole.length, from + 300_001);
            if (answer.status() == 206
                    && etag(key, version).equals(answer.first("ETag"))
                    && from < end
                    && Arrays.equals(answer.body(), Arrays.copyOfRange(whole, from, end))) {
                return;
            }
        }
        throw new AssertionError("a part of /" + key + " from " + from + ": " + answer.startLine() + answer.fields());
    }

    private static void damage(Path directory, Random random, int count) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(directory)) {
            files = new ArrayList<>(all.filter(Files::isRegularFile).sorted().toList());
        }
        for (int i = 0; i < count && !files.isEmpty(); i++) {
            Path file = files.remove(random.nextInt(files.size()));
            long size = Files.size(file);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                switch (size == 0 ? 2 : random.nextInt(4)) {
                    case 0, 1 -> {
                        long at = random.nextLong(size);
                        var one = ByteBuffer.allocate(1);
                        channel.read(one, at);
                        one.put(0, (byte) (one.get(0) ^ (1 << random.nextInt(8))))
                                .rewind();
                        channel.write(one, at);
                    }
                    case 2 -> channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), size);
                    default -> channel.truncate(random.nextLong(size));
                }
            }
        }
    }
}
