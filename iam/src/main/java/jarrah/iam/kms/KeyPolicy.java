package jarrah.iam.kms;

import jarrah.iam.Principal;
import jarrah.iam.policy.Context;
import jarrah.iam.policy.Decision;
import jarrah.iam.policy.Evaluator;
import jarrah.iam.policy.Policy;
import jarrah.iam.policy.PolicyException;
import jarrah.iam.policy.PolicyParser;
import jarrah.iam.policy.Principals.Reach;

/**
 * The policy of a key ("Key policies in AWS KMS"): without its leave nobody has any, not even the administrators of its
 * account. It gives leave to a caller himself, or to an account, whose own policies then decide.
 */
public final class KeyPolicy {
    /** The longest, bytes; AWS's limit. */
    static final int MAX_BYTES = 32_768;

    private KeyPolicy() {}

    /** That of a key to which nobody gave one: its account's policies decide. */
    static String byDefault(String accountId) {
        return """
                {
                  "Version" : "2012-10-17",
                  "Id" : "key-default-1",
                  "Statement" : [ {
                    "Sid" : "Enable IAM User Permissions",
                    "Effect" : "Allow",
                    "Principal" : { "AWS" : "arn:aws:iam::%s:root" },
                    "Action" : "kms:*",
                    "Resource" : "*"
                  } ]
                }""".formatted(accountId);
    }

    static String text(KmsKey key) {
        return key.policy().isEmpty() ? byDefault(key.accountId()) : key.policy();
    }

    static Policy of(KmsKey key) {
        return PolicyParser.resource(text(key));
    }

    /**
     * Reads a policy that a key is to have.
     *
     * @throws KmsException MalformedPolicyDocumentException if it is none
     */
    static Policy parse(String document) {
        if (document.length() > MAX_BYTES) {
            throw new KmsException("LimitExceededException", "The policy has more than " + MAX_BYTES + " bytes.");
        }
        try {
            return PolicyParser.resource(document);
        } catch (PolicyException e) {
            throw new KmsException("MalformedPolicyDocumentException", String.valueOf(e.getMessage()));
        }
    }

    /** Whether a caller may do this with a key. */
    public static boolean allows(
            Principal.User caller, String action, String keyArn, String accountId, Policy policy, Context context) {
        var asked = new Evaluator.Request(caller, action, keyArn, context);
        Evaluator.OfResource byKey = Evaluator.byResource(policy, asked);
        Decision byIdentity = Evaluator.byIdentity(asked);
        if (byKey.decision() != Decision.ALLOW || byIdentity == Decision.EXPLICIT_DENY) {
            return false;
        }
        boolean himself = byKey.reach() == Reach.DIRECT && caller.accountId().equals(accountId);
        return himself || byIdentity == Decision.ALLOW;
    }
}
