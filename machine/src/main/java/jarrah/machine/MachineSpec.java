package jarrah.machine;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a machine is made of.
 *
 * @param name the instance's id; also the host name in QEMU's process title
 * @param profile the devices that it is given
 * @param cpus virtual processors, at least 1
 * @param memoryMebibytes memory, MiB
 * @param disks in the order in which the guest is to see them; the first is booted
 * @param nic its network card; empty for a machine without network
 * @param boot a kernel to start directly; empty to boot the first disk by its own loader
 * @param uuid SMBIOS system UUID and serial, lower case; cloud-init takes a value that begins with {@code ec2} for EC2
 */
public record MachineSpec(
        String name,
        DeviceProfile profile,
        int cpus,
        int memoryMebibytes,
        List<Disk> disks,
        Optional<Nic> nic,
        Optional<DirectBoot> boot,
        String uuid) {
    /** The same with other disks. */
    MachineSpec withDisks(List<Disk> others) {
        return new MachineSpec(name, profile, cpus, memoryMebibytes, List.copyOf(others), nic, boot, uuid);
    }

    /** The formats that disks are opened in; a format is always named, never guessed from the bytes. */
    public enum DiskFormat {
        RAW,
        QCOW2
    }

    /**
     * A disk.
     *
     * @param serial what the guest reads as serial number, at most 20 characters; a volume's id without the dash
     * @param file the disk's file
     */
    public record Disk(String serial, Path file, DiskFormat format, boolean readOnly) {}

    /**
     * A network card.
     *
     * @param mac lower case with colons
     * @param netdev QEMU's {@code -netdev} value without the id, e.g. {@code tap,ifname=jr0a1b,script=no,downscript=no}
     * @param launchPrefix the command that QEMU is started by, e.g. one that enters a network namespace; may be empty
     */
    public record Nic(String mac, String netdev, List<String> launchPrefix) {}

    /** A kernel that QEMU loads itself. */
    public record DirectBoot(Path kernel, Optional<Path> ramdisk, String commandLine) {}
}
