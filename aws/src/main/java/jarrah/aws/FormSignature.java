package jarrah.aws;

import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the signature of a policy in an upload form, of version 4 or 2. Sources: "Creating a POST policy" (S3 API
 * reference) and "Browser-based uploads using POST (AWS signature version 2)".
 */
public final class FormSignature {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";

    private final SigningSecrets secrets;
    private final boolean version2;

    /**
     * @param version2 whether version 2 is taken
     */
    public FormSignature(SigningSecrets secrets, boolean version2) {
        this.secrets = secrets;
        this.version2 = version2;
    }

    /**
     * Verifies a form.
     *
     * @param fields of the form, names in small letters
     * @return the access key that signed; null if the form is not signed
     * @throws AuthenticationException if the signature does not hold
     */
    public @Nullable String verify(Map<String, String> fields) {
        String policy = fields.get("policy");
        if (fields.containsKey("x-amz-signature") || fields.containsKey("x-amz-credential")) {
            return version4(fields, policy);
        }
        if (!fields.containsKey("awsaccesskeyid") && !fields.containsKey("signature")) {
            return null;
        }
        if (!version2) {
            throw new AuthenticationException.Unsupported(
                    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");
        }
        String id = required(fields, "awsaccesskeyid", "AWSAccessKeyId");
        String signature = required(fields, "signature", "signature");
        String text = required(fields, "policy", "policy");
        if (!Hashing.same(SignatureV2.sign(secret(id), text), signature)) {
            throw new AuthenticationException.Mismatch(id, signature, text, "");
        }
        return id;
    }

    private String version4(Map<String, String> fields, @Nullable String policy) {
        String signature = required(fields, "x-amz-signature", "X-Amz-Signature");
        var credential = CredentialScope.Credential.parse(required(fields, "x-amz-credential", "X-Amz-Credential"));
        if (credential == null || !ALGORITHM.equals(required(fields, "x-amz-algorithm", "X-Amz-Algorithm"))) {
            throw new AuthenticationException.Malformed(
                    true, "The credential or the algorithm of the form is not known.");
        }
        required(fields, "x-amz-date", "X-Amz-Date");
        String text = policy == null ? required(fields, "policy", "policy") : policy;
        String secret = secret(credential.accessKeyId());
        if (!Hashing.same(SigningKey.derive(secret, credential.scope()).sign(text), signature)) {
            throw new AuthenticationException.Mismatch(credential.accessKeyId(), signature, text, "");
        }
        return credential.accessKeyId();
    }

    private static String required(Map<String, String> fields, String name, String shown) {
        String value = fields.get(name);
        if (value == null) {
            throw new AuthenticationException.MissingFormField(shown);
        }
        return value;
    }

    private String secret(String accessKeyId) {
        String secret = secrets.secretOf(accessKeyId);
        if (secret == null) {
            throw new AuthenticationException.UnknownAccessKey(accessKeyId);
        }
        return secret;
    }

    /** Text of a policy. Null if it is not Base64. */
    public static byte @Nullable [] decode(String policy) {
        try {
            return Base64.getMimeDecoder().decode(policy);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
