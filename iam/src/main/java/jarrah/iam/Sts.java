package jarrah.iam;

import jarrah.aws.Authentication;
import jarrah.aws.QueryEndpoint;
import jarrah.aws.QueryException;
import jarrah.aws.QueryRequest;
import jarrah.aws.QueryXml;
import jarrah.aws.RequestId;

/** The security token service: who am I, and whose key is this. */
public final class Sts implements QueryEndpoint.Actions {
    /** The XML namespace of answers and errors, API version 2011-06-15. */
    public static final String NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

    private final Accounts accounts;
    private final Authorizer authorizer;

    public Sts(Accounts accounts, Authorizer authorizer) {
        this.accounts = accounts;
        this.authorizer = authorizer;
    }

    @Override
    public byte[] call(QueryRequest request, Authentication.Signed caller, RequestId requestId) {
        return switch (request.action()) {
            case "GetCallerIdentity" -> callerIdentity(caller, requestId);
            case "GetAccessKeyInfo" -> accessKeyInfo(request, caller, requestId);
            default -> throw new QueryEndpoint.UnknownAction();
        };
    }

    // Needs no permission: AWS answers even where a policy denies it.
    private byte[] callerIdentity(Authentication.Signed caller, RequestId requestId) {
        AccessKey key = accounts.key(caller.accessKeyId());
        if (key == null) {
            throw new QueryException.AccessDenied("The caller's access key was deleted.");
        }
        Principal.User user = key.principal();
        return QueryXml.response(
                "GetCallerIdentity",
                NAMESPACE,
                requestId,
                xml -> xml.text("Arn", user.arn()).text("UserId", user.userId()).text("Account", user.accountId()));
    }

    private byte[] accessKeyInfo(QueryRequest request, Authentication.Signed caller, RequestId requestId) {
        AccessKey key = accounts.key(caller.accessKeyId());
        if (key == null) {
            throw new QueryException.AccessDenied("The caller's access key was deleted.");
        }
        authorizer.require(key.principal(), "sts:GetAccessKeyInfo", "*", request);
        String accessKeyId = request.get("AccessKeyId");
        if (accessKeyId == null || accessKeyId.length() < 16 || accessKeyId.length() > 128) {
            throw new QueryException.InvalidParameter("AccessKeyId must have 16 to 128 characters.");
        }
        Account account = accounts.accountOfKey(accessKeyId);
        if (account == null) {
            throw new QueryException.InvalidParameter("Access key " + accessKeyId + " is not valid.");
        }
        return QueryXml.response("GetAccessKeyInfo", NAMESPACE, requestId, xml -> xml.text("Account", account.id()));
    }
}
