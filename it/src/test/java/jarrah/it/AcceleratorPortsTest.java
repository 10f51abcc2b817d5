package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.Deadlines;
import jarrah.testkit.RawClient;
import jarrah.testkit.Reply;
import jarrah.testkit.ScriptedOrigin;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How clients come to an accelerator: with TLS, by names, and through a balancer that speaks the PROXY protocol. */
class AcceleratorPortsTest {
    @TempDir
    private Path directory;

    private String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + " " + text;
    }

    private void makeCertificate(String name) throws Exception {
        String made = run(List.of(
                ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=" + name
                                + " -addext subjectAltName=DNS:" + name + " -keyout " + name + ".key -out " + name
                                + ".pem")
                        .split(" ")));
        assertThat(made).startsWith("0 ");
    }

    /** With curl, which checks that the certificate is of that name; exit code and body. */
    private String curl(String host, int port, String... options) throws Exception {
        var command = new ArrayList<>(List.of(
                "curl",
                "-sS",
                "--noproxy",
                "*",
                "--cacert",
                directory.resolve(host + ".pem").toString(),
                "--resolve",
                host + ":" + port + ":127.0.0.1",
                "https://" + host + ":" + port + "/x"));
        command.addAll(List.of(options));
        return run(command);
    }

    private Path configure(ScriptedOrigin origin, String... names) throws Exception {
        var text = new StringBuilder("proxy-protocol: [127.0.0.2]\ntls:\n  port: 0\n  certificates:\n");
        for (String name : names) {
            text.append("    - {certificate: %1$s.pem, key: %1$s.key}\n".formatted(directory.resolve(name)));
        }
        text.append("""
                sites:
                  - name: site
                    origin: {http: "%s"}
                    access: [{allow: {networks: [203.0.113.0/24]}}, {allow: {networks: [127.0.0.1]}}]
                """.formatted(origin.url()));
        return Files.writeString(directory.resolve("sites.yaml"), text);
    }

    @Test
    void tlsByNameAndBalancersReloaded() throws Exception {
        Shell.require("openssl", getClass().getSimpleName());
        Shell.require("curl", getClass().getSimpleName());
        makeCertificate("a.example.com");
        makeCertificate("b.example.com");
        try (ScriptedOrigin origin = ScriptedOrigin.start()) {
            origin.answer("/x", Reply.ok("hello").header("Cache-Control", "max-age=600"));
            Path config = configure(origin, "a.example.com");
            try (Node node = Node.start(directory.resolve("node"), config.toString(), Map.of())) {
                int tls = URI.create(node.urls().getLast()).getPort();
                assertThat(curl("a.example.com", tls)).isEqualTo("0 hello");
                assertThat(curl("b.example.com", tls))
                        .as("the first one's certificate")
                        .startsWith("60 ");

                configure(origin, "a.example.com", "b.example.com");
                assertThat(node.tool("reload")).isEqualTo("0 1 sites\n");
                assertThat(curl("b.example.com", tls)).isEqualTo("0 hello");
                assertThat(curl("a.example.com", tls)).isEqualTo("0 hello");
                for (String version : List.of("1.1", "2")) {
                    assertThat(curl("a.example.com", tls, "--http" + version, "-w", " %{http_version}"))
                            .isEqualTo("0 hello " + version);
                }

                configure(origin, "a.example.com", "gone.example.com");
                assertThat(node.tool("reload"))
                        .startsWith("1 ")
                        .contains("there is no file")
                        .contains("gone.example.com");
                assertThat(curl("b.example.com", tls)).isEqualTo("0 hello");
                assertThat(origin.requests()).hasSize(1);

                // Nothing but the header tells who is behind the balancer; from others such a header is no request.
                int plain = URI.create(node.url()).getPort();
                assertThat(statusBehindBalancer(plain, "203.0.113.9")).isEqualTo(200);
                assertThat(statusBehindBalancer(plain, "198.51.100.9")).isEqualTo(403);
            }
        }
    }

    private static int statusBehindBalancer(int port, String client) throws Exception {
        try (var raw = RawClient.connectFrom("127.0.0.2", port, Deadlines.STEP)) {
            raw.send("PROXY TCP4 " + client + " 192.0.2.1 4711 80\r\n");
            raw.get("/x");
            return raw.read().status();
        }
    }
}
