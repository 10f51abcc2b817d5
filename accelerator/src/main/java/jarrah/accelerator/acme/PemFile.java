package jarrah.accelerator.acme;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/**
 * A certificate's chain and its private key in one file, so that one rename replaces both: there is no moment at which the
 * key is not the certificate's.
 */
final class PemFile {
    /** Of what is there until the authority has answered. */
    private static final Duration STANDS_IN = Duration.ofDays(365);

    private static final String UNFINISHED = ".tmp";

    private static final String CURVE = "secp256r1";

    private PemFile() {}

    /** A fresh private key of a certificate. */
    static KeyPair freshKey() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The text of such a file. */
    static String text(String chain, KeyPair keys) throws IOException {
        return chain.stripTrailing() + "\n"
                + pem(new PemObject("PRIVATE KEY", keys.getPrivate().getEncoded()));
    }

    /** The text of a file of both keys, for {@link #readKeys}. */
    static String text(KeyPair keys) throws IOException {
        return pem(new PemObject("PRIVATE KEY", keys.getPrivate().getEncoded()))
                + pem(new PemObject("PUBLIC KEY", keys.getPublic().getEncoded()));
    }

    /** What {@link #text(KeyPair)} says. */
    static KeyPair readKeys(Path file) throws IOException {
        try (var in = new PEMParser(Files.newBufferedReader(file, StandardCharsets.US_ASCII))) {
            var converter = new JcaPEMKeyConverter();
            if (in.readObject() instanceof PrivateKeyInfo secret
                    && in.readObject() instanceof SubjectPublicKeyInfo known) {
                return new KeyPair(converter.getPublicKey(known), converter.getPrivateKey(secret));
            }
            throw new IOException(file + " does not hold a private key and its public one");
        }
    }

    private static String pem(Object object) throws IOException {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }

    /** A certificate that vouches for itself: clients refuse it, yet the port can be served. */
    static String standIn(String name, Instant now) throws IOException {
        KeyPair keys = freshKey();
        // The name stands in the extension: a common name has 64 characters at most.
        var subject = new X500Name("CN=not yet certified");
        try {
            var builder = new JcaX509v3CertificateBuilder(
                    subject,
                    new BigInteger(63, new SecureRandom()).add(BigInteger.ONE),
                    Date.from(now),
                    Date.from(now.plus(STANDS_IN)),
                    subject,
                    keys.getPublic());
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
            X509Certificate made = new JcaX509CertificateConverter().getCertificate(builder.build(signer));
            return text(pem(made), keys);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether nobody but itself vouches for it. */
    static boolean standsIn(X509Certificate certificate) {
        return certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal());
    }

    /** The first certificate of a file, which is the server's own. */
    static X509Certificate read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (CertificateException e) {
            throw new IOException(file + " holds no certificate", e);
        }
    }

    /** Puts a text in place, for the owner's eyes; what was there stays until all of it is on the disk. */
    static void write(Path file, String text) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        Path fresh = Files.createTempFile(
                directory,
                "fresh",
                UNFINISHED,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            try (FileChannel to = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text);
                while (bytes.hasRemaining()) {
                    to.write(bytes);
                }
                to.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
        try (FileChannel place = FileChannel.open(directory)) {
            place.force(true);
        }
    }

    /** Removes what a process that was killed has left half written; nobody may be writing. */
    static void removeUnfinished(Path directory) throws IOException {
        try (var left = Files.newDirectoryStream(directory, "*" + UNFINISHED)) {
            for (Path each : left) {
                Files.deleteIfExists(each);
            }
        }
    }
}
