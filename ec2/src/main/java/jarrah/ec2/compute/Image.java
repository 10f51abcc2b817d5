package jarrah.ec2.compute;

import jarrah.machine.DeviceProfile;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A registered image.
 *
 * @param id {@code ami-}, {@code aki-} or {@code ari-}, by its type
 * @param location where it was registered from: {@code BUCKET/KEY} of the manifest, or {@code ACCOUNT/NAME}
 * @param registeredBy the access key whose user may read the bundle that it is unpacked from; empty if it has none
 * @param state {@code pending}, {@code available}, {@code failed}
 * @param failure why it failed, a sentence
 * @param architecture {@code x86_64} or {@code i386}
 * @param type {@code machine}, {@code kernel} or {@code ramdisk}
 * @param rootDeviceType {@code ebs} or {@code instance-store}
 * @param virtualization {@code hvm} or {@code paravirtual}
 * @param bytes size of the unpacked image; 0 for an EBS-backed one
 * @param partitioned whether the image begins with a partition table, so that a kernel finds the root in partition 1
 * @param profile the devices that its machines are given
 * @param launchers accounts that may launch it besides the owner
 */
public record Image(
        String id,
        String ownerId,
        String name,
        String description,
        String location,
        Optional<String> registeredBy,
        String state,
        Optional<String> failure,
        String architecture,
        String type,
        Optional<String> kernelId,
        Optional<String> ramdiskId,
        String rootDeviceType,
        String rootDeviceName,
        String virtualization,
        List<Mapping> mappings,
        boolean isPublic,
        Set<String> launchers,
        Optional<Boolean> enaSupport,
        Optional<String> imdsSupport,
        Optional<String> bootMode,
        Optional<String> sriovNetSupport,
        long bytes,
        boolean partitioned,
        DeviceProfile profile,
        Instant created) {
    /** How the reason of a failure that is ours begins, as those of instances do. */
    static final String SERVER_FAULT = "Server.InternalError: ";

    /** An entry of the block device mapping: a device that is made from a snapshot or empty, or an ephemeral disk. */
    public record Mapping(String device, Optional<String> virtualName, Optional<Ebs> ebs) {}

    /**
     * A volume that is made at launch.
     *
     * @param snapshotId what it begins with; empty for an empty volume
     * @param sizeGibibytes 0 in a request that leaves it to the snapshot
     * @param volumeType e.g. {@code gp2}; empty in a request that leaves it to the image
     */
    public record Ebs(Optional<String> snapshotId, int sizeGibibytes, String volumeType, boolean deleteOnTermination) {}

    /** Whether an account may launch it. */
    public boolean launchableBy(String accountId) {
        return isPublic || ownerId.equals(accountId) || launchers.contains(accountId);
    }

    /** Whether its root disk is a volume. */
    public boolean isEbs() {
        return rootDeviceType.equals("ebs");
    }

    Image unpacked(long size, boolean hasPartitions) {
        return changed("available", Optional.empty(), size, hasPartitions, isPublic, launchers, description);
    }

    /** Whether it failed by a fault of ours, such as a full disk, and not of its bundle. */
    public boolean failedHere() {
        return failure.filter(why -> why.startsWith(SERVER_FAULT)).isPresent();
    }

    Image failed(String why) {
        return changed("failed", Optional.of(why), bytes, partitioned, isPublic, launchers, description);
    }

    Image launchable(boolean byAll, Set<String> accounts) {
        return changed(state, failure, bytes, partitioned, byAll, accounts, description);
    }

    Image described(String text) {
        return changed(state, failure, bytes, partitioned, isPublic, launchers, text);
    }

    private Image changed(
            String newState,
            Optional<String> why,
            long size,
            boolean hasPartitions,
            boolean byAll,
            Set<String> accounts,
            String text) {
        return new Image(
                id,
                ownerId,
                name,
                text,
                location,
                registeredBy,
                newState,
                why,
                architecture,
                type,
                kernelId,
                ramdiskId,
                rootDeviceType,
                rootDeviceName,
                virtualization,
                mappings,
                byAll,
                accounts,
                enaSupport,
                imdsSupport,
                bootMode,
                sriovNetSupport,
                size,
                hasPartitions,
                profile,
                created);
    }
}
