package jarrah.iam;

import jarrah.iam.policy.IdentityPolicies;
import java.util.Map;

/** On whose behalf a request is carried out. */
public sealed interface Principal {
    /** Nobody in particular: an unsigned request. */
    record Anonymous() implements Principal {}

    /**
     * A user of an account.
     *
     * @param accountId twelve digits
     * @param canonicalId 64 hex digits, S3's name for the account
     * @param accountName what people call the account; S3's display name
     * @param name of the user
     * @param arn of the user
     * @param userId the user's unique id, {@code AIDA...}
     * @param accessKeyId the key that signed
     * @param tags of the user
     * @param policies what is attached to the user
     */
    record User(
            String accountId,
            String canonicalId,
            String accountName,
            String name,
            String arn,
            String userId,
            String accessKeyId,
            Map<String, String> tags,
            IdentityPolicies policies)
            implements Principal {
        public User {
            tags = Map.copyOf(tags);
        }

        /** Whether the user may do everything in its account, as AdministratorAccess and no denial say. */
        public boolean administrator() {
            return policies.unrestricted();
        }
    }

    /** Unsigned requests. */
    Principal ANONYMOUS = new Anonymous();
}
