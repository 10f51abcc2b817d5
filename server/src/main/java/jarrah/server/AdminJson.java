package jarrah.server;

import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.ResponseHead;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** How the admin API answers: a JSON object, and a refusal as {@code {code, message}}. */
final class AdminJson {
    private static final JsonMapper JSON = new JsonMapper();

    private AdminJson() {}

    static void answer(Exchange exchange, int status, ObjectNode json) {
        exchange.send(
                ResponseHead.of(status, "Content-Type", "application/json", "Cache-Control", "no-store"),
                Body.of(JSON.writeValueAsBytes(json)));
    }

    /** @param message for the person */
    static void refuse(Exchange exchange, int status, String code, String message) {
        answer(exchange, status, JSON.createObjectNode().put("code", code).put("message", message));
    }
}
