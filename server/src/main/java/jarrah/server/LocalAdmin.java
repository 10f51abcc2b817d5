package jarrah.server;

import jarrah.http.Exchange;
import jarrah.http.Handler;
import jarrah.http.RequestBody;
import java.io.IOException;

/** The admin API on the unix socket, where whoever can open it may call. */
record LocalAdmin(AdminCalls calls) implements Handler {
    @Override
    public void handle(Exchange exchange) throws IOException {
        byte[] body;
        try {
            body = exchange.body().readAll(AdminCalls.MAX_REQUEST_BYTES);
        } catch (RequestBody.BodyTooLarge e) {
            AdminJson.refuse(exchange, 400, "ValidationError", "The request is not a small JSON object.");
            return;
        }
        calls.handle(
                exchange, exchange.request().method() + " " + exchange.request().path(), body);
    }
}
