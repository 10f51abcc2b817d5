package jarrah.server;

import jarrah.aws.Authentication;
import jarrah.aws.AuthenticationException;
import jarrah.aws.AwsException;
import jarrah.aws.QueryException;
import jarrah.aws.SignatureVerifier;
import jarrah.http.Exchange;
import jarrah.http.Handler;
import jarrah.http.RequestBody;
import java.io.IOException;
import java.util.regex.Pattern;

/**
 * The admin API on the operations port, under {@link #PREFIX}: for requests signed with Signature Version 4 for the service
 * {@link #SERVICE}, by a key of an operator. What names files of this machine is left to the socket.
 */
final class RemoteAdmin implements Handler {
    static final String PREFIX = "/admin";
    static final String SERVICE = "jarrah";

    /** Calls that read or write files of this machine. */
    private static final Pattern OF_FILES = Pattern.compile("POST /(images(/tiny)?|instances/[^/]*/copy)");

    /** Tells operators from others. */
    @FunctionalInterface
    interface Operators {
        /** Whether the owner of that key may do what an operator may. */
        boolean has(String accessKeyId);
    }

    private final SignatureVerifier verifier;
    private final Operators operators;
    private final AdminCalls calls;

    RemoteAdmin(SignatureVerifier verifier, Operators operators, AdminCalls calls) {
        this.verifier = verifier;
        this.operators = operators;
        this.calls = calls;
    }

    /** Whether a path is of this part. */
    static boolean has(String path) {
        return path.startsWith(PREFIX + "/");
    }

    @Override
    public void handle(Exchange exchange) throws IOException {
        String call =
                exchange.request().method() + " " + exchange.request().path().substring(PREFIX.length());
        byte[] body;
        try {
            body = exchange.body().readAll(AdminCalls.MAX_REQUEST_BYTES);
            requireOperator(exchange, body);
        } catch (RequestBody.BodyTooLarge e) {
            AdminJson.refuse(exchange, 400, "ValidationError", "The request is not a small JSON object.");
            return;
        } catch (AwsException e) {
            String code = e instanceof AuthenticationException failure ? failure.queryCode() : e.code();
            AdminJson.refuse(exchange, e.status(), code, e.text());
            return;
        }
        if (OF_FILES.matcher(call).matches()) {
            AdminJson.refuse(
                    exchange,
                    400,
                    "UnsupportedOperation",
                    "This works with files of the server's machine, and only there (--data in place of --server).");
            return;
        }
        calls.handle(exchange, call, body);
    }

    private void requireOperator(Exchange exchange, byte[] body) {
        if (!(verifier.verify(exchange.request(), body) instanceof Authentication.Signed signed)) {
            throw new AuthenticationException.Missing();
        }
        // A link with a signature could be passed on; calls are signed one by one.
        if (signed.presigned() || !signed.scope().service().equals(SERVICE) || !operators.has(signed.accessKeyId())) {
            throw new QueryException.AccessDenied("The key is not an operator's, or did not sign for " + SERVICE + ".");
        }
    }
}
