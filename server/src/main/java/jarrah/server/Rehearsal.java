package jarrah.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** A few requests against a server that was started for nothing else, so that the start-up cache sees what a start uses. */
final class Rehearsal {
    private static final int ROUNDS = 3;

    private Rehearsal() {}

    static void run(Cloud cloud) throws IOException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int i = 0; i < ROUNDS; i++) {
                get(client, cloud.consoleUrl() + "/health");
                get(client, cloud.apiUrl() + "/rehearsal/key");
                get(client, cloud.acceleratorUrl() + "/");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void get(HttpClient client, String url) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(10))
                .build();
        client.send(request, HttpResponse.BodyHandlers.discarding());
    }
}
