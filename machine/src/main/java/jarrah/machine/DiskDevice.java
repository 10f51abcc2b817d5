package jarrah.machine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A disk in QEMU's words: the block node that opens the file, and the device that the guest sees. The same words serve on
 * the command line and over QMP, so that a disk plugged in later is no other than one that was there from the start.
 *
 * <p>Names follow from the serial number, and so need not be remembered: node {@code n-SERIAL} on the file's node
 * {@code f-SERIAL}, device {@code disk-SERIAL}.
 */
final class DiskDevice {
    static final String DEVICE_PREFIX = "disk-";

    // Virtio and ATA have room for 20 characters of serial; QEMU's ids take these characters, 31 at most with the
    // prefix.
    private static final Pattern SERIAL = Pattern.compile("[A-Za-z0-9._-]{1,20}");

    private DiskDevice() {}

    static String id(String serial) {
        return DEVICE_PREFIX + serial;
    }

    static String node(String serial) {
        return "n-" + serial;
    }

    /** A file as QEMU is to name it. */
    record Layer(String filename, MachineSpec.DiskFormat format) {}

    /** {@code blockdev-add}'s arguments; overlays name what is below them themselves. */
    static Map<String, Object> blockdev(MachineSpec.Disk disk) {
        return blockdev(disk, List.of(new Layer(disk.file().toAbsolutePath().toString(), disk.format())));
    }

    /**
     * The same with names that are not the files' own.
     *
     * @param layers the disk, then what it is an overlay on; the last names itself what is below it, if anything is
     */
    static Map<String, Object> blockdev(MachineSpec.Disk disk, List<Layer> layers) {
        if (!SERIAL.matcher(disk.serial()).matches()) {
            throw new IllegalArgumentException("not a disk's serial number: " + disk.serial());
        }
        var file = new LinkedHashMap<String, Object>();
        file.put("driver", "file");
        file.put("node-name", "f-" + disk.serial());
        file.put("filename", layers.getFirst().filename());
        file.put("discard", "unmap");
        file.put("read-only", disk.readOnly());
        var node = new LinkedHashMap<String, Object>();
        node.put("driver", format(disk.format()));
        node.put("node-name", node(disk.serial()));
        node.put("discard", "unmap");
        node.put("read-only", disk.readOnly());
        node.put("file", file);
        if (layers.size() > 1) {
            node.put("backing", below(layers.subList(1, layers.size())));
        }
        return node;
    }

    private static Map<String, Object> below(List<Layer> layers) {
        var node = new LinkedHashMap<String, Object>();
        node.put("driver", format(layers.getFirst().format()));
        node.put("read-only", true);
        node.put("file", Map.of("driver", "file", "filename", layers.getFirst().filename(), "read-only", true));
        if (layers.size() > 1) {
            node.put("backing", below(layers.subList(1, layers.size())));
        }
        return node;
    }

    static String format(MachineSpec.DiskFormat format) {
        return switch (format) {
            case RAW -> "raw";
            case QCOW2 -> "qcow2";
        };
    }

    /**
     * {@code device_add}'s arguments.
     *
     * @param bus the PCI bus that it is plugged into; the IDE channel for {@link DeviceProfile#IDE}
     */
    static Map<String, Object> device(DeviceProfile profile, String serial, String bus) {
        var device = new LinkedHashMap<String, Object>();
        device.put("driver", driver(profile));
        device.put("id", id(serial));
        device.put("bus", bus);
        device.put("drive", node(serial));
        device.put("serial", serial);
        device.putAll(virtioVersion(profile));
        return device;
    }

    private static String driver(DeviceProfile profile) {
        return switch (profile) {
            case NITRO -> "nvme";
            case VIRTIO, LEGACY -> "virtio-blk-pci";
            case IDE -> "ide-hd";
        };
    }

    /**
     * Which versions of virtio a device of this profile speaks. LEGACY devices are those of before the standard (PCI ids
     * 1000 to 103f, registers in an I/O port), without the capabilities of virtio 1.0 that early drivers never saw.
     */
    static Map<String, Object> virtioVersion(DeviceProfile profile) {
        return switch (profile) {
            case VIRTIO -> Map.of("disable-legacy", "on");
            case LEGACY -> Map.of("disable-modern", true);
            case NITRO, IDE -> Map.of();
        };
    }
}
