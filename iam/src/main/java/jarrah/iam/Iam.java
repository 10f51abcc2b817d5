package jarrah.iam;

import jarrah.aws.Authentication;
import jarrah.aws.AwsTime;
import jarrah.aws.QueryEndpoint;
import jarrah.aws.QueryException;
import jarrah.aws.QueryRequest;
import jarrah.aws.QueryXml;
import jarrah.aws.RequestId;
import jarrah.aws.XmlWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The identity service's API, as far as it is served: who a user is, and the signing certificates of bundles. */
public final class Iam implements QueryEndpoint.Actions {
    /** The XML namespace of answers and errors, API version 2010-05-08. */
    public static final String NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/";

    private final Accounts accounts;
    private final Certificates certificates;
    private final Authorizer authorizer;

    public Iam(Accounts accounts, Certificates certificates, Authorizer authorizer) {
        this.accounts = accounts;
        this.certificates = certificates;
        this.authorizer = authorizer;
    }

    @Override
    public byte[] call(QueryRequest request, Authentication.Signed caller, RequestId requestId) {
        AccessKey key = accounts.key(caller.accessKeyId());
        if (key == null) {
            throw new QueryException.AccessDenied("The caller's access key was deleted.");
        }
        Principal.User user = key.principal();
        QueryXml.Result result = switch (request.action()) {
            case "UploadSigningCertificate" -> upload(request, user, key);
            case "ListSigningCertificates" -> list(request, user, key);
            case "DeleteSigningCertificate" -> delete(request, user, key);
            default -> throw new QueryEndpoint.UnknownAction();
        };
        return QueryXml.response(request.action(), NAMESPACE, requestId, result);
    }

    /** The user that is meant: the caller's own, or one that is named. */
    private String userName(QueryRequest request, Principal.User caller, AccessKey key) {
        if (!authorizer.allows(caller, caller.accountId())) {
            throw new QueryException.AccessDenied("User: " + caller.arn() + " is not authorized to perform: iam:"
                    + request.action() + " because no identity-based policy allows the iam:" + request.action()
                    + " action");
        }
        @Nullable String named = request.get("UserName");
        // Every account has its administrator and nobody else.
        if (named != null && !named.equals(key.userName())) {
            throw new IamException.NoSuchEntity("The user with name " + named + " cannot be found.");
        }
        return key.userName();
    }

    private QueryXml.Result upload(QueryRequest request, Principal.User caller, AccessKey key) {
        String user = userName(request, caller, key);
        @Nullable String body = request.get("CertificateBody");
        if (body == null || body.isBlank()) {
            throw new IamException.ValidationError("CertificateBody must have 1 to 16384 characters.");
        }
        Certificates.Signing certificate = certificates.upload(caller.accountId(), user, body);
        return xml -> {
            xml.start("Certificate");
            write(xml, certificate);
            xml.end();
        };
    }

    private QueryXml.Result list(QueryRequest request, Principal.User caller, AccessKey key) {
        String user = userName(request, caller, key);
        List<Certificates.Signing> found = certificates.list(caller.accountId(), user);
        return xml -> {
            xml.start("Certificates");
            for (Certificates.Signing certificate : found) {
                xml.start("member");
                write(xml, certificate);
                xml.end();
            }
            xml.end().text("IsTruncated", false);
        };
    }

    private static void write(XmlWriter xml, Certificates.Signing certificate) {
        xml.text("UserName", certificate.userName())
                .text("CertificateId", certificate.id())
                .text("CertificateBody", certificate.pem())
                .text("Status", "Active")
                .text("UploadDate", AwsTime.isoSeconds(certificate.created()));
    }

    private QueryXml.Result delete(QueryRequest request, Principal.User caller, AccessKey key) {
        String user = userName(request, caller, key);
        @Nullable String id = request.get("CertificateId");
        if (id == null) {
            throw new IamException.ValidationError("CertificateId must have 24 to 128 characters.");
        }
        certificates.delete(caller.accountId(), user, id);
        return _ -> {};
    }
}
