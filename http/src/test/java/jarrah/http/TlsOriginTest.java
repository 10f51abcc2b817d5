package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Origins over TLS: the certificate must be trusted, and be the host's. */
final class TlsOriginTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    static Path directory;

    private static SSLContext context;
    private static SSLServerSocket server;

    @BeforeAll
    static void start() throws Exception {
        Path file = directory.resolve("keys.p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD),
                        "-alias",
                        "origin",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost")
                .inheritIO()
                .start();
        assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
        var keys = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        var keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, PASSWORD);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("origin", keys.getCertificate("origin"));
        trust.init(trusted);
        context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
        server = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 10, java.net.InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(TlsOriginTest::accept);
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static void accept() {
        while (!server.isClosed()) {
            try {
                var socket = (SSLSocket) server.accept();
                Thread.startVirtualThread(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void serve(SSLSocket socket) {
        try (socket) {
            var in = new java.io.BufferedReader(
                    new java.io.InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.isEmpty()) {
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"
                                    .getBytes(StandardCharsets.ISO_8859_1));
                }
            }
        } catch (IOException e) {
            // a client that refused us
        }
    }

    @Test
    void aTrustedHostIsSpokenTo() throws IOException {
        try (var client = new HttpClient(HttpClientConfig.defaults().withTls(context))) {
            var origin = HttpOrigin.of("https://localhost:" + server.getLocalPort());
            for (int i = 0; i < 3; i++) {
                try (var response = client.execute(ClientRequest.get(origin, "/"))) {
                    assertThat(response.readAll(100)).asString().isEqualTo("secret");
                }
            }
            assertThat(client.openConnections()).isEqualTo(1);
        }
    }

    @Test
    void anotherNamesCertificateIsRefused() {
        try (var client = new HttpClient(HttpClientConfig.defaults().withTls(context))) {
            var origin = HttpOrigin.of("https://127.0.0.1:" + server.getLocalPort());
            assertThatThrownBy(() -> client.execute(ClientRequest.get(origin, "/")))
                    .isInstanceOf(SSLException.class);
            assertThat(client.openConnections()).isZero();
        }
    }

    @Test
    void anUnknownCertificateIsRefused() {
        try (var client = new HttpClient(HttpClientConfig.defaults())) {
            var origin = HttpOrigin.of("https://localhost:" + server.getLocalPort());
            assertThatThrownBy(() -> client.execute(ClientRequest.get(origin, "/")))
                    .isInstanceOf(SSLException.class);
        }
    }
}
