package jarrah.ec2.compute;

import jarrah.machine.DeviceProfile;
import jarrah.machine.MachineSpec;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** What a machine is made of, worked out from its instance and image. */
final class MachinePlan {
    private MachinePlan() {}

    /** The instance's SMBIOS UUID: the same at each start; begins with {@code ec2}, by which cloud-init knows EC2. */
    static String uuid(String instanceId) {
        String any = UUID.nameUUIDFromBytes(instanceId.getBytes(StandardCharsets.UTF_8))
                .toString();
        return "ec2" + any.substring(3);
    }

    /** Virtual processors: those of the type, as far as the host has them. */
    static int cpus(InstanceType type) {
        return Math.min(type.cpus(), Runtime.getRuntime().availableProcessors());
    }

    /** The command line of a kernel that is started directly. */
    static String commandLine(DeviceProfile profile, boolean partitioned) {
        String disk = switch (profile) {
            case NITRO -> "/dev/nvme0n1";
            case VIRTIO, LEGACY -> "/dev/vda";
            case IDE -> "/dev/sda";
        };
        String partition = !partitioned ? "" : profile == DeviceProfile.NITRO ? "p1" : "1";
        // Images of the years of direct boot configure eth0 by its name.
        return "root=" + disk + partition + " ro console=tty0 console=ttyS0 net.ifnames=0";
    }

    /** A disk of an instance that is not a volume. */
    static MachineSpec.Disk local(String serial, java.nio.file.Path file) {
        return new MachineSpec.Disk(serial, file, MachineSpec.DiskFormat.QCOW2, false);
    }
}
