package jarrah.iam.kms;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A symmetric key.
 *
 * @param arn with region, account and id
 * @param manager {@code CUSTOMER} or {@code AWS}
 * @param deletion when the material goes; null unless that is scheduled
 * @param policy empty for the one that every key begins with
 * @param material the newest last; what was encrypted with an older one opens as long as the key lives
 * @param rotation whether fresh material comes by itself; null if not
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
        List<Material> material,
        @Nullable Rotation rotation) {
    /**
     * 256 random bits.
     *
     * @param made when
     * @param type {@code AUTOMATIC} or {@code ON_DEMAND} of a rotation's; empty of the first
     * @param sealed by the server's key
     */
    public record Material(Instant made, String type, byte[] sealed) {}

    /**
     * Rotation.
     *
     * @param days from one to the next, 90 to 2,560
     */
    public record Rotation(int days, Instant next) {}

    public KmsKey {
        material = List.copyOf(material);
        tags = new TreeMap<>(tags);
    }

    /** {@code Enabled}, {@code Disabled} or {@code PendingDeletion}. */
    public String state() {
        return deletion != null ? "PendingDeletion" : enabled ? "Enabled" : "Disabled";
    }

    KmsKey with(boolean nowEnabled, @Nullable Instant nowDeletion) {
        return new KmsKey(
                id,
                arn,
                accountId,
                manager,
                description,
                policy,
                tags,
                nowEnabled,
                created,
                nowDeletion,
                material,
                rotation);
    }

    KmsKey with(String newDescription, String newPolicy, Map<String, String> newTags) {
        return new KmsKey(
                id,
                arn,
                accountId,
                manager,
                newDescription,
                newPolicy,
                newTags,
                enabled,
                created,
                deletion,
                material,
                rotation);
    }

    KmsKey with(List<Material> newMaterial, @Nullable Rotation newRotation) {
        return new KmsKey(
                id,
                arn,
                accountId,
                manager,
                description,
                policy,
                tags,
                enabled,
                created,
                deletion,
                newMaterial,
                newRotation);
    }

    @Override
    public String toString() {
        return "KmsKey[" + arn + " " + state() + "]";
    }
}
