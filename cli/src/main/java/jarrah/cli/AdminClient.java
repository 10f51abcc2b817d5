package jarrah.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls a server's admin API, which speaks JSON; one call a connection. */
public interface AdminClient {
    /** How long a call may take that does little. */
    Duration PATIENCE = Duration.ofSeconds(60);

    /** The longest answer that is no stream of lines, bytes. */
    int MAX_ANSWER_BYTES = 16 * 1024 * 1024;

    /**
     * Calls the server.
     *
     * @param path e.g. {@code /accelerator/purge}
     * @param body the request's JSON; an empty object for none
     * @param patience how long to wait for the answer of a server of this machine; one elsewhere has ten minutes
     * @return the answer's JSON
     * @throws CommandFailed if no server answers there, or it refuses; the message is for the person
     */
    JsonNode call(String method, String path, JsonNode body, Duration patience);

    /** As {@link #call(String, String, JsonNode, Duration)}, for what takes little time. */
    default JsonNode call(String method, String path, JsonNode body) {
        return call(method, path, body, PATIENCE);
    }

    /**
     * Calls for an answer of many lines, each a JSON object, as long as it takes. When we end, the server learns of it.
     *
     * @param line takes each as it comes
     * @throws CommandFailed as above, and if the server breaks off
     */
    void lines(String method, String path, JsonNode body, Consumer<JsonNode> line);

    /** Passes the lines of an answer on; the last says {@code done} or {@code failed}. */
    static void passOn(BufferedReader answer, Consumer<JsonNode> line) throws IOException {
        var json = new JsonMapper();
        boolean done = false;
        for (String text = answer.readLine(); text != null; text = answer.readLine()) {
            JsonNode node = json.readTree(text);
            if (node.has("failed")) {
                throw new CommandFailed(node.path("failed").path("message").asString("it failed"));
            }
            done |= node.has("done");
            line.accept(node);
        }
        if (!done) {
            throw new CommandFailed("the server stopped before the end");
        }
    }

    /** What the person is told when the server refuses. */
    static CommandFailed refused(JsonNode answer) {
        return new CommandFailed(answer.path("message").asString("the server refused"));
    }
}
