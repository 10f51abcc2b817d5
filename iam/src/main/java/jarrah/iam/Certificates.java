package jarrah.iam;

import jarrah.aws.AwsTime;
import jarrah.storage.Kv;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemObjectGenerator;
import tools.jackson.databind.JsonNode;

/**
 * The X.509 certificates of the image bundles: a signing certificate per user, whose private half only the user keeps,
 * and the cloud's, to which bundles are encrypted and whose private half only this server keeps.
 */
public final class Certificates {
    /** The tools of the bundles' years read RSA and nothing else. */
    private static final int RSA_BITS = 2_048;

    private static final String CLOUD_PURPOSE = "cloud private key";
    /** AWS gives a user two; here whoever moves between several regions brings one of each. */
    public static final int MAX_CERTIFICATES = 8;

    private static final int PAGE = 1_000;

    private static final Duration VALIDITY = Duration.ofDays(3_650);
    /** Certificates begin a day early, for clients whose clocks are behind. */
    private static final Duration MARGIN = Duration.ofDays(1);

    private final Kv kv;
    private final SecretBox box;
    private final Clock clock;

    /**
     * A certificate with its private key, both in PEM.
     *
     * @param certificate {@code CERTIFICATE}
     * @param privateKey {@code PRIVATE KEY}, PKCS#8
     */
    public record Pair(String certificate, String privateKey) {
        @Override
        public String toString() {
            return "Pair[" + certificate + "]";
        }
    }

    public Certificates(Kv kv, SecretBox box, Clock clock) {
        this.kv = kv;
        this.box = box;
        this.clock = clock;
    }

    /** Makes a signing certificate for a user and puts it on record; the private key is in the answer alone. */
    public Pair issue(AccessKey user) {
        KeyPair keys = generate();
        Pair pair = pair(keys, selfSigned(keys, user.userName(), user.account().id()));
        var signing = new Signing(
                FreshIds.certificateId(), user.account().id(), user.userName(), pair.certificate(), clock.instant());
        kv.transact(tx -> {
            put(tx, signing);
            return null;
        });
        return pair;
    }

    /** The cloud's certificate in PEM; made at the first call. */
    public String cloudCertificate() {
        byte[] there = kv.get(IamRecords.key("cloud"));
        if (there != null) {
            return IamRecords.text(IamRecords.decode(there), "certificate");
        }
        KeyPair keys = generate();
        Pair pair = pair(keys, selfSigned(keys, "Jarrah", "cloud"));
        byte[] sealed = box.seal(keys.getPrivate().getEncoded(), CLOUD_PURPOSE);
        var fresh =
                IamRecords.object().put("certificate", pair.certificate()).put("privateKey", IamRecords.base64(sealed));
        return kv.transact(tx -> {
            byte[] raced = tx.get(IamRecords.key("cloud"));
            if (raced != null) {
                return IamRecords.text(IamRecords.decode(raced), "certificate");
            }
            tx.put(IamRecords.key("cloud"), IamRecords.encode(fresh));
            return pair.certificate();
        });
    }

    /** The cloud's private key, which opens what was encrypted to its certificate. */
    public PrivateKey cloudPrivateKey() {
        cloudCertificate();
        byte[] there = kv.get(IamRecords.key("cloud"));
        if (there == null) {
            throw new IllegalStateException("the cloud's certificate is gone");
        }
        byte[] pkcs8 = box.unseal(IamRecords.bytes(IamRecords.decode(there), "privateKey"), CLOUD_PURPOSE);
        try {
            return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The signing certificates of an account's users. */
    public List<X509Certificate> signingCertificates(String accountId) {
        return kv.transact(this::all).stream()
                .filter(certificate -> certificate.accountId().equals(accountId))
                .map(certificate -> parse(certificate.pem()))
                .toList();
    }

    /**
     * A signing certificate on record.
     *
     * @param id 32 characters
     */
    public record Signing(String id, String accountId, String userName, String pem, Instant created) {}

    /** The signing certificates of a user, by ascending id. */
    public List<Signing> list(String accountId, String userName) {
        return kv.transact(this::all).stream()
                .filter(certificate -> certificate.accountId().equals(accountId)
                        && certificate.userName().equals(userName))
                .toList();
    }

    private List<Signing> all(Kv.Tx tx) {
        byte[] from = IamRecords.key("certificate", "");
        byte[] to = from.clone();
        to[to.length - 1]++;
        var found = new ArrayList<Signing>();
        byte[] next = from;
        while (true) {
            List<Kv.Entry> page = tx.scan(next, to, PAGE);
            for (Kv.Entry entry : page) {
                JsonNode record = IamRecords.decode(entry.value());
                String key = new String(entry.key(), StandardCharsets.UTF_8);
                found.add(new Signing(
                        key.substring(key.lastIndexOf('/') + 1),
                        IamRecords.text(record, "account"),
                        IamRecords.text(record, "user"),
                        IamRecords.text(record, "pem"),
                        Instant.parse(IamRecords.text(record, "created"))));
            }
            if (page.size() < PAGE) {
                return found;
            }
            byte[] last = page.getLast().key();
            next = Arrays.copyOf(last, last.length + 1);
        }
    }

    /**
     * Puts a certificate on record that was made elsewhere: bundles that its key has signed can then be registered.
     *
     * @param pem one X.509 certificate with an RSA key
     * @throws IamException if it is none, is there already, or the user has {@value #MAX_CERTIFICATES}
     */
    public Signing upload(String accountId, String userName, String pem) {
        X509Certificate certificate;
        try {
            certificate = parse(pem);
            if (!certificate.getPublicKey().getAlgorithm().equals("RSA")) {
                throw new IamException.InvalidCertificate("The certificate's key is not an RSA key.");
            }
            certificate.checkValidity(Date.from(clock.instant()));
        } catch (CertificateExpiredException | CertificateNotYetValidException e) {
            throw new IamException.InvalidCertificate("The certificate is not valid now.");
        } catch (IllegalStateException e) {
            throw new IamException.MalformedCertificate();
        }
        var fresh = new Signing(FreshIds.certificateId(), accountId, userName, pem.strip() + "\n", clock.instant());
        return kv.transact(tx -> {
            List<Signing> own = all(tx).stream()
                    .filter(other -> other.accountId().equals(accountId)
                            && other.userName().equals(userName))
                    .toList();
            if (own.stream().anyMatch(other -> parse(other.pem()).equals(certificate))) {
                throw new IamException.DuplicateCertificate();
            }
            if (own.size() >= MAX_CERTIFICATES) {
                throw new IamException.LimitExceeded(
                        "Cannot exceed quota for SigningCertificatesPerUser: " + MAX_CERTIFICATES);
            }
            put(tx, fresh);
            return fresh;
        });
    }

    private static void put(Kv.Tx tx, Signing certificate) {
        tx.put(
                IamRecords.key("certificate", certificate.id()),
                IamRecords.encode(IamRecords.object()
                        .put("account", certificate.accountId())
                        .put("user", certificate.userName())
                        .put("pem", certificate.pem())
                        .put("created", AwsTime.iso(certificate.created()))));
    }

    /** Takes a certificate off the record. */
    public void delete(String accountId, String userName, String id) {
        kv.transact(tx -> {
            boolean there = all(tx).stream()
                    .anyMatch(other -> other.id().equals(id)
                            && other.accountId().equals(accountId)
                            && other.userName().equals(userName));
            if (!there) {
                throw new IamException.NoSuchEntity("The Certificate with id " + id + " cannot be found.");
            }
            tx.delete(IamRecords.key("certificate", id));
            return null;
        });
    }

    private static X509Certificate parse(String pem) {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(RSA_BITS);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private X509Certificate selfSigned(KeyPair keys, String name, String unit) {
        X500Name subject = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, name)
                .addRDN(BCStyle.OU, unit)
                .addRDN(BCStyle.O, "Jarrah")
                .build();
        Instant from = clock.instant().minus(MARGIN);
        try {
            var builder = new JcaX509v3CertificateBuilder(
                    subject,
                    new BigInteger(63, new SecureRandom()).add(BigInteger.ONE),
                    Date.from(from),
                    Date.from(from.plus(VALIDITY)),
                    subject,
                    keys.getPublic());
            var signer = new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate());
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Pair pair(KeyPair keys, X509Certificate certificate) {
        try {
            return new Pair(
                    pem(new JcaMiscPEMGenerator(certificate)),
                    pem(new PemObject("PRIVATE KEY", keys.getPrivate().getEncoded())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String pem(PemObjectGenerator object) throws IOException {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }
}
