package jarrah.iam;

import jarrah.aws.Authentication;
import jarrah.aws.QueryEndpoint;
import jarrah.aws.QueryException;
import jarrah.aws.QueryRequest;
import jarrah.aws.QueryXml;
import jarrah.aws.RequestId;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The identity service's API, as far as it is served: users, their policies and keys, the signing certificates of bundles. */
public final class Iam implements QueryEndpoint.Actions {
    /** The XML namespace of answers and errors, API version 2010-05-08. */
    public static final String NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/";

    private final Accounts accounts;
    private final Authorizer authorizer;
    private final Map<String, Action> actions = new TreeMap<>();

    /** Carries out one action; the caller may do it. */
    @FunctionalInterface
    interface Action {
        QueryXml.Result call(IamCall call);
    }

    public Iam(Accounts accounts, Users users, Certificates certificates, Authorizer authorizer) {
        this.accounts = accounts;
        this.authorizer = authorizer;
        new UserActions(users, certificates).register(actions);
        new UserPolicyActions(users).register(actions);
        new AccessKeyActions(users).register(actions);
        new CertificateActions(users, certificates).register(actions);
    }

    @Override
    public byte[] call(QueryRequest request, Authentication.Signed caller, RequestId requestId) {
        @Nullable Action action = actions.get(request.action());
        if (action == null) {
            throw new QueryEndpoint.UnknownAction();
        }
        AccessKey key = accounts.key(caller.accessKeyId());
        if (key == null) {
            throw new QueryException.AccessDenied("The caller's access key was deleted.");
        }
        var call = new IamCall(request, key.principal(), authorizer);
        return QueryXml.response(request.action(), NAMESPACE, requestId, action.call(call));
    }
}
