package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A listener with a certificate, which can be renewed while it runs. */
class TlsTest {
    @TempDir
    Path directory;

    @Test
    void wholeFilesComeThroughAndTheHandlerKnowsThatTheConnectionIsSecure() throws Exception {
        var bytes = new byte[3_000_001];
        new Random(7).nextBytes(bytes);
        Path file = Files.write(directory.resolve("file"), bytes);
        write("first", 0);
        try (var channel = FileChannel.open(file);
                var server = serve(exchange -> {
                    assertThat(exchange.request().secure()).isTrue();
                    exchange.send(
                            new ResponseHead(200, Headers.of()), new Body.FilePart(channel, 0, bytes.length, () -> {}));
                })) {
            assertThat(get(server, new Seen()).body()).isEqualTo(bytes);
        }
    }

    @Test
    void aRenewedCertificateHoldsForNewConnectionsAndABrokenOneForNone() throws Exception {
        write("first", 0);
        try (var server = serve(exchange -> exchange.send(new ResponseHead(200, Headers.of()), Body.EMPTY))) {
            assertThat(nameSeenAt(server)).isEqualTo("CN=first");
            write("second", 10);
            awaitName(server, "CN=second");
            Files.writeString(directory.resolve("key.pem"), "no key");
            Files.setLastModifiedTime(
                    directory.resolve("key.pem"), FileTime.from(Instant.now().plusSeconds(60)));
            TimeUnit.NANOSECONDS.sleep(1_100_000_000L); // the files are looked at once a second
            assertThat(nameSeenAt(server)).isEqualTo("CN=second");
        }
    }

    @Test
    void theNameThatTheClientAsksForChoosesTheCertificate() throws Exception {
        write("first", 0);
        Tls.PemFiles first = renamed("first");
        write("files.example.com", 0);
        Tls.PemFiles exact = renamed("exact");
        write("*.example.com", 0);
        Tls.PemFiles wildcard = renamed("wildcard");
        Tls tls = Tls.open(List.of(first, wildcard, exact));
        Handler empty = exchange -> exchange.send(new ResponseHead(200, Headers.of()), Body.EMPTY);
        try (var server = HttpServer.start(HttpServerConfig.of("127.0.0.1", 0), Transport.of(tls), empty, null)) {
            assertThat(nameSeenAt(server, "files.example.com")).isEqualTo("CN=files.example.com");
            assertThat(nameSeenAt(server, "FILES.example.com")).isEqualTo("CN=files.example.com");
            assertThat(nameSeenAt(server, "other.example.com")).isEqualTo("CN=*.example.com");
            assertThat(nameSeenAt(server, "deep.other.example.com")).isEqualTo("CN=first");
            assertThat(nameSeenAt(server, "example.com")).isEqualTo("CN=first");
            assertThat(nameSeenAt(server)).isEqualTo("CN=first");
            tls.use(List.of(wildcard));
            assertThat(nameSeenAt(server, "example.com")).isEqualTo("CN=*.example.com");
            Path junk = Files.writeString(directory.resolve("junk"), "junk");
            assertThatThrownBy(() -> tls.use(List.of(new Tls.PemFiles(junk, junk))))
                    .isInstanceOf(IOException.class);
            assertThat(nameSeenAt(server, "example.com")).isEqualTo("CN=*.example.com");
        }
    }

    private Tls.PemFiles renamed(String name) throws IOException {
        return new Tls.PemFiles(
                Files.move(directory.resolve("cert.pem"), directory.resolve(name + ".pem")),
                Files.move(directory.resolve("key.pem"), directory.resolve(name + ".key")));
    }

    private static String nameSeenAt(HttpServer server, String asked) throws Exception {
        var seen = new Seen();
        var context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {seen}, null);
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.port())) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(asked)));
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return seen.name;
        }
    }

    @Test
    void filesThatAreNoCertificateAreToldAtTheStart() throws IOException {
        Path junk = Files.writeString(directory.resolve("junk"), "junk");
        assertThatThrownBy(() -> Tls.open(List.of(new Tls.PemFiles(junk, junk))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("junk");
    }

    private HttpServer serve(Handler handler) throws IOException {
        Tls tls = Tls.open(List.of(new Tls.PemFiles(directory.resolve("cert.pem"), directory.resolve("key.pem"))));
        return HttpServer.start(HttpServerConfig.of("127.0.0.1", 0), Transport.of(tls), handler, null);
    }

    private void awaitName(HttpServer server, String name) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!nameSeenAt(server).equals(name) && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertThat(nameSeenAt(server)).isEqualTo(name);
    }

    private static String nameSeenAt(HttpServer server) throws Exception {
        var seen = new Seen();
        get(server, seen);
        return seen.name;
    }

    private static HttpResponse<byte[]> get(HttpServer server, Seen seen) throws Exception {
        var context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {seen}, null);
        try (var client = HttpClient.newBuilder().sslContext(context).build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + "/"))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    private void write(String name, int newer) throws Exception {
        TestCertificates.write(directory, name, newer);
    }

    /** Trusts everybody and remembers whom it met. */
    private static final class Seen extends X509ExtendedTrustManager {
        private volatile String name = "";

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, javax.net.ssl.SSLEngine engine) {
            name = chain[0].getSubjectX500Principal().getName();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, java.net.Socket socket) {
            name = chain[0].getSubjectX500Principal().getName();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {
            name = chain[0].getSubjectX500Principal().getName();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, javax.net.ssl.SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
