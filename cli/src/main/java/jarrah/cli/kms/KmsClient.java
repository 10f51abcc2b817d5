package jarrah.cli.kms;

import jarrah.cli.CommandFailed;
import jarrah.cli.Surroundings;
import jarrah.cli.api.Api;
import jarrah.cli.api.Credentials;
import jarrah.http.ClientResponse;
import jarrah.http.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Calls the key service by AWS's JSON protocol, version 1.1. */
final class KmsClient implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAX_ANSWER_BYTES = 1 << 20;

    private final Api api;

    KmsClient(Surroundings around, @Nullable String url, @Nullable String region, Credentials.Key key) {
        String where = Optional.ofNullable(region)
                .orElse(around.variable("AWS_REGION", "AWS_DEFAULT_REGION").orElse("us-east-1"));
        String endpoint = Optional.ofNullable(url)
                .or(() -> around.variable("AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL"))
                .orElse("https://kms." + where + ".amazonaws.com");
        api = new Api(endpoint, where, "kms", key, around.clock());
    }

    /** An empty request. */
    static ObjectNode request() {
        return JSON.createObjectNode();
    }

    /**
     * Calls an action.
     *
     * @throws CommandFailed if the service refuses
     */
    JsonNode call(String action, ObjectNode request) throws IOException {
        String json = JSON.writeValueAsString(request);
        Headers headers =
                Headers.of("Content-Type", "application/x-amz-json-1.1", "X-Amz-Target", "TrentService." + action);
        try (ClientResponse response = api.send("POST", "/", headers, json.getBytes(StandardCharsets.UTF_8))) {
            String text = new String(response.readAll(MAX_ANSWER_BYTES), StandardCharsets.UTF_8);
            JsonNode answer = text.isEmpty() ? request() : JSON.readTree(text);
            if (response.status() != 200) {
                String type = answer.path("__type").asString("status " + response.status());
                String message =
                        answer.path("message").asString(answer.path("Message").asString(""));
                throw new CommandFailed(action + " failed: " + type.replaceFirst("^.*#", "")
                        + (message.isEmpty() ? "" : ": " + message));
            }
            return answer;
        } catch (JacksonException e) {
            throw new CommandFailed("the answer of " + api.endpoint() + " to " + action + " cannot be read");
        }
    }

    /** All items of a listing that comes in pages. */
    List<JsonNode> all(String action, String list) throws IOException {
        var items = new ArrayList<JsonNode>();
        ObjectNode request = request();
        while (true) {
            JsonNode page = call(action, request);
            page.path(list).forEach(items::add);
            if (!page.path("Truncated").asBoolean(false)) {
                return items;
            }
            request.put("Marker", page.path("NextMarker").asString(""));
        }
    }

    @Override
    public void close() {
        api.close();
    }
}
