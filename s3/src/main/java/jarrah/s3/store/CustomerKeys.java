package jarrah.s3.store;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Wraps data keys with keys of clients (SSE-C). The key itself is nowhere kept; its MD5 is, so that another key is told
 * from the right one before anything is read.
 */
final class CustomerKeys {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int NONCE_BYTES = 12;

    private CustomerKeys() {}

    static ServerKeys.DataKey make(Encryption mode, byte[] customerKey) {
        requireSame(mode, customerKey);
        byte[] key = new byte[32];
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(key);
        RANDOM.nextBytes(nonce);
        try {
            byte[] wrapped = cipher(Cipher.ENCRYPT_MODE, customerKey, nonce).doFinal(key);
            byte[] kept = ByteBuffer.allocate(NONCE_BYTES + wrapped.length)
                    .put(nonce)
                    .put(wrapped)
                    .array();
            return new ServerKeys.DataKey(mode.withKey("", kept), key);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] open(Encryption encryption, byte[] customerKey) {
        requireSame(encryption, customerKey);
        byte[] wrapped = encryption.wrappedKey();
        try {
            return cipher(Cipher.DECRYPT_MODE, customerKey, Arrays.copyOf(wrapped, NONCE_BYTES))
                    .doFinal(wrapped, NONCE_BYTES, wrapped.length - NONCE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new S3Exception.WrongCustomerKey();
        }
    }

    /** Passes if it is the key. */
    static void requireSame(Encryption encryption, byte[] customerKey) {
        byte[] md5 = RunningDigests.messageDigest("MD5").digest(customerKey);
        byte[] kept = Base64.getDecoder().decode(encryption.customerKeyMd5());
        if (customerKey.length != 32 || !MessageDigest.isEqual(md5, kept)) {
            throw new S3Exception.WrongCustomerKey();
        }
    }

    private static Cipher cipher(int mode, byte[] key, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        return cipher;
    }
}
