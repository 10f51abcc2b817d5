package jarrah.images.bundle;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/** Reads the private keys (PKCS#1 and PKCS#8) and certificates that users have in files of PEM text. */
public final class Pem {
    /** Some keys and a chain of certificates fit. */
    private static final int MAX_BYTES = 256 * 1024;

    private Pem() {}

    /**
     * The first private key of a file.
     *
     * @throws ImageException.UnusableKey if it holds none, or only one that needs a pass phrase
     */
    public static PrivateKey privateKey(Path file) throws IOException {
        return privateKey(read(file), file.toString());
    }

    /** The first certificate of a file; {@link ImageException.UnusableKey} if it holds none. */
    public static X509Certificate certificate(Path file) throws IOException {
        return certificate(read(file), file.toString());
    }

    /**
     * The first private key in a text.
     *
     * @param origin what to call the text in messages
     */
    public static PrivateKey privateKey(String pem, String origin) {
        try (var parser = new PEMParser(new StringReader(pem))) {
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                switch (object) {
                    case PEMKeyPair pair -> {
                        return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
                    }
                    case PrivateKeyInfo info -> {
                        return new JcaPEMKeyConverter().getPrivateKey(info);
                    }
                    case PEMEncryptedKeyPair _, PKCS8EncryptedPrivateKeyInfo _ ->
                        throw new ImageException.UnusableKey(origin
                                + " holds a private key that needs a pass phrase; take it off with: openssl rsa");
                    default -> {} // Parameters and certificates may stand before the key.
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new ImageException.UnusableKey(origin + " holds no private key that can be read");
        }
        throw new ImageException.UnusableKey(origin + " holds no private key");
    }

    /** The first certificate in a text. */
    public static X509Certificate certificate(String pem, String origin) {
        try (var parser = new PEMParser(new StringReader(pem))) {
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                if (object instanceof X509CertificateHolder holder) {
                    return new JcaX509CertificateConverter().getCertificate(holder);
                }
            }
        } catch (IOException | CertificateException | IllegalArgumentException e) {
            throw new ImageException.UnusableKey(origin + " holds no certificate that can be read");
        }
        throw new ImageException.UnusableKey(origin + " holds no certificate");
    }

    private static String read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new ImageException.UnusableKey(file + " is too long for a file of keys");
        }
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }
}
