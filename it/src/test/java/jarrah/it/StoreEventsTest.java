package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.Event;
import software.amazon.awssdk.services.s3.model.QueueConfiguration;

/** An accelerator whose copies live by time, and whose store tells it of changes by S3's event notifications. */
class StoreEventsTest {
    private static final String TOKEN = "what-the-store-and-the-node-know";

    private static String get(String url) throws IOException, InterruptedException {
        return ask(HttpRequest.newBuilder(URI.create(url)).build()).body();
    }

    private static HttpResponse<String> ask(HttpRequest request) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static HttpResponse<String> tell(Node node, String authorization, String json)
            throws IOException, InterruptedException {
        return ask(HttpRequest.newBuilder(URI.create(node.operations() + "/accelerator/events"))
                .header("Authorization", authorization)
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build());
    }

    private static S3Client owner(Region region) {
        return S3Client.builder()
                .endpointOverride(region.api())
                .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(Region.ACCESS_KEY_ID, Region.SECRET)))
                .forcePathStyle(true)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    private static Node node(Path directory, Region region) throws IOException {
        Path config = Files.writeString(directory.resolve("sites.yaml"), """
                events: {token: %s}
                sites:
                  - name: tools
                    path: /tools/
                    origin: {s3: "%s", bucket: archive, prefix: releases/, credentials: env, coherent: false}
                    cache: {ttl: 1h}
                """.formatted(TOKEN, region.api()));
        return Node.start(
                directory.resolve("node"),
                config.toString(),
                Map.of("AWS_ACCESS_KEY_ID", Region.ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY", Region.SECRET));
    }

    private static void put(S3Client owner, String key, String text) {
        owner.putObject(request -> request.bucket("archive").key(key), RequestBody.fromString(text));
    }

    @Test
    void aStoresWebhookRemovesWhatHasChanged(@TempDir Path directory) throws Exception {
        try (Region store = Region.start(directory.resolve("store"));
                S3Client owner = owner(store)) {
            owner.createBucket(request -> request.bucket("archive"));
            put(owner, "releases/a b+ü.txt", "one");
            put(owner, "releases/other.txt", "other");
            try (Node node = node(directory, store)) {
                String changing = node.url() + "/tools/a%20b+%C3%BC.txt";
                assertThat(get(changing)).isEqualTo("one");
                assertThat(get(node.url() + "/tools/missing.txt")).contains("404");

                store.kill();
                Path config =
                        Files.writeString(directory.resolve("jarrah.yaml"), """
                        s3:
                          notifications:
                            - {name: node, webhook: "%s/accelerator/events", token: %s}
                        """.formatted(node.operations(), TOKEN));
                String[] ports = store.samePorts();
                String[] flags = java.util.Arrays.copyOf(ports, ports.length + 2);
                flags[ports.length] = "--config";
                flags[ports.length + 1] = config.toString();
                try (Region again = Region.start(directory.resolve("store"), flags)) {
                    assertThat(again.api()).isEqualTo(store.api());
                    QueueConfiguration queue = QueueConfiguration.builder()
                            .queueArn("arn:aws:sqs:us-east-1:123456789012:node")
                            .events(Event.S3_OBJECT_CREATED, Event.S3_OBJECT_REMOVED)
                            .build();
                    owner.putBucketNotificationConfiguration(request ->
                            request.bucket("archive").notificationConfiguration(all -> all.queueConfigurations(queue)));
                    put(owner, "releases/a b+ü.txt", "two");
                    put(owner, "releases/missing.txt", "there now");
                    await(changing, "two");
                    await(node.url() + "/tools/missing.txt", "there now");
                }
            }
        }
    }

    /** Far below the hour that copies live. */
    private static void await(String url, String text) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        String last = get(url);
        while (!last.equals(text)) {
            assertThat(System.nanoTime()).as(last).isLessThan(end);
            Thread.sleep(50);
            last = get(url);
        }
    }

    @Test
    void messagesOfOtherStoresAreTakenFromWhoKnowsTheToken(@TempDir Path directory) throws Exception {
        try (Region store = Region.start(directory.resolve("store"));
                S3Client owner = owner(store)) {
            owner.createBucket(request -> request.bucket("archive"));
            put(owner, "releases/x.txt", "1");
            try (Node node = node(directory, store)) {
                String url = node.url() + "/tools/x.txt";
                String record =
                        "{\"Records\": [{\"s3\": {\"bucket\": {\"name\": \"archive\"}, \"object\": {\"key\": \"releases%2Fx.txt\"}}}]}";
                assertThat(get(url)).isEqualTo("1");
                put(owner, "releases/x.txt", "2");
                assertThat(tell(node, "Bearer " + TOKEN + "x", record).statusCode())
                        .isEqualTo(401);
                assertThat(get(url)).as("nobody may tell without the token").isEqualTo("1");
                assertThat(tell(node, "Bearer " + TOKEN, record).body()).isEqualTo("{\"removed\":1}");
                assertThat(get(url)).isEqualTo("2");

                put(owner, "releases/x.txt", "3");
                String basic =
                        "Basic " + java.util.Base64.getEncoder().encodeToString(SignedClient.utf8("sns:" + TOKEN));
                String sns = "{\"Type\": \"Notification\", \"Message\": \"" + record.replace("\"", "\\\"") + "\"}";
                assertThat(tell(node, basic, sns).body()).isEqualTo("{\"removed\":1}");
                assertThat(get(url)).isEqualTo("3");

                put(owner, "releases/x.txt", "4");
                assertThat(tell(
                                        node,
                                        "Bearer " + TOKEN,
                                        "{\"detail\": {\"bucket\": {\"name\": \"archive\"}, \"object\": {\"key\": \"releases/x.txt\"}}}")
                                .body())
                        .isEqualTo("{\"removed\":1}");
                assertThat(get(url)).isEqualTo("4");

                assertThat(tell(node, "Bearer " + TOKEN, "{\"Event\": \"s3:TestEvent\"}")
                                .statusCode())
                        .isEqualTo(200);
                for (String nonsense : new String[] {"", "[]", "{}", "{\"Type\": \"Notification\"}", "x".repeat(100)}) {
                    assertThat(tell(node, "Bearer " + TOKEN, nonsense).statusCode())
                            .as(nonsense)
                            .isEqualTo(400);
                }
            }
        }
    }
}
