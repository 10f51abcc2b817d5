package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.Reply;
import jarrah.testkit.ScriptedOrigin;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates from an authority, Pebble, which looks for itself; and curl, which trusts nothing else. */
class AcmeTest {
    /** Longer than two thirds of what a certificate is good for here. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    private Path directory;

    @BeforeEach
    void programs() throws IOException {
        for (String program : new String[] {"pebble", "pebble-challtestsrv", "openssl", "curl"}) {
            Shell.require(program, getClass().getSimpleName());
        }
    }

    private Path configure(URI authority, Path trust, ScriptedOrigin origin, String... hosts) throws IOException {
        var text = new StringBuilder("""
                tls:
                  port: 0
                  acme: {directory: "%s", ca: "%s", contact: ops@example.com, accept-terms: true}
                sites:
                """.formatted(authority, trust));
        for (String host : hosts) {
            text.append("  - {name: %1$s, host: %1$s, origin: {http: \"%2$s\"}}\n".formatted(host, origin.url()));
        }
        return Files.writeString(directory.resolve("sites.yaml"), text);
    }

    /** The serial number of the certificate by which a host's site was served to curl; empty if curl did not trust it. */
    private String serial(Node node, Path root, String host) throws Exception {
        int port = URI.create(node.urls().getLast()).getPort();
        try {
            String said = Pebble.run(
                    directory,
                    "curl",
                    "-sS",
                    "--noproxy",
                    "*",
                    "--cacert",
                    root.toString(),
                    "--resolve",
                    host + ":" + port + ":127.0.0.1",
                    "-w",
                    "%{certs}",
                    "https://" + host + ":" + port + "/x");
            assertThat(said).startsWith("hello");
            return said.lines()
                    .filter(line -> line.startsWith("Serial Number:"))
                    .findFirst()
                    .orElseThrow();
        } catch (AssertionError e) {
            assertThat(e).hasMessageContaining("curl: (60)");
            return "";
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    /** Asks again and again; orders take seconds. */
    private static void eventually(Condition condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("patience").isLessThan(deadline);
            Thread.sleep(250);
        }
    }

    @Test
    void certificatesAreGivenRenewedKeptAndGivenForFurtherNames() throws Exception {
        int port = Pebble.freePort();
        try (var pebble = Pebble.start(directory, port, Duration.ofSeconds(60));
                ScriptedOrigin origin = ScriptedOrigin.start()) {
            origin.answer("/", Reply.ok("well"));
            origin.answer("/x", Reply.ok("hello"));
            Path config = configure(pebble.directory(), pebble.trust(), origin, "a.example.com");
            Path root = pebble.root(directory);
            Path data = directory.resolve("data");
            String last;
            try (Node node = Node.startOn(port, 0, data, config.toString(), Map.of())) {
                eventually(() -> !serial(node, root, "a.example.com").isEmpty());
                String first = serial(node, root, "a.example.com");
                assertThat(node.tool("check")).startsWith("0 ").contains("a.example.com        certified until 20");
                eventually(() -> !Set.of("", first).contains(serial(node, root, "a.example.com"))); // renewed

                configure(pebble.directory(), pebble.trust(), origin, "a.example.com", "b.example.com");
                eventually(() -> !serial(node, root, "b.example.com").isEmpty());
                last = serial(node, root, "b.example.com");
            }
            try (Node node = Node.startOn(port, 0, data, config.toString(), Map.of())) {
                assertThat(serial(node, root, "b.example.com")).isEqualTo(last);
            }
        }
    }

    @Test
    void whatTheAuthorityDoesNotGiveIsToldAndTheSitesAreServedAllTheSame() throws Exception {
        // It looks for its answers where nobody gives any.
        try (var pebble = Pebble.start(directory, Pebble.freePort(), Duration.ofDays(1));
                ScriptedOrigin origin = ScriptedOrigin.start()) {
            origin.answer("/", Reply.ok("well"));
            origin.answer("/x", Reply.ok("hello"));
            Path config = configure(pebble.directory(), pebble.trust(), origin, "a.example.com");
            Path root = pebble.root(directory);
            try (Node node = Node.start(directory.resolve("data"), config.toString(), Map.of())) {
                eventually(() -> node.tool("check").contains("could not see http://a.example.com/.well-known"));
                assertThat(node.tool("check")).startsWith("3 ").contains("connection refused");
                assertThat(serial(node, root, "a.example.com")).isEmpty();
                assertThat(Pebble.run(
                                directory,
                                "curl",
                                "-sS",
                                "--noproxy",
                                "*",
                                "-H",
                                "Host: a.example.com",
                                node.url() + "/x"))
                        .isEqualTo("hello");
            }
        }
    }
}
