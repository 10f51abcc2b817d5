package jarrah.ec2.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.HttpServer;
import jarrah.http.HttpServerConfig;
import jarrah.testkit.ManualClock;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MetadataServiceTest {
    private static final String TOKEN = "X-aws-ec2-metadata-token";
    private static final String LIFE = "X-aws-ec2-metadata-token-ttl-seconds";

    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-01T10:00:00Z"));
    private final HttpClient client = HttpClient.newHttpClient();
    private volatile Optional<InstanceMetadata> caller = Optional.of(Instances.full("i-1", "127.0.0.1", false));
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        InstanceLookup lookup =
                (vpc, address) -> vpc.equals("vpc-1") && address.equals("127.0.0.1") ? caller : Optional.empty();
        var handler = MetadataHandler.ofVpc("vpc-1", lookup, new MetadataTokens(new byte[32]), clock);
        server = HttpServer.start(HttpServerConfig.of("127.0.0.1", 0), handler, null);
    }

    @AfterEach
    void stop() {
        server.close(Duration.ZERO);
        client.close();
    }

    private HttpResponse<String> send(String method, String path, String... fields) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .method(method, BodyPublishers.noBody());
        if (fields.length > 0) {
            request.headers(fields);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private String token(int seconds) throws Exception {
        return send("PUT", "/latest/api/token", LIFE, Integer.toString(seconds)).body();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/latest/meta-data/instance-id",
                "/2021-03-23/meta-data/instance-id",
                "/2007-01-19/meta-data/instance-id",
                "/1.0/meta-data/instance-id",
                "//latest//meta-data/instance-id/"
            })
    void anyVersionReadsTheSame(String path) throws Exception {
        assertThat(send("GET", path).body()).isEqualTo("i-1");
    }

    @Test
    void theTopListsVersionsAndEachVersionItsParts() throws Exception {
        assertThat(send("GET", "/").body().lines()).contains("2021-03-23", "latest");
        assertThat(send("GET", "/latest/").body()).isEqualTo("dynamic\nmeta-data\nuser-data");
        assertThat(send("GET", "/latest/meta-data/tags/instance/a%20space").body())
                .isEqualTo("b");
    }

    @Test
    void userDataComesByteForByte() throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/latest/user-data"));
        var answer = client.send(request.build(), BodyHandlers.ofByteArray());
        assertThat(answer.body()).containsExactly(0, 0xff, '\r', '\n', 'x');
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/octet-stream");
    }

    @Test
    void noUserDataIsNotFound() throws Exception {
        caller = Optional.of(Instances.bare("i-2", "127.0.0.1"));
        assertThat(send("GET", "/latest/user-data").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/latest").body()).isEqualTo("dynamic\nmeta-data");
    }

    @Test
    void whoIsNotKnownReadsNothing() throws Exception {
        caller = Optional.empty();
        assertThat(send("GET", "/latest/meta-data/").statusCode()).isEqualTo(404);
        assertThat(send("PUT", "/latest/api/token", LIFE, "60").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/latest/meta-data/nothing", "/other/meta-data/", "/latest/api/token", "/2021-03-2/"})
    void whatIsNotThereIsAPageOf404(String path) throws Exception {
        var answer = send("GET", path);
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/html");
        assertThat(answer.body()).contains("<title>404 - Not Found</title>");
    }

    @Test
    void otherMethodsAreNotAllowed() throws Exception {
        assertThat(send("POST", "/latest/meta-data/").statusCode()).isEqualTo(405);
        assertThat(send("PUT", "/latest/meta-data/").statusCode()).isEqualTo(405);
        assertThat(send("DELETE", "/latest/api/token").statusCode()).isEqualTo(405);
    }

    @Test
    void aTokenOpensWhatRequiresOneUntilItExpires() throws Exception {
        caller = Optional.of(Instances.full("i-1", "127.0.0.1", true));
        assertThat(send("GET", "/latest/meta-data/").statusCode()).isEqualTo(401);
        var issued = send("PUT", "/latest/api/token", LIFE, "60");
        assertThat(issued.headers().firstValue(LIFE)).contains("60");
        assertThat(issued.body()).hasSize(56);

        clock.advance(Duration.ofSeconds(59));
        assertThat(send("GET", "/latest/meta-data/instance-id", TOKEN, issued.body())
                        .body())
                .isEqualTo("i-1");
        clock.advance(Duration.ofSeconds(1));
        assertThat(send("GET", "/latest/meta-data/instance-id", TOKEN, issued.body())
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void anotherInstancesTokenIsRefusedEvenWhereNoneIsRequired() throws Exception {
        String token = token(60);
        caller = Optional.of(Instances.bare("i-2", "127.0.0.1"));
        assertThat(send("GET", "/latest/meta-data/", TOKEN, token).statusCode()).isEqualTo(401);
        assertThat(send("GET", "/latest/meta-data/", TOKEN, "nonsense").statusCode())
                .isEqualTo(401);
        assertThat(send("GET", "/latest/meta-data/").statusCode()).isEqualTo(200);
    }

    @Test
    void aTokenWithAChangedBitIsRefused() throws Exception {
        String token = token(60);
        for (int i = 0; i < 54; i++) { // the last digit but the padding carries spare bits
            char changed = token.charAt(i) == 'A' ? 'B' : 'A';
            String forged = token.substring(0, i) + changed + token.substring(i + 1);
            assertThat(new MetadataTokens(new byte[32]).isValid(forged, "i-1", clock.instant()))
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "21601", "-1", "many", "99999999999"})
    void aLifeOutOfBoundsIsRefused(String life) throws Exception {
        assertThat(send("PUT", "/latest/api/token", LIFE, life).statusCode()).isEqualTo(400);
    }

    @Test
    void aTokenNeedsALifeAndNoProxy() throws Exception {
        assertThat(send("PUT", "/latest/api/token").statusCode()).isEqualTo(400);
        assertThat(send("PUT", "/latest/api/token", LIFE, "60", "X-Forwarded-For", "10.0.0.9")
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void aClientOfHttp10IsAnswered() throws IOException {
        try (var socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream()
                    .write("GET /latest/meta-data/instance-id HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).contains(" 200 ").endsWith("\r\n\r\ni-1");
        }
    }
}
