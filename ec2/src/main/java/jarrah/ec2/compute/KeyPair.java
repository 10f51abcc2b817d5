package jarrah.ec2.compute;

import java.time.Instant;

/**
 * A key pair's public half.
 *
 * @param fingerprint as AWS gives it: SHA-1 of the PKCS#8 private key for a created RSA key, MD5 of the public key for an
 *     imported RSA key, SHA-256 in Base64 for ED25519
 * @param type {@code rsa} or {@code ed25519}
 * @param publicKey one line in OpenSSH's form
 */
public record KeyPair(
        String id, String accountId, String name, String fingerprint, String type, String publicKey, Instant created) {}
