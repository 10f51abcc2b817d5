package jarrah.cli;

import jarrah.cli.api.Api;
import jarrah.cli.api.Credentials;
import jarrah.http.ClientResponse;
import jarrah.http.Headers;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls a server elsewhere: on its operations port, with requests that are signed for the service {@code jarrah}. */
public final class SignedAdminClient implements AdminClient {
    private static final JsonMapper JSON = new JsonMapper();

    /** Any will do: the server has its own idea of where it is. */
    private static final String REGION = "us-east-1";

    private final String url;
    private final Credentials.Key key;
    private final Clock clock;

    /**
     * @param url of the operations port
     * @param key an operator's
     */
    public SignedAdminClient(String url, Credentials.Key key, Clock clock) {
        this.url = url;
        this.key = key;
        this.clock = clock;
    }

    @Override
    public JsonNode call(String method, String path, JsonNode body, Duration patience) {
        try (Api api = api();
                ClientResponse response = send(api, method, path, body)) {
            JsonNode answer = JSON.readTree(response.readAll(MAX_ANSWER_BYTES));
            if (response.status() != 200) {
                throw AdminClient.refused(answer);
            }
            return answer;
        } catch (JacksonException e) {
            throw new CommandFailed(url + " is no server's operations port: its answer cannot be read");
        } catch (IOException e) {
            throw nobody(e);
        }
    }

    @Override
    public void lines(String method, String path, JsonNode body, Consumer<JsonNode> line) {
        try (Api api = api();
                ClientResponse response = send(api, method, path, body)) {
            if (response.status() != 200) {
                throw AdminClient.refused(JSON.readTree(response.readAll(MAX_ANSWER_BYTES)));
            }
            AdminClient.passOn(new BufferedReader(Channels.newReader(response.body(), StandardCharsets.UTF_8)), line);
        } catch (JacksonException e) {
            throw new CommandFailed(url + " is no server's operations port: its answer cannot be read");
        } catch (IOException e) {
            throw nobody(e);
        }
    }

    private Api api() {
        return new Api(url, REGION, "jarrah", key, clock);
    }

    private static ClientResponse send(Api api, String method, String path, JsonNode body) throws IOException {
        return api.send(
                method, "/admin" + path, Headers.of("Content-Type", "application/json"), JSON.writeValueAsBytes(body));
    }

    private CommandFailed nobody(IOException why) {
        return new CommandFailed("no server answers at " + url + ": " + why.getMessage());
    }
}
