package jarrah.iam;

import jarrah.aws.AwsTime;
import jarrah.aws.QueryXml;
import jarrah.aws.XmlWriter;
import java.util.List;
import java.util.Map;

/** UploadSigningCertificate, ListSigningCertificates, DeleteSigningCertificate. */
final class CertificateActions {
    private static final int MAX_BODY = 16_384;

    private final Users users;
    private final Certificates certificates;

    CertificateActions(Users users, Certificates certificates) {
        this.users = users;
        this.certificates = certificates;
    }

    void register(Map<String, Iam.Action> actions) {
        actions.put("UploadSigningCertificate", this::upload);
        actions.put("ListSigningCertificates", this::list);
        actions.put("DeleteSigningCertificate", this::delete);
    }

    private QueryXml.Result upload(IamCall call) {
        User user = call.user(users);
        String body = call.text("CertificateBody", MAX_BODY);
        Certificates.Signing certificate = certificates.upload(call.accountId(), user.name(), body);
        return xml -> {
            xml.start("Certificate");
            write(xml, certificate);
            xml.end();
        };
    }

    private QueryXml.Result list(IamCall call) {
        List<Certificates.Signing> found =
                certificates.list(call.accountId(), call.user(users).name());
        return xml -> call.page(xml, "Certificates", found, Certificates.Signing::id, CertificateActions::write);
    }

    private static void write(XmlWriter xml, Certificates.Signing certificate) {
        xml.text("UserName", certificate.userName())
                .text("CertificateId", certificate.id())
                .text("CertificateBody", certificate.pem())
                .text("Status", "Active")
                .text("UploadDate", AwsTime.isoSeconds(certificate.created()));
    }

    private QueryXml.Result delete(IamCall call) {
        User user = call.user(users);
        certificates.delete(call.accountId(), user.name(), call.text("CertificateId", 128));
        return _ -> {};
    }
}
