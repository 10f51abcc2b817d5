package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators elsewhere: the admin API on the operations port, for those who sign with an operator's key. */
class RemoteAdminTest {
    private static final Pattern KEY = Pattern.compile("AKIA[A-Z0-9]{16}");

    private static Shell.Outcome jarrah(String id, String secret, String... arguments) throws Exception {
        var builder = new ProcessBuilder(Region.jarrah(arguments)).redirectErrorStream(true);
        builder.environment().putAll(Map.of("AWS_ACCESS_KEY_ID", id, "AWS_SECRET_ACCESS_KEY", secret));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        return new Shell.Outcome(process.waitFor(), output);
    }

    private static HttpResponse<String> post(String url, String body) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(url))
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void anAdministratorOfTheFirstAccountIsAnOperatorOfTheRegion(@TempDir Path directory) throws Exception {
        try (Region region = Region.start(directory.resolve("data"))) {
            String server = region.operations();
            assertThat(jarrah(Region.ACCESS_KEY_ID, Region.SECRET, "storage", "stats", "--json", "--server", server)
                            .output())
                    .contains("\"blobBytes\"");
            assertThat(jarrah(Region.ACCESS_KEY_ID, Region.SECRET, "storage", "verify", "--server", server)
                            .exit())
                    .isZero();
            assertThat(jarrah(Region.ACCESS_KEY_ID, Region.SECRET, "accelerator", "stat", "--server", server)
                            .output())
                    .contains("stored 0 answers");

            assertThat(jarrah(Region.ACCESS_KEY_ID, "not-the-secret", "storage", "stats", "--server", server))
                    .satisfies(refused -> assertThat(refused.exit()).isNotZero())
                    .satisfies(refused -> assertThat(refused.output()).contains("signature"));
            String other = jarrah(
                            Region.ACCESS_KEY_ID,
                            Region.SECRET,
                            "account",
                            "create",
                            "other",
                            "--secret-access-key",
                            "the-secret-of-the-other-account-00001",
                            "--access-key-id",
                            "AKIATESTOTHER0000001",
                            "--server",
                            server)
                    .output();
            Matcher key = KEY.matcher(other);
            assertThat(key.find()).as(other).isTrue();
            assertThat(jarrah(
                                    key.group(),
                                    "the-secret-of-the-other-account-00001",
                                    "storage",
                                    "stats",
                                    "--server",
                                    server)
                            .output())
                    .as("an administrator of another account")
                    .contains("not an operator's");
        }
    }

    @Test
    void nobodyElseCallsAndFilesAreLeftToTheSocket(@TempDir Path directory) throws Exception {
        try (Region region = Region.start(directory.resolve("data"))) {
            HttpResponse<String> unsigned = post(region.operations() + "/admin/accelerator/stat", "{}");
            assertThat(unsigned.statusCode()).isEqualTo(403);
            assertThat(unsigned.body()).contains("Missing").doesNotContain("sites");
            assertThat(post(region.operations() + "/admin/storage/scrub", "x".repeat(70_000))
                            .statusCode())
                    .isEqualTo(400);
            assertThat(post(region.operations() + "/accounts", "{}").statusCode())
                    .as("without the prefix there is no admin API")
                    .isEqualTo(405);

            var client = new SignedClient(region.operationsPort(), "jarrah");
            byte[] body = SignedClient.utf8("{\"file\": \"/etc/hostname\", \"name\": \"x\"}");
            assertThat(client.send("POST", "/admin/images", body).text()).contains("UnsupportedOperation");
            assertThat(new SignedClient(region.operationsPort(), "s3")
                            .send("GET", "/admin/storage", new byte[0])
                            .status())
                    .as("a signature for another service")
                    .isEqualTo(403);
            var headers = client.signed("POST", "/admin/accelerator/ban", SignedClient.sha256(body));
            assertThat(client.exchange(
                                    "POST", "/admin/accelerator/ban", headers, SignedClient.utf8("{\"path\": \"*\"}"))
                            .status())
                    .as("another body than the one signed")
                    .isEqualTo(403);
        }
    }

    @Test
    void anAcceleratorAloneTakesTheKeysOfItsConfiguration(@TempDir Path directory) throws Exception {
        String site = """
                sites:
                  - {name: nobody, path: /x/, origin: {http: "http://127.0.0.1:9"}}
                """;
        String secret = "an-operator-of-this-node-alone";
        Path config = directory.resolve("sites.yaml");
        Files.writeString(config, "admin: {keys: {OPERATOR: " + secret + ", KEEPER: " + secret + "}}\n" + site);
        try (Node node = Node.start(directory.resolve("node"), config.toString(), Map.of())) {
            String[] stat = {"accelerator", "stat", "--server", node.operations()};
            assertThat(jarrah("OPERATOR", secret, stat).output()).contains("nobody");
            assertThat(jarrah("OPERATOR", secret + "x", stat).output()).contains("signature");
            assertThat(jarrah("SOMEBODY", secret, stat).exit()).isNotZero();

            Files.writeString(config, "admin: {keys: {KEEPER: " + secret + "}}\n" + site);
            assertThat(jarrah("KEEPER", secret, "accelerator", "reload", "--server", node.operations())
                            .output())
                    .isEqualTo("1 sites\n");
            assertThat(jarrah("OPERATOR", secret, stat).exit())
                    .as("a key that was taken out")
                    .isNotZero();
            assertThat(jarrah("KEEPER", secret, stat).output()).contains("nobody");
        }
    }
}
