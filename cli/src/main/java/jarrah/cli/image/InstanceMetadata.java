package jarrah.cli.image;

import jarrah.cli.Surroundings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the metadata service says of the instance that this runs in ("Instance metadata categories", EC2 user guide). */
final class InstanceMetadata {
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final int MAX_LINES = 64;

    private final String endpoint;
    private final HttpClient client;
    private @Nullable String token;

    private InstanceMetadata(String endpoint, HttpClient client) {
        this.endpoint = endpoint;
        this.client = client;
    }

    /** Asks for all that an image made of the instance takes over; empty if there is no such service. */
    static Optional<BundleOptions.Inherited> read(Surroundings around) {
        // The variable is that of the AWS SDKs.
        String endpoint = around.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT").orElse("http://169.254.169.254");
        try (var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .build()) {
            var service = new InstanceMetadata(endpoint.replaceAll("/+$", ""), client);
            service.token = service.askForToken();
            Optional<String> own = service.first("ami-id");
            if (own.isEmpty()) {
                return Optional.empty();
            }
            var ancestors = new ArrayList<>(service.lines("ancestor-ami-ids"));
            ancestors.addFirst(own.get());
            var mappings = new ArrayList<String>();
            for (String virtual : service.lines("block-device-mapping/")) {
                service.first("block-device-mapping/" + virtual)
                        .ifPresent(device -> mappings.add(virtual + "=" + device));
            }
            return Optional.of(new BundleOptions.Inherited(
                    service.first("kernel-id"),
                    service.first("ramdisk-id"),
                    service.lines("product-codes"),
                    mappings,
                    ancestors));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** For version 2 of the service; where there is only the first, none is needed. */
    private @Nullable String askForToken() throws IOException, InterruptedException {
        HttpResponse<String> response = send(HttpRequest.newBuilder(URI.create(endpoint + "/latest/api/token"))
                .PUT(HttpRequest.BodyPublishers.noBody())
                .header("X-aws-ec2-metadata-token-ttl-seconds", "300"));
        return response.statusCode() == 200 ? response.body().strip() : null;
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
    }

    private List<String> lines(String path) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(endpoint + "/latest/meta-data/" + path));
        if (token != null) {
            request.header("X-aws-ec2-metadata-token", token);
        }
        HttpResponse<String> response = send(request);
        return response.statusCode() == 200
                ? response.body()
                        .lines()
                        .filter(line -> !line.isBlank())
                        .limit(MAX_LINES)
                        .toList()
                : List.of();
    }

    private Optional<String> first(String path) throws IOException, InterruptedException {
        return lines(path).stream().findFirst();
    }
}
