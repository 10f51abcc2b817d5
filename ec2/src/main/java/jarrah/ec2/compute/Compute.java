package jarrah.ec2.compute;

import jarrah.ec2.fabric.NetworkFabric;
import jarrah.ec2.metadata.InstanceLookup;
import jarrah.ec2.metadata.InstanceMetadata;
import jarrah.iam.Accounts;
import jarrah.iam.Certificates;
import jarrah.machine.CopyProgress;
import jarrah.machine.Hypervisor;
import jarrah.machine.Machine;
import jarrah.machine.QemuImg;
import jarrah.s3.wire.S3Operations;
import jarrah.storage.Kv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compute, whole: its parts, made once and joined here. Records can be read and changed from the start; machines run from
 * {@link #start} on, to which the fabric is handed, since the fabric's metadata service asks this class who a guest is.
 */
public final class Compute implements InstanceLookup, AutoCloseable {
    /** GetConsoleOutput's bound. */
    public static final int CONSOLE_BYTES = 64 * 1024;

    private final ComputeSettings settings;
    private final Records records;
    private final Tags tags;
    private final Networks networks;
    private final SecurityGroups groups;
    private final KeyPairs keyPairs;
    private final ImageFiles imageFiles;
    private final QcowVolumes volumes;
    private final Images images;
    private final Instances instances;
    private final Imports imports;
    private final QemuImg qemuImg;
    private volatile @Nullable InstanceReconciler reconciler;
    private volatile @Nullable NetworkFabric fabric;
    private volatile String endpoint = "127.0.0.1:8773";

    /** Makes the parts; nothing runs yet. */
    public Compute(
            Kv kv,
            S3Operations s3,
            Accounts accounts,
            Certificates certificates,
            QemuImg qemuImg,
            ComputeSettings settings,
            Clock clock)
            throws IOException {
        this.settings = settings;
        this.qemuImg = qemuImg;
        records = new Records(kv, clock);
        tags = new Tags(kv);
        networks = new Networks(kv, settings.zones(), records.groups);
        groups = new SecurityGroups(kv, records.groups, networks, tags, records::inGroup, this::networkChanged);
        keyPairs = new KeyPairs(kv, tags, clock);
        volumes = new QcowVolumes(settings.volumes(), qemuImg);
        var buckets = new BucketReader(s3, accounts);
        imageFiles = new ImageFiles(records, buckets, certificates, settings.images(), volumes);
        images = new Images(records, tags, buckets, certificates, imageFiles);
        instances = new Instances(records, networks, groups, images, keyPairs, tags, settings, new Instances.Work() {
            @Override
            public void wake(String accountId, String instanceId) {
                InstanceReconciler running = reconciler;
                if (running != null) {
                    running.wake(accountId, instanceId);
                }
            }

            @Override
            public @Nullable String publicPool() {
                NetworkFabric network = fabric;
                return network == null ? null : network.publicPool().orElse(null);
            }
        });
        imports = new Imports(records, images, imageFiles, volumes, qemuImg);
    }

    /** Adopts the machines that run, and goes on with what was begun. Closing lets go of machines and leaves them running. */
    public void start(Hypervisor hypervisor, NetworkFabric network) throws IOException {
        fabric = network;
        var running = new InstanceReconciler(
                records, networks, imageFiles, volumes, tags, settings, qemuImg, hypervisor, network);
        reconciler = running;
        imageFiles.start();
        running.start();
    }

    /** One round of housekeeping, which otherwise comes once a minute. */
    void keepHouse() {
        InstanceReconciler running = reconciler;
        if (running != null) {
            running.keepHouseOnce();
        }
    }

    private void networkChanged() {
        InstanceReconciler running = reconciler;
        if (running != null) {
            running.networkChanged();
        }
    }

    public ComputeSettings settings() {
        return settings;
    }

    public Tags tags() {
        return tags;
    }

    public Networks networks() {
        return networks;
    }

    public SecurityGroups groups() {
        return groups;
    }

    public KeyPairs keyPairs() {
        return keyPairs;
    }

    public Images images() {
        return images;
    }

    public Instances instances() {
        return instances;
    }

    public Imports imports() {
        return imports;
    }

    /** The loopback address that leads to an instance's port 22 where the fabric has no public addresses. */
    public Optional<String> sshRelay(Instance instance) {
        NetworkFabric network = fabric;
        // With public addresses there is no relay, and asking would wait for the network that is being made.
        if (network == null || network.publicPool().isPresent() || !instance.connected()) {
            return Optional.empty();
        }
        try {
            return network.attachment(instance.network().nicId())
                    .sshRelay()
                    .map(address -> address.getHostString() + ":" + address.getPort());
        } catch (IOException | RuntimeException e) {
            return Optional.empty(); // not connected yet
        }
    }

    /** The last bytes of an instance's console, and when it last wrote. */
    public Console console(Instance instance) throws IOException {
        InstanceReconciler running = reconciler;
        Optional<Machine> machine = running == null ? Optional.empty() : running.running(instance.id());
        if (machine.isPresent()) {
            return new Console(machine.get().console(CONSOLE_BYTES), records.clock.instant());
        }
        Path log = settings.instances().resolve(instance.id()).resolve("console.log");
        if (!Files.exists(log)) {
            return new Console(new byte[0], instance.changed());
        }
        try (var in = Files.newByteChannel(log)) {
            long size = in.size();
            in.position(Math.max(0, size - CONSOLE_BYTES));
            var bytes = java.nio.ByteBuffer.allocate((int) Math.min(size, CONSOLE_BYTES));
            while (bytes.hasRemaining() && in.read(bytes) >= 0) {
                // until the bound or the end of the log
            }
            return new Console(
                    java.util.Arrays.copyOf(bytes.array(), bytes.position()),
                    Files.getLastModifiedTime(log).toInstant());
        }
    }

    /** What a console shows. */
    public record Console(byte[] output, java.time.Instant at) {}

    /**
     * Copies an instance's root disk as it is at this moment into a new raw file, crash-consistent if it runs.
     *
     * @throws Ec2Exception if there is no such instance, or it has no disk any more
     */
    public void copyRoot(String accountId, String instanceId, Path rawFile) throws IOException, InterruptedException {
        Instance instance = instances.require(accountId, instanceId);
        InstanceReconciler running = reconciler;
        Optional<Machine> machine = running == null ? Optional.empty() : running.running(instanceId);
        if (machine.isPresent()) {
            machine.get().copyDisk(rootSerial(instance), rawFile);
            return;
        }
        if (instance.state() != Instance.State.STOPPED) {
            throw Ec2Error.INCORRECT_INSTANCE_STATE.because(
                    "The instance '" + instanceId + "' is " + instance.state().word() + ": it has no disk to copy.");
        }
        var disk = volumes.disk(instance.devices().getFirst().volumeId().orElseThrow(), "");
        qemuImg.convert(
                disk.file(), disk.format(), rawFile, jarrah.machine.MachineSpec.DiskFormat.RAW, CopyProgress.NONE);
    }

    private static String rootSerial(Instance instance) {
        return instance.isEbs()
                ? instance.devices().getFirst().volumeId().orElseThrow().replace("-", "")
                : "root";
    }

    /** Removes a volume that is attached to nothing, or answers with EC2's error. */
    public void deleteVolume(String accountId, String volumeId) {
        instances.deleteVolume(accountId, volumeId);
        imageFiles.sweep();
    }

    /** Host and port of this region's API, for those who ask where it is. */
    public String endpoint() {
        return endpoint;
    }

    /** Makes known where the API listens. */
    public void listensAt(String hostAndPort) {
        endpoint = hostAndPort;
    }

    /** The private DNS name of an address in this region. */
    public String privateDnsName(String address) {
        return Addresses.privateDnsName(address, settings.region());
    }

    @Override
    public Optional<InstanceMetadata> find(String vpcId, String address) {
        Networks.Holder holder = networks.holder(vpcId, address);
        Instance instance =
                holder == null ? null : records.instances.get(records.kv, holder.accountId(), holder.instanceId());
        return instance == null || !instance.connected() ? Optional.empty() : Optional.of(metadata(instance));
    }

    private InstanceMetadata metadata(Instance instance) {
        Instance.Launch launch = instance.launch();
        Instance.Card card = instance.network();
        Image image = images.find(launch.imageId());
        List<SecurityGroup> memberships = groups.list(instance.accountId()).stream()
                .filter(group -> card.groupIds().contains(group.id()))
                .toList();
        String subnetCidr = networks.of(instance.accountId()).subnets().stream()
                .filter(subnet -> subnet.id().equals(card.subnetId()))
                .map(Network.Subnet::cidr)
                .findFirst()
                .orElse(Network.VPC_CIDR);
        Map<String, String> keys = launch.publicKey().isPresent()
                ? Map.of(launch.keyName().orElse("key"), launch.publicKey().get())
                : Map.of();
        return new InstanceMetadata(
                instance.accountId(),
                instance.id(),
                launch.reservationId(),
                launch.imageId(),
                launch.type(),
                launch.architecture(),
                launch.index(),
                instance.isEbs() || image == null ? "(unknown)" : image.location(),
                launch.kernelId(),
                launch.ramdiskId(),
                settings.region(),
                launch.zone(),
                privateDnsName(card.privateAddress()),
                card.privateAddress(),
                Optional.empty(),
                card.publicAddress(),
                card.mac(),
                card.nicId(),
                card.subnetId(),
                subnetCidr,
                card.vpcId(),
                Network.VPC_CIDR,
                memberships.stream().map(SecurityGroup::name).toList(),
                memberships.stream().map(SecurityGroup::id).toList(),
                keys,
                blockDevices(instance),
                instance.options().userData(),
                instance.options().httpTokensRequired(),
                instance.options().hopLimit(),
                instance.options().tagsInMetadata() ? tags.of(instance.accountId(), instance.id()) : Map.of(),
                instance.started(),
                Optional.empty());
    }

    /** The names of "Block device mapping" in the instance metadata: ami, root, ephemeralN, ebsN. */
    private static Map<String, String> blockDevices(Instance instance) {
        var names = new LinkedHashMap<String, String>();
        String root = instance.launch().rootDeviceName();
        names.put("ami", root.replaceFirst("^/dev/", ""));
        names.put("root", root);
        var volumes = new ArrayList<String>();
        for (Instance.Device device : instance.devices()) {
            String name = device.device().replaceFirst("^/dev/", "");
            if (device.ephemeral() >= 0) {
                names.put("ephemeral" + device.ephemeral(), name);
            } else if (!device.device().equals(root)) {
                volumes.add(name);
                names.put("ebs" + volumes.size(), name);
            }
        }
        return names;
    }

    @Override
    public void close() {
        InstanceReconciler running = reconciler;
        if (running != null) {
            running.close();
        }
        imageFiles.close();
    }
}
