package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketCannedACL;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;

/** Listings of a real bucket: by the region's own accelerator, and by a node that reads it as an S3 store elsewhere. */
class AcceleratedListingTest {
    private static final List<String> KEYS = List.of(
            "a b",
            "a+b",
            "a%2Fb",
            "ümlaut",
            "d//x",
            "d/./y",
            "d/../z",
            "?q=1&r",
            "x:y",
            "<s>",
            "line\nbreak",
            "d/\u0001");

    private final HttpClient http = HttpClient.newHttpClient();

    private HttpResponse<String> get(String url, String... fields) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Follows every link below, and collects what the objects hold. */
    private void follow(String url, List<String> found) throws IOException, InterruptedException {
        HttpResponse<String> page = get(url);
        assertThat(page.statusCode()).as(url).isEqualTo(200);
        Matcher link = Pattern.compile("<td><a href=\"\\./([^\"]*)\">").matcher(page.body());
        while (link.find()) {
            String below = url + link.group(1);
            if (below.endsWith("/")) {
                follow(below, found);
            } else {
                found.add(get(below).body());
            }
        }
    }

    @Test
    void everyNameIsShownAndLeadsToItsObject(@TempDir Path directory) throws Exception {
        Path config = Files.writeString(directory.resolve("jarrah.yaml"), """
                accelerator:
                  sites:
                    - {name: open, path: /open/, listing: true, index: index.html, origin: {bucket: tools, prefix: rel/}}
                    - {name: owner, path: /owner/, listing: true, origin: {bucket: tools, as: operator}}
                """);
        try (Region region = Region.start(directory.resolve("data"), "--config", config.toString());
                S3Client s3 = S3Client.builder()
                        .endpointOverride(region.api())
                        .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                        .credentialsProvider(StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(Region.ACCESS_KEY_ID, Region.SECRET)))
                        .forcePathStyle(true)
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .build()) {
            s3.createBucket(bucket -> bucket.bucket("tools").acl(BucketCannedACL.PUBLIC_READ));
            for (String key : KEYS) {
                s3.putObject(
                        object -> object.bucket("tools").key("rel/" + key).acl(ObjectCannedACL.PUBLIC_READ),
                        RequestBody.fromString("this is " + key));
            }
            // Dot segments are folded by whoever follows a link, so that they have none.
            List<String> linked = KEYS.stream()
                    .filter(key -> !key.contains("./"))
                    .map(key -> "this is " + key)
                    .toList();
            var own = new ArrayList<String>();
            follow(region.accelerator() + "/open/", own);
            assertThat(own).containsExactlyInAnyOrderElementsOf(linked);
            assertThat(get(region.accelerator() + "/open/d/", "Accept", "application/json")
                            .body())
                    .contains("{\"name\":\"..\",\"type\":\"directory\"}", "{\"name\":\"\\u0001\",\"type\":\"file\"");
            String sites = """
                    sites:
                      - name: elsewhere
                        listing: true
                        origin: {s3: "%s", bucket: tools, prefix: rel/, credentials: env}
                    """.formatted(region.api());
            Path nodes = Files.writeString(directory.resolve("sites.yaml"), sites);
            try (Node node = Node.start(
                    directory.resolve("node"),
                    nodes.toString(),
                    Map.of("AWS_ACCESS_KEY_ID", Region.ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY", Region.SECRET))) {
                var elsewhere = new ArrayList<String>();
                follow(node.url() + "/", elsewhere);
                assertThat(elsewhere).containsExactlyInAnyOrderElementsOf(linked);
                s3.putBucketAcl(bucket -> bucket.bucket("tools").acl(BucketCannedACL.PRIVATE));
                assertThat(get(node.url() + "/d/").statusCode()).isEqualTo(200);
            }
            assertThat(get(region.accelerator() + "/open/").statusCode())
                    .as("anonymous may list it no more")
                    .isEqualTo(403);
            assertThat(get(region.accelerator() + "/open/d").statusCode()).isEqualTo(403);
            assertThat(get(region.accelerator() + "/owner/").body()).contains("href=\"./rel/\"");
            for (int i = 0; i < 1_200; i++) {
                String key = "many/%04d".formatted(i);
                s3.putObject(object -> object.bucket("tools").key(key), RequestBody.fromString("x"));
            }
            HttpResponse<String> first = get(region.accelerator() + "/owner/many/", "Accept", "application/json");
            assertThat(first.body().lines().filter(line -> line.startsWith("{")))
                    .hasSize(1_000);
            String next = first.headers().firstValue("Link").orElseThrow();
            HttpResponse<String> second = get(
                    region.accelerator() + "/owner/many/" + next.substring(1, next.indexOf('>')),
                    "Accept",
                    "application/json");
            assertThat(second.body().lines().filter(line -> line.startsWith("{")))
                    .hasSize(200);
            assertThat(second.headers().firstValue("Link")).isEmpty();
            assertThat(get(region.accelerator() + "/owner/many/?continuation-token=x")
                            .statusCode())
                    .isEqualTo(400);
        }
    }
}
