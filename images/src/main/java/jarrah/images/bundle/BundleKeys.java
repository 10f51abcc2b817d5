package jarrah.images.bundle;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The AES key and IV of a bundle, 16 bytes each. What is encrypted for a certificate is not these bytes but their 32 hex
 * digits in ASCII.
 */
public final class BundleKeys {
    private static final int BYTES = 16;
    private static final HexFormat HEX = HexFormat.of();
    private static final String RSA = "RSA/ECB/PKCS1Padding";

    private final byte[] key;
    private final byte[] iv;

    private BundleKeys(byte[] key, byte[] iv) {
        this.key = key;
        this.iv = iv;
    }

    /** Fresh ones. */
    public static BundleKeys random(SecureRandom random) {
        byte[] key = new byte[BYTES];
        byte[] iv = new byte[BYTES];
        random.nextBytes(key);
        random.nextBytes(iv);
        return new BundleKeys(key, iv);
    }

    /**
     * Given ones.
     *
     * @param key 32 hex digits
     * @param iv 32 hex digits
     * @throws ImageException.CannotBundle if they are not
     */
    public static BundleKeys of(String key, String iv) {
        Optional<byte[]> keyBytes = parse(key.getBytes(StandardCharsets.UTF_8));
        Optional<byte[]> ivBytes = parse(iv.getBytes(StandardCharsets.UTF_8));
        if (keyBytes.isEmpty() || ivBytes.isEmpty()) {
            throw new ImageException.CannotBundle("key and IV are 32 hex digits each");
        }
        return new BundleKeys(keyBytes.get(), ivBytes.get());
    }

    /**
     * Opens a bundle with either of the two private keys that can, the user's or the cloud's.
     *
     * @throws ImageException.WrongKey if this one cannot, for whatever reason
     */
    public static BundleKeys recover(Manifest manifest, PrivateKey privateKey) {
        for (Manifest.EncryptedKeys encrypted : new Manifest.EncryptedKeys[] {
            manifest.image().forUser(), manifest.image().forCloud()
        }) {
            Optional<byte[]> key = decrypt(encrypted.key(), privateKey);
            Optional<byte[]> iv = decrypt(encrypted.iv(), privateKey);
            if (key.isPresent() && iv.isPresent()) {
                return new BundleKeys(key.get(), iv.get());
            }
        }
        throw new ImageException.WrongKey();
    }

    private static Optional<byte[]> decrypt(String hex, PrivateKey privateKey) {
        try {
            Cipher cipher = Cipher.getInstance(RSA);
            cipher.init(Cipher.DECRYPT_MODE, privateKey);
            return parse(cipher.doFinal(HEX.parseHex(hex)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<byte[]> parse(byte[] digits) {
        if (digits.length != 2 * BYTES) {
            return Optional.empty();
        }
        try {
            return Optional.of(HEX.parseHex(new String(digits, StandardCharsets.US_ASCII)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Encrypts them for whoever holds the private key of a certificate.
     *
     * @throws ImageException.UnusableKey if the certificate's key is not RSA
     */
    public Manifest.EncryptedKeys encryptFor(X509Certificate certificate) {
        try {
            return new Manifest.EncryptedKeys(encrypt(key, certificate), encrypt(iv, certificate));
        } catch (InvalidKeyException e) {
            throw new ImageException.UnusableKey("the certificate's key cannot encrypt: RSA is wanted");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encrypt(byte[] bytes, X509Certificate certificate) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(RSA);
        // Given as a bare key: the usage extension of these certificates was never looked at by the tools.
        cipher.init(Cipher.ENCRYPT_MODE, certificate.getPublicKey());
        return HEX.formatHex(cipher.doFinal(HEX.formatHex(bytes).getBytes(StandardCharsets.US_ASCII)));
    }

    /** AES-128 in CBC mode with PKCS#7 padding. */
    Cipher cipher(int mode) {
        try {
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(mode, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The key's hex digits. */
    public String keyHex() {
        return HEX.formatHex(key);
    }

    /** The IV's hex digits. */
    public String ivHex() {
        return HEX.formatHex(iv);
    }

    @Override
    public String toString() {
        return "BundleKeys[hidden]";
    }
}
