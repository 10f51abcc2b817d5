package jarrah.iam;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.storage.MemoryKv;
import jarrah.testkit.ManualClock;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningCertificateTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    @Test
    void theKeySignsWhatTheCertificateVerifies(@TempDir Path directory) throws Exception {
        var kv = new MemoryKv();
        var clock = new ManualClock(NOW);
        var box = SecretBox.open(directory.resolve("secret.key"));
        AccessKey user = new Accounts(kv, box, clock)
                .create(new NewAccount("a", Optional.empty(), Optional.empty(), Optional.empty()));
        Certificates.Pair pair = new Certificates(kv, box, clock).issue(user);

        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pair.certificate().getBytes(StandardCharsets.US_ASCII)));
        Signature signer = Signature.getInstance("SHA1withRSA");
        signer.initSign(privateKey(pair.privateKey()));
        signer.update(new byte[] {1, 2, 3});
        byte[] signature = signer.sign();
        Signature verifier = Signature.getInstance("SHA1withRSA");
        verifier.initVerify(certificate);
        verifier.update(new byte[] {1, 2, 3});

        assertThat(verifier.verify(signature)).isTrue();
        certificate.checkValidity(Date.from(NOW));
        assertThat(certificate.getSubjectX500Principal().getName())
                .contains("CN=admin")
                .contains("OU=" + user.account().id());
    }

    private static PrivateKey privateKey(String pem) throws Exception {
        String base64 = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        return KeyFactory.getInstance("RSA")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
    }
}
