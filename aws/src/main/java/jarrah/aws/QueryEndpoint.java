package jarrah.aws;

import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Handler;
import jarrah.http.RequestBody;
import jarrah.http.ResponseHead;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A service of the AWS Query protocol: reads the form, verifies the signature, calls the action, renders its faults. */
public final class QueryEndpoint implements Handler {
    private static final Logger LOG = LoggerFactory.getLogger(QueryEndpoint.class);

    /** Which of the two error documents a service uses. */
    public enum Dialect {
        /** IAM, STS and most others. */
        COMMON,
        EC2
    }

    /** The actions that a service serves. */
    @FunctionalInterface
    public interface Actions {
        /**
         * Carries out one action.
         *
         * @param caller who signed the request
         * @return the whole answer, e.g. by {@link QueryXml#response}
         * @throws AwsException what is wrong with the request
         * @throws UnknownAction if the action is not served here
         */
        byte[] call(QueryRequest request, Authentication.Signed caller, RequestId requestId);
    }

    /** Thrown by {@link Actions} for a name that they do not serve; the endpoint knows whether AWS has it. */
    public static final class UnknownAction extends RuntimeException {
        public UnknownAction() {
            super(null, null, false, false);
        }
    }

    private final String namespace;
    private final Dialect dialect;
    private final Set<String> known;
    private final SignatureVerifier verifier;
    private final Actions actions;

    /**
     * @param service the signing name, which also names the list of AWS's operations
     * @param namespace the XML namespace of answers and errors
     */
    public QueryEndpoint(
            String service, String namespace, Dialect dialect, SignatureVerifier verifier, Actions actions) {
        this.namespace = namespace;
        this.dialect = dialect;
        this.known = OperationNames.of(service);
        this.verifier = verifier;
        this.actions = actions;
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        RequestId requestId = RequestId.query();
        try {
            send(exchange, 200, answer(exchange, requestId), requestId);
        } catch (AwsException e) {
            send(exchange, status(e), error(e, requestId), requestId);
        } catch (RuntimeException e) {
            LOG.error("request {} failed", requestId.id(), e);
            send(exchange, 500, internalError(requestId), requestId);
        }
    }

    private byte[] answer(Exchange exchange, RequestId requestId) throws IOException {
        byte[] form = readForm(exchange.request().method().equals("POST") ? exchange.body() : null);
        var who = verifier.verify(exchange.request(), form);
        if (!(who instanceof Authentication.Signed signed)) {
            throw new AuthenticationException.Missing();
        }
        var request = QueryRequest.of(exchange.request(), new String(form, StandardCharsets.UTF_8));
        if (request.action().isEmpty()) {
            throw new QueryException.MissingAction();
        }
        try {
            return actions.call(request, signed, requestId);
        } catch (UnknownAction e) {
            throw known.contains(request.action())
                    ? new QueryException.UnsupportedOperation(request.action())
                    : new QueryException.InvalidAction(request.action());
        }
    }

    private static byte[] readForm(@org.jspecify.annotations.Nullable RequestBody body) throws IOException {
        try {
            return body == null ? new byte[0] : body.readAll(QueryRequest.MAX_FORM_BYTES);
        } catch (RequestBody.BodyTooLarge e) {
            throw new QueryException.RequestTooLarge();
        }
    }

    private int status(AwsException e) {
        if (e instanceof AuthenticationException failure && dialect == Dialect.EC2) {
            return failure.ec2Code().equals("AuthFailure") ? 401 : 400;
        }
        return e.status();
    }

    private byte[] error(AwsException e, RequestId requestId) {
        if (dialect == Dialect.EC2) {
            String code = e instanceof AuthenticationException failure ? failure.ec2Code() : e.code();
            return QueryXml.ec2Error(code, e.text(), requestId);
        }
        String code = e instanceof AuthenticationException failure ? failure.queryCode() : e.code();
        return QueryXml.error(code, e.status(), e.text(), namespace, requestId);
    }

    private byte[] internalError(RequestId requestId) {
        String message = "The request could not be carried out because of an internal error.";
        return dialect == Dialect.EC2
                ? QueryXml.ec2Error("InternalError", message, requestId)
                : QueryXml.error("InternalFailure", 500, message, namespace, requestId);
    }

    private static void send(Exchange exchange, int status, byte[] xml, RequestId requestId) {
        exchange.send(
                ResponseHead.of(status, "Content-Type", "text/xml;charset=UTF-8", "x-amzn-RequestId", requestId.id()),
                Body.of(xml));
    }
}
