package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;

/** An accelerator alone, whose configuration and objects lie in private buckets of a region elsewhere. */
class AcceleratorNodeTest {
    private static String configuration(Region region, String more) {
        return """
                sites:
                  - name: tools
                    path: /tools/
                    origin: {s3: "%s", bucket: archive, credentials: env, coherent: false}
                    cache: {ttl: 1h, grace: 1h}%s
                """.formatted(region.api(), more);
    }

    private static String get(String url) throws IOException {
        var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        try (var body =
                connection.getResponseCode() < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return connection.getHeaderField("X-Shade") + " "
                    + new String(body.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }

    @Test
    void servesSitesOfItsBucketReloadsAndOutlivesTheStore(@TempDir Path directory) throws Exception {
        Path data = directory.resolve("node");
        try (Region region = Region.start(directory.resolve("data"));
                S3Client owner = S3Client.builder()
                        .endpointOverride(region.api())
                        .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                        .credentialsProvider(StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(Region.ACCESS_KEY_ID, Region.SECRET)))
                        .forcePathStyle(true)
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .build()) {
            owner.createBucket(request -> request.bucket("private"));
            owner.createBucket(request -> request.bucket("archive"));
            owner.putObject(request -> request.bucket("archive").key("a b+c.txt"), RequestBody.fromString("one"));
            owner.putObject(
                    request -> request.bucket("private").key("accelerator.yaml"),
                    RequestBody.fromString(configuration(region, "")));
            try (Node node = Node.start(data, region)) {
                String url = node.url() + "/tools/a%20b+c.txt";
                assertThat(get(url)).isEqualTo("null one");
                owner.putObject(request -> request.bucket("archive").key("a b+c.txt"), RequestBody.fromString("two"));
                assertThat(get(url)).as("a hit within its ttl").isEqualTo("null one");
                assertThat(node.tool("ban", "--path", "/tools/*")).isEqualTo("0 1 removed\n");
                assertThat(get(url)).isEqualTo("null two");

                owner.putObject(
                        request -> request.bucket("private").key("accelerator.yaml"),
                        RequestBody.fromString(configuration(region, "\n    grase: 1")));
                assertThat(node.tool("reload"))
                        .startsWith("1 ")
                        .contains("s3://private/accelerator.yaml:6:5: unknown key `grase`");
                assertThat(get(url)).isEqualTo("null two");
                owner.putObject(
                        request -> request.bucket("private").key("accelerator.yaml"),
                        RequestBody.fromString(configuration(region, "\n    headers: {set: {X-Shade: deep}}")));
                assertThat(node.tool("reload")).isEqualTo("0 1 sites\n");
                assertThat(get(url)).isEqualTo("deep two");
                assertThat(node.tool("check")).startsWith("0 tools").contains("ok");
                assertThat(node.tool("stat")).startsWith("0 SITE").contains("tools");

                assertThat(node.tool("ban", "--soft", "--site", "tools")).isEqualTo("0 1 made stale\n");
                region.kill();
                assertThat(get(url)).as("within its grace, the store is gone").isEqualTo("deep two");
                assertThat(get(node.url() + "/tools/other")).endsWith("503 Service Unavailable");
                assertThat(node.tool("check")).startsWith("3 ").contains("cannot be reached");
            }
        }
    }
}
