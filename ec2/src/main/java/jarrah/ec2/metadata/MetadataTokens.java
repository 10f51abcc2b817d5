package jarrah.ec2.metadata;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The session tokens of IMDSv2. Nothing is kept: a token carries its expiry and a seal over that and its instance.
 *
 * <pre>
 * version 1 byte | expiry, seconds since 1970 8 bytes | HMAC-SHA256 of both and the instance id 32 bytes
 * </pre>
 *
 * <p>In Base64 it has 56 characters, as Amazon's have.
 */
public final class MetadataTokens {
    /** The longest life that may be asked for, seconds; the shortest is 1. */
    public static final int MAX_SECONDS = 21_600;

    private static final byte VERSION = 1;
    private static final int SEALED_BYTES = 9;
    private static final int TOKEN_BYTES = SEALED_BYTES + 32;

    private final byte[] key;

    /** Tokens sealed with that key, which outlives restarts if tokens are to. */
    public MetadataTokens(byte[] key) {
        this.key = key.clone();
    }

    /** A token for the instance. */
    public String issue(String instanceId, Instant now, Duration life) {
        byte[] head = ByteBuffer.allocate(SEALED_BYTES)
                .put(VERSION)
                .putLong(now.plus(life).getEpochSecond())
                .array();
        byte[] token = Arrays.copyOf(head, TOKEN_BYTES);
        System.arraycopy(seal(head, instanceId), 0, token, SEALED_BYTES, 32);
        return Base64.getUrlEncoder().encodeToString(token);
    }

    /** Whether the token is the instance's and lives. */
    public boolean isValid(String token, String instanceId, Instant now) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(token);
            if (bytes.length != TOKEN_BYTES || bytes[0] != VERSION) {
                return false;
            }
            byte[] seal = Arrays.copyOfRange(bytes, SEALED_BYTES, TOKEN_BYTES);
            byte[] head = Arrays.copyOf(bytes, SEALED_BYTES);
            return MessageDigest.isEqual(seal, seal(head, instanceId))
                    && now.getEpochSecond() < ByteBuffer.wrap(head, 1, 8).getLong();
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            return false; // not Base64
        }
    }

    private byte[] seal(byte[] head, String instanceId) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update(head);
            return mac.doFinal(instanceId.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
