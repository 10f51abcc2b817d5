package jarrah.accelerator.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * What is kept of a secret in its place: SHA-256 under a key of this process's own. Comparing two tells nothing by its
 * time, nor does looking one up in a table, since nobody outside can say which digest a guess has.
 */
public final class SecretDigest {
    private static final MessageDigest KEYED = keyed();

    private final byte[] bytes;

    private SecretDigest(byte[] bytes) {
        this.bytes = bytes;
    }

    private static MessageDigest keyed() {
        byte[] key = new byte[64]; // a whole block, which is digested once and for all
        new SecureRandom().nextBytes(key);
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(key);
            return digest;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static SecretDigest of(String secret) {
        try {
            MessageDigest digest = (MessageDigest) KEYED.clone();
            return new SecretDigest(digest.digest(secret.getBytes(StandardCharsets.UTF_8)));
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SecretDigest digest && MessageDigest.isEqual(bytes, digest.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "SecretDigest";
    }
}
