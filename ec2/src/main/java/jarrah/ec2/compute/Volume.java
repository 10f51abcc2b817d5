package jarrah.ec2.compute;

import java.time.Instant;
import java.util.Optional;

/**
 * A volume.
 *
 * @param snapshotId what it was made from
 * @param state {@code creating}, {@code available}, {@code in-use}, {@code deleting}
 */
public record Volume(
        String id,
        String accountId,
        int sizeGibibytes,
        Optional<String> snapshotId,
        String zone,
        String state,
        String type,
        Instant created,
        Optional<Attachment> attachment) {
    /** Where it is attached. */
    public record Attachment(String instanceId, String device, Instant since, boolean deleteOnTermination) {}

    Volume attached(Attachment to) {
        return new Volume(id, accountId, sizeGibibytes, snapshotId, zone, "in-use", type, created, Optional.of(to));
    }

    Volume detached() {
        return new Volume(id, accountId, sizeGibibytes, snapshotId, zone, "available", type, created, Optional.empty());
    }

    Volume deleting() {
        return new Volume(id, accountId, sizeGibibytes, snapshotId, zone, "deleting", type, created, attachment);
    }

    /** What the guest reads as the disk's serial number: the id without the dash, 20 characters. */
    String serial() {
        return id.replace("-", "");
    }
}
