package jarrah.images.bundle;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The signature of a manifest: RSA, PKCS#1 v1.5, SHA-1, over the elements {@code machine_configuration} and {@code image} as
 * they stand in the document, one after the other. It is not XML-DSig; there is no canonical form.
 *
 * <p>Certificates are taken as they are: neither dates nor issuers are looked at, since what counts is whether the owner of
 * the certificate on record signed.
 */
public final class ManifestSignature {
    private static final String ALGORITHM = "SHA1withRSA";
    private static final HexFormat HEX = HexFormat.of();
    /** RSA-16384. */
    private static final Pattern SIGNATURE = Pattern.compile("([0-9a-f]{2}){64,2048}");

    private ManifestSignature() {}

    /**
     * Who signed a manifest.
     *
     * @param document the bytes as received
     * @param candidates certificates of whoever may have signed
     * @return the first whose signature it bears; empty if there is none, or if it is not signed
     * @throws ImageException.MalformedManifest if the document could be read in two ways, or is too long
     */
    public static Optional<X509Certificate> signer(byte[] document, List<X509Certificate> candidates) {
        ManifestText text = ManifestText.of(document);
        String hex = text.signature().toLowerCase(Locale.ROOT);
        if (!SIGNATURE.matcher(hex).matches()) {
            return Optional.empty();
        }
        byte[] signature = HEX.parseHex(hex);
        String covered = text.signed();
        // Writers differ in the quotes of attributes, and a tool that reads and writes the document changes them.
        List<String> spellings = List.of(covered, covered.replace('"', '\''), covered.replace('\'', '"'));
        for (String spelling : spellings.stream().distinct().toList()) {
            byte[] bytes = spelling.getBytes(StandardCharsets.UTF_8);
            for (X509Certificate certificate : candidates) {
                if (holds(bytes, signature, certificate.getPublicKey())) {
                    return Optional.of(certificate);
                }
            }
        }
        return Optional.empty();
    }

    private static boolean holds(byte[] bytes, byte[] signature, PublicKey key) {
        if (!key.getAlgorithm().equals("RSA")) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(key);
            verifier.update(bytes);
            return verifier.verify(signature);
        } catch (InvalidKeyException | SignatureException e) {
            return false; // A key of another length.
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Signs.
     *
     * @param covered the bytes that the signature covers
     * @param key an RSA key
     * @return lower-case hex
     * @throws ImageException.UnusableKey if the key is not an RSA key, or too short
     */
    public static String sign(byte[] covered, PrivateKey key) {
        try {
            Signature signer = Signature.getInstance(ALGORITHM);
            signer.initSign(key);
            signer.update(covered);
            return HEX.formatHex(signer.sign());
        } catch (InvalidKeyException | SignatureException e) {
            throw new ImageException.UnusableKey("the private key cannot sign: RSA is wanted");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
