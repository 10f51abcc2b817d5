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

    public Sts(Accounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public byte[] call(QueryRequest request, Authentication.Signed caller, RequestId requestId) {
        return switch (request.action()) {
            case "GetCallerIdentity" -> callerIdentity(caller, requestId);
            case "GetAccessKeyInfo" -> accessKeyInfo(request, requestId);
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

    private byte[] accessKeyInfo(QueryRequest request, RequestId requestId) {
        String accessKeyId = request.get("AccessKeyId");
        if (accessKeyId == null || accessKeyId.length() < 16 || accessKeyId.length() > 128) {
            throw new QueryException.InvalidParameter("AccessKeyId must have 16 to 128 characters.");
        }
        AccessKey key = accounts.key(accessKeyId);
        if (key == null) {
            throw new QueryException.InvalidParameter("Access key " + accessKeyId + " is not valid.");
        }
        return QueryXml.response(
                "GetAccessKeyInfo",
                NAMESPACE,
                requestId,
                xml -> xml.text("Account", key.account().id()));
    }
}
