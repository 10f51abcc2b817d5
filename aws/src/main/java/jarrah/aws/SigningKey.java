package jarrah.aws;

import java.nio.charset.StandardCharsets;

/** The key derived from a secret for one scope ("Signing AWS API requests", step 3). */
final class SigningKey {
    private final byte[] bytes;

    private SigningKey(byte[] bytes) {
        this.bytes = bytes;
    }

    static SigningKey derive(String secret, CredentialScope scope) {
        byte[] date = Hashing.hmac(("AWS4" + secret).getBytes(StandardCharsets.UTF_8), scope.date());
        byte[] region = Hashing.hmac(date, scope.region());
        byte[] service = Hashing.hmac(region, scope.service());
        return new SigningKey(Hashing.hmac(service, "aws4_request"));
    }

    /** The signature of a string to sign, in lower-case hex. */
    String sign(String stringToSign) {
        return Hashing.HEX.formatHex(Hashing.hmac(bytes, stringToSign));
    }
}
