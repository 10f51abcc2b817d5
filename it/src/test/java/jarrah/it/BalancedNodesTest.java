package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The balancer of examples/haproxy.cfg before two nodes of one store: one is killed and comes back, and no GET fails. */
class BalancedNodesTest {
    private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");
    private static final int KEYS = 40;
    private static final int CLIENTS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Map<String, String> ENVIRONMENT =
            Map.of("AWS_ACCESS_KEY_ID", Region.ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY", Region.SECRET);

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String text(int key) {
        return ("text of " + key + "\n").repeat(20);
    }

    /** A node with ports that stay. */
    private record Place(Path data, int port, int consolePort) {
        Node start(Path config) throws IOException {
            return Node.startOn(port, consolePort, data, config.toString(), ENVIRONMENT);
        }
    }

    private static Path configureHaproxy(Path directory, int port, Place a, Place b) throws IOException {
        String example = Files.readString(Path.of("..", "examples", "haproxy.cfg"));
        String config = example.replace("0.0.0.0:80\n", "127.0.0.1:" + port + "\n")
                .replace("10.0.0.11:8080 port 8774", "127.0.0.1:" + a.port() + " port " + a.consolePort())
                .replace("10.0.0.12:8080 port 8774", "127.0.0.1:" + b.port() + " port " + b.consolePort());
        assertThat(config).contains("127.0.0.1:" + b.port()).doesNotContain("server b 10.");
        return Files.writeString(directory.resolve("haproxy.cfg"), config);
    }

    @Test
    void aNodeDiesAndComesBackAndNoGetFails(@TempDir Path directory) throws Exception {
        if (!Files.isExecutable(HAPROXY)) {
            Shell.notRun("BalancedNodesTest", "haproxy is not installed");
        }
        try (Region region = Region.start(directory.resolve("data"))) {
            var owner = new SignedClient(region);
            owner.send("PUT", "/shop", new byte[0]);
            for (int key = 0; key < KEYS; key++) {
                assertThat(owner.send("PUT", "/shop/" + key, SignedClient.utf8(text(key)))
                                .status())
                        .isEqualTo(200);
            }
            Path sites = Files.writeString(directory.resolve("sites.yaml"), """
                    proxy-protocol: [127.0.0.1]
                    access-log: json
                    sites:
                      - name: shop
                        origin: {s3: "%s", bucket: shop, credentials: env, coherent: true}
                        access: [{allow: {networks: [127.0.0.7]}}]
                    """.formatted(region.api()));
            var a = new Place(directory.resolve("a"), freePort(), freePort());
            var b = new Place(directory.resolve("b"), freePort(), freePort());
            int port = freePort();
            Node first = a.start(sites);
            Process balancer = null;
            try (Node second = b.start(sites)) {
                balancer = new ProcessBuilder(
                                HAPROXY.toString(),
                                "-db",
                                "-f",
                                configureHaproxy(directory, port, a, b).toString())
                        .inheritIO()
                        .start();
                awaitAnswers(balancer, port);
                first = killedAndStarted(first, () -> a.start(sites), port);
                assertThat(second.process().isAlive()).isTrue();
                overwritten(owner, port);
                first.close();
            } finally {
                first.close();
                if (balancer != null) {
                    balancer.destroyForcibly().waitFor();
                }
            }
        }
    }

    private static void awaitAnswers(Process balancer, int port) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            assertThat(balancer.isAlive()).as("haproxy takes the example").isTrue();
            try (var client = RawClient.connectFrom("127.0.0.7", port, PATIENCE)) {
                if (client.get("/0").read().status() == 200) {
                    return;
                }
            } catch (java.io.UncheckedIOException e) {
                // not yet
            }
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(10_000_000);
        }
    }

    private interface Start {
        Node again() throws IOException;
    }

    private static Node killedAndStarted(Node first, Start start, int port) throws Exception {
        var done = new AtomicBoolean();
        var answers = new AtomicLong();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var clients = new ArrayList<Future<?>>();
            for (int i = 0; i < CLIENTS; i++) {
                int begin = i;
                clients.add(threads.submit(() -> {
                    while (!done.get()) {
                        ask(port, begin, answers);
                    }
                }));
            }
            try {
                await(answers, 2_000, clients);
                first.close();
                await(answers, 2_000, clients);
                Node again = start.again();
                await(answers, 2_000, clients);
                return again;
            } finally {
                done.set(true);
                for (Future<?> client : clients) {
                    client.get();
                }
            }
        }
    }

    /** Asks for everything once over one connection, as a browser does. */
    private static void ask(int port, int begin, AtomicLong answers) {
        try (var client = RawClient.connectFrom("127.0.0.7", port, PATIENCE)) {
            for (int i = 0; i < KEYS; i++) {
                int key = (begin + i) % KEYS;
                RawMessage answer = client.get("/" + key).read();
                assertThat(answer.status())
                        .as("answer %d, of /%d", answers.get(), key)
                        .isEqualTo(200);
                assertThat(answer.text()).isEqualTo(text(key));
                answers.incrementAndGet();
            }
        }
    }

    private static void await(AtomicLong answers, long more, List<Future<?>> clients) {
        long enough = answers.get() + more;
        while (answers.get() < enough && clients.stream().noneMatch(Future::isDone)) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Through the balancer, too, nothing is older than the lease; and clients are who they are. */
    private static void overwritten(SignedClient owner, int port) {
        owner.send("PUT", "/shop/0", SignedClient.utf8("new"));
        long changed = System.nanoTime();
        String text;
        do {
            long asked = System.nanoTime();
            try (var client = RawClient.connectFrom("127.0.0.7", port, PATIENCE)) {
                text = client.get("/0").read().text();
            }
            assertThat(text.equals("new")
                            || asked - changed < Duration.ofSeconds(2).toNanos())
                    .as("stale for too long: %s", text)
                    .isTrue();
        } while (!text.equals("new"));
        try (var stranger = RawClient.connectFrom("127.0.0.8", port, PATIENCE)) {
            assertThat(stranger.get("/0").read().status()).isEqualTo(403);
        }
    }
}
