package jarrah.server;

import jarrah.aws.QueryEndpoint;
import jarrah.aws.SignatureVerifier;

/**
 * Query services of AWS's whose actions are not served: a caller is told so in the service's own words, after its signature
 * has been checked, and an unknown action still differs from one that is merely absent.
 */
final class Unserved {
    private Unserved() {}

    static QueryEndpoint iam(SignatureVerifier verifier) {
        return endpoint("iam", "https://iam.amazonaws.com/doc/2010-05-08/", QueryEndpoint.Dialect.COMMON, verifier);
    }

    private static QueryEndpoint endpoint(
            String service, String namespace, QueryEndpoint.Dialect dialect, SignatureVerifier verifier) {
        return new QueryEndpoint(service, namespace, dialect, verifier, (_, _, _) -> {
            throw new QueryEndpoint.UnknownAction();
        });
    }
}
