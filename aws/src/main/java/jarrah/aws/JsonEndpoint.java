package jarrah.aws;

import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Handler;
import jarrah.http.RequestBody;
import jarrah.http.RequestHead;
import jarrah.http.ResponseHead;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A service of the AWS JSON 1.1 protocol: verifies the signature, calls the action, renders its faults. */
public final class JsonEndpoint implements Handler {
    private static final Logger LOG = LoggerFactory.getLogger(JsonEndpoint.class);
    private static final String TYPE = "application/x-amz-json-1.1";
    private static final int MAX_BODY_BYTES = 1024 * 1024;

    /** The actions that a service serves. */
    @FunctionalInterface
    public interface Actions {
        /**
         * Carries out one action.
         *
         * @param action its name without the service's
         * @param json the request's body
         * @return the answer's body; empty for none
         * @throws AwsException what is wrong with the request
         */
        byte[] call(String action, byte[] json, RequestHead head, Authentication.Signed caller);
    }

    private final String target;
    private final SignatureVerifier verifier;
    private final Actions actions;

    /** @param target what stands before an action's name in {@code X-Amz-Target}, e.g. {@code TrentService} */
    public JsonEndpoint(String target, SignatureVerifier verifier, Actions actions) {
        this.target = target + ".";
        this.verifier = verifier;
        this.actions = actions;
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        RequestId requestId = RequestId.query();
        try {
            send(exchange, 200, answer(exchange), requestId);
        } catch (AwsException e) {
            String code = e instanceof AuthenticationException failure ? failure.queryCode() : e.code();
            send(exchange, e.status(), RestJson.error(code, e.text()), requestId);
        } catch (RuntimeException e) {
            LOG.error("request {} failed", requestId.id(), e);
            send(exchange, 500, RestJson.error("InternalFailure", "An internal error."), requestId);
        }
    }

    private byte[] answer(Exchange exchange) throws IOException {
        byte[] body;
        try {
            body = exchange.body().readAll(MAX_BODY_BYTES);
        } catch (RequestBody.BodyTooLarge e) {
            throw new QueryException.RequestTooLarge();
        }
        if (!(verifier.verify(exchange.request(), body) instanceof Authentication.Signed signed)) {
            throw new AuthenticationException.Missing();
        }
        String named = exchange.request().headers().first("X-Amz-Target");
        String action = named != null && named.startsWith(target) ? named.substring(target.length()) : "";
        return actions.call(action, body, exchange.request(), signed);
    }

    private static void send(Exchange exchange, int status, byte[] json, RequestId requestId) {
        exchange.send(ResponseHead.of(status, "Content-Type", TYPE, "x-amzn-RequestId", requestId.id()), Body.of(json));
    }
}
