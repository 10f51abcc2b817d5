package jarrah.machine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** QEMU's argument list for a machine: a pure function of what it is to be. */
final class QemuArguments {
    /** Free PCI Express root ports of a q35 machine: as many disks can be plugged in while it runs. q35 has no others. */
    static final int SPARE_PORTS = 8;

    /** A q35's first bus has 32 slots, of which some are taken by the chip set, cards and the first disk. */
    static final int MAX_PORTS = 26;

    /** Four disks are what two IDE channels hold. */
    static final int MAX_IDE_DISKS = 4;

    private static final JsonMapper JSON = new JsonMapper();

    private final MachineSpec spec;
    private final List<String> arguments = new ArrayList<>();

    private QemuArguments(MachineSpec spec) {
        this.spec = spec;
    }

    /**
     * The words after the program's name.
     *
     * @param directory where the process id and the console's log are written
     * @param confinement what QEMU is kept in
     * @throws IllegalArgumentException if the profile cannot have what the specification asks for
     */
    static List<String> of(
            MachineSpec spec,
            Accelerator accelerator,
            Confinement confinement,
            Path directory,
            MachineSockets sockets) {
        var all = new QemuArguments(spec);
        all.process(confinement, directory);
        all.board(accelerator);
        all.serial(new ConsoleLog(directory.resolve(QemuHypervisor.CONSOLE)), sockets);
        all.monitors(sockets);
        all.disks();
        all.network();
        all.boot();
        return List.copyOf(all.arguments);
    }

    private void process(Confinement confinement, Path directory) {
        // comma-separated options take a comma in a value as two
        add("-name", "guest=" + value(spec.name()) + ",process=" + value("jarrah-" + spec.name()));
        add("-no-user-config");
        add("-nodefaults");
        add("-display", "none");
        add("-msg", "timestamp=on");
        add("-pidfile", directory.resolve(QemuHypervisor.PID_FILE).toString());
        arguments.addAll(confinement.options(spawns(spec)));
        // Its guest's shutdown is told by QEMU's status until somebody has asked, and not lost while nobody listens.
        add("-no-shutdown");
        // Stopped until its process is on record: a crash of ours meanwhile leaves nothing that runs unknown to us.
        add("-S");
    }

    /** User networking forwards to a command that it starts for each connection; nothing else may start anything. */
    static boolean spawns(MachineSpec spec) {
        return spec.nic().filter(nic -> nic.netdev().contains("-cmd:")).isPresent();
    }

    /** What translated code may take, MiB. QEMU's own default is 1 GiB a machine, which a guest's boot fills. */
    static int translatedCodeMebibytes(MachineSpec spec, Accelerator accelerator) {
        return accelerator.kvm() ? 0 : spec.memoryMebibytes() > 1024 ? 256 : 128;
    }

    private void board(Accelerator accelerator) {
        String common = "usb=off,vmport=off,graphics=off,dump-guest-core=off";
        add("-machine", modern() ? "q35,smbus=off,sata=off," + common : "pc," + common);
        if (accelerator.kvm()) {
            add("-accel", "kvm");
        } else {
            add("-accel", "tcg,tb-size=" + translatedCodeMebibytes(spec, accelerator));
        }
        add("-cpu", processor(accelerator));
        add("-smp", String.valueOf(spec.cpus()));
        add("-m", spec.memoryMebibytes() + "M");
        add("-rtc", "base=utc");
        add("-smbios", "type=1,uuid=" + spec.uuid() + ",serial=" + spec.uuid());
    }

    private String processor(Accelerator accelerator) {
        if (!modern()) {
            return accelerator.kvm() ? "kvm64" : "qemu64"; // kernels of those years stumble over flags of today
        }
        // Five levels of page tables make every translated access slower, and no guest here has 64 TiB.
        return accelerator.kvm() ? "host" : "max,la57=off";
    }

    private void serial(ConsoleLog log, MachineSockets sockets) {
        add(
                "-chardev",
                "socket,id=console,path=" + value(sockets.console()) + ",server=on,wait=off,logfile="
                        + value(log.file()) + ",logappend=on");
        add("-serial", "chardev:console");
    }

    private void monitors(MachineSockets sockets) {
        add("-chardev", "socket,id=qmp,path=" + value(sockets.qmp()) + ",server=on,wait=off");
        add("-mon", "chardev=qmp,mode=control");
        add("-chardev", "socket,id=operator,path=" + value(sockets.operator()) + ",server=on,wait=off");
        add("-mon", "chardev=operator,mode=control");
    }

    private void disks() {
        List<MachineSpec.Disk> disks = spec.disks();
        int ports = modern() ? Math.max(0, disks.size() - 1) + SPARE_PORTS : 0;
        if (ports > MAX_PORTS || spec.profile() == DeviceProfile.IDE && disks.size() > MAX_IDE_DISKS) {
            throw new IllegalArgumentException("too many disks for " + spec.profile() + ": " + disks.size());
        }
        for (int i = 0; i < disks.size(); i++) {
            add("-blockdev", JSON.writeValueAsString(DiskDevice.blockdev(disks.get(i))));
        }
        // The first disk sits on the first bus: guests number what they find there first, and it is never unplugged.
        for (int i = 0; i < disks.size(); i++) {
            Map<String, Object> device =
                    DiskDevice.device(spec.profile(), disks.get(i).serial(), bus(i));
            if (spec.profile() == DeviceProfile.IDE) {
                device.put("unit", i % 2);
            }
            if (i == 0) {
                if (spec.boot().isEmpty()) {
                    device.put("bootindex", 0); // QEMU gives the number to the kernel that it loads itself
                }
                device(device);
                ports(ports);
            } else {
                device(device);
            }
        }
        if (disks.isEmpty()) {
            ports(ports);
        }
    }

    private String bus(int disk) {
        return switch (spec.profile()) {
            case NITRO, VIRTIO -> disk == 0 ? "pcie.0" : port(disk - 1);
            case LEGACY -> "pci.0";
            case IDE -> "ide." + disk / 2;
        };
    }

    private void ports(int count) {
        for (int i = 0; i < count; i++) {
            device(orderedMap("driver", "pcie-root-port", "id", port(i), "bus", "pcie.0", "chassis", i + 1));
        }
    }

    static String port(int index) {
        return "port" + index;
    }

    private void network() {
        spec.nic().ifPresent(nic -> {
            add("-netdev", nic.netdev() + ",id=net0");
            String driver = spec.profile() == DeviceProfile.IDE ? "e1000" : "virtio-net-pci";
            // An empty ROM: nothing here boots from the network, and its code takes a second under TCG.
            Map<String, Object> card =
                    orderedMap("driver", driver, "id", "nic0", "netdev", "net0", "mac", nic.mac(), "romfile", "");
            card.putAll(cardVersion());
            device(card);
        });
        if (spec.profile() != DeviceProfile.IDE) {
            add("-object", "rng-random,id=rng0,filename=/dev/urandom");
            Map<String, Object> rng = orderedMap("driver", "virtio-rng-pci", "rng", "rng0");
            rng.putAll(cardVersion());
            device(rng);
        }
    }

    private Map<String, Object> cardVersion() {
        return DiskDevice.virtioVersion(spec.profile() == DeviceProfile.NITRO ? DeviceProfile.VIRTIO : spec.profile());
    }

    private void boot() {
        spec.boot().ifPresent(boot -> {
            add("-kernel", boot.kernel().toAbsolutePath().toString());
            boot.ramdisk()
                    .ifPresent(
                            ramdisk -> add("-initrd", ramdisk.toAbsolutePath().toString()));
            add("-append", boot.commandLine());
        });
        add("-boot", "strict=on");
    }

    private boolean modern() {
        return spec.profile() == DeviceProfile.NITRO || spec.profile() == DeviceProfile.VIRTIO;
    }

    private void device(Map<String, Object> device) {
        add("-device", JSON.writeValueAsString(device));
    }

    private void add(String... words) {
        arguments.addAll(List.of(words));
    }

    private static String value(Object text) {
        return text.toString().replace(",", ",,");
    }

    private static Map<String, Object> orderedMap(Object... keysAndValues) {
        var map = new LinkedHashMap<String, Object>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
