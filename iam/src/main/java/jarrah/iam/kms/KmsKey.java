package jarrah.iam.kms;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A symmetric key.
 *
 * @param arn with region, account and id
 * @param manager {@code CUSTOMER} or {@code AWS}
 * @param deletion when the material goes; null unless that is scheduled
 * @param sealed the 256-bit material, sealed by the server's key
 */
public record KmsKey(
        String id,
        String arn,
        String accountId,
        String manager,
        String description,
        String policy,
        Map<String, String> tags,
        boolean enabled,
        Instant created,
        @Nullable Instant deletion,
        byte[] sealed) {
    public KmsKey {
        tags = new TreeMap<>(tags);
    }

    /** {@code Enabled}, {@code Disabled} or {@code PendingDeletion}. */
    public String state() {
        return deletion != null ? "PendingDeletion" : enabled ? "Enabled" : "Disabled";
    }

    KmsKey with(boolean nowEnabled, @Nullable Instant nowDeletion) {
        return new KmsKey(
                id, arn, accountId, manager, description, policy, tags, nowEnabled, created, nowDeletion, sealed);
    }

    KmsKey with(String newDescription, String newPolicy, Map<String, String> newTags) {
        return new KmsKey(
                id, arn, accountId, manager, newDescription, newPolicy, newTags, enabled, created, deletion, sealed);
    }

    @Override
    public String toString() {
        return "KmsKey[" + arn + " " + state() + "]";
    }
}
