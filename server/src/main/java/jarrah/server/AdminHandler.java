package jarrah.server;

import jarrah.aws.AwsException;
import jarrah.aws.AwsTime;
import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Handler;
import jarrah.http.RequestBody;
import jarrah.http.ResponseHead;
import jarrah.iam.AccessKey;
import jarrah.iam.Account;
import jarrah.iam.Accounts;
import jarrah.iam.IamException;
import jarrah.iam.NewAccount;
import java.io.IOException;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The admin API, for what AWS has no API for: JSON over HTTP on the unix socket in the data directory, for its owner alone.
 *
 * <pre>
 *   GET  /accounts   {accounts: [{id, name, canonicalId, created}]}
 *   POST /accounts   {name, id?, accessKeyId?, secretAccessKey?} -> {id, name, accessKeyId, secretAccessKey, credentials}
 * </pre>
 *
 * <p>A refusal is {@code {code, message}} with AWS's code and status.
 */
record AdminHandler(Accounts accounts, CredentialFiles files) implements Handler {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAX_REQUEST_BYTES = 64 * 1024;

    @Override
    public void handle(Exchange exchange) throws IOException {
        try {
            String call = exchange.request().method() + " " + exchange.request().path();
            switch (call) {
                case "GET /accounts" -> answer(exchange, 200, list());
                case "POST /accounts" -> answer(exchange, 200, create(read(exchange)));
                default -> answer(exchange, 404, refusal("NotFound", "There is no call " + call + "."));
            }
        } catch (AwsException e) {
            answer(exchange, e.status(), refusal(e.code(), e.text()));
        } catch (JacksonException | RequestBody.BodyTooLarge e) {
            answer(exchange, 400, refusal("ValidationError", "The request is not a small JSON object."));
        }
    }

    private static JsonNode read(Exchange exchange) throws IOException {
        JsonNode node = JSON.readTree(exchange.body().readAll(MAX_REQUEST_BYTES));
        if (!node.isObject()) {
            throw new IamException.ValidationError("The request is not a JSON object.");
        }
        return node;
    }

    private ObjectNode list() {
        ObjectNode answer = JSON.createObjectNode();
        var list = answer.putArray("accounts");
        for (Account account : accounts.list()) {
            list.addObject()
                    .put("id", account.id())
                    .put("name", account.name())
                    .put("canonicalId", account.canonicalId())
                    .put("created", AwsTime.isoSeconds(account.created()));
        }
        return answer;
    }

    private ObjectNode create(JsonNode request) throws IOException {
        AccessKey key = accounts.create(new NewAccount(
                request.path("name").asString(""),
                optional(request, "id"),
                optional(request, "accessKeyId"),
                optional(request, "secretAccessKey")));
        files.write(key, false);
        return JSON.createObjectNode()
                .put("id", key.account().id())
                .put("name", key.account().name())
                .put("accessKeyId", key.id())
                .put("secretAccessKey", key.secret())
                .put(
                        "credentials",
                        files.of(key.account().name()).toAbsolutePath().toString());
    }

    private static Optional<String> optional(JsonNode request, String name) {
        return request.has(name) ? Optional.of(request.path(name).asString("")) : Optional.empty();
    }

    private static ObjectNode refusal(String code, String message) {
        return JSON.createObjectNode().put("code", code).put("message", message);
    }

    private static void answer(Exchange exchange, int status, ObjectNode json) {
        exchange.send(
                ResponseHead.of(status, "Content-Type", "application/json"), Body.of(JSON.writeValueAsBytes(json)));
    }
}
