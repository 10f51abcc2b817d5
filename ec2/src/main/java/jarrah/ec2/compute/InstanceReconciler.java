package jarrah.ec2.compute;

import jarrah.ec2.fabric.FabricState;
import jarrah.ec2.fabric.NetworkFabric;
import jarrah.machine.Hypervisor;
import jarrah.machine.Machine;
import jarrah.machine.MachineSpec;
import jarrah.machine.MachineSpec.DiskFormat;
import jarrah.machine.QemuImg;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes instances what their records say. One thread at a time works on an instance: it reads the record, takes the step
 * that its state asks for, records the outcome and reads again, until there is nothing to do. After a crash the same begins
 * with the machines that are still there.
 *
 * <pre>
 *   PENDING ── disks, network, launch ──► RUNNING        or TERMINATED, or STOPPED if it ran before
 *   RUNNING ── reboot wanted ──► power button, launch again
 *           └─ machine ended ──► STOPPED or SHUTTING_DOWN
 *   STOPPING ── power button, then off ──► STOPPED
 *   SHUTTING_DOWN ── off, disks removed, addresses given back ──► TERMINATED ── an hour ──► forgotten
 * </pre>
 */
final class InstanceReconciler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InstanceReconciler.class);
    private static final Duration HOUSEKEEPING = Duration.ofMinutes(1);
    /** How long a machine whose process is gone may take to say how it ended. */
    private static final Duration ENDING_TOLD = Duration.ofSeconds(10);
    /** How long closing waits for steps that are being taken. */
    private static final Duration LAST_STEPS = Duration.ofSeconds(10);

    private final Records records;
    private final Networks networks;
    private final ImageFiles imageFiles;
    private final Volumes volumes;
    private final Tags tags;
    private final ComputeSettings settings;
    private final QemuImg qemuImg;
    private final Hypervisor hypervisor;
    private final NetworkFabric fabric;
    private final Map<String, Machine> machines = new ConcurrentHashMap<>();
    /** What is being worked on; true if it has to be looked at again. */
    private final Map<String, Boolean> busy = new ConcurrentHashMap<>();

    private final ExecutorService workers = Executors.newThreadPerTaskExecutor(
            Thread.ofPlatform().daemon().name("instance-", 0).factory());
    private final Object fabricLock = new Object();
    private volatile boolean closed;

    InstanceReconciler(
            Records records,
            Networks networks,
            ImageFiles imageFiles,
            Volumes volumes,
            Tags tags,
            ComputeSettings settings,
            QemuImg qemuImg,
            Hypervisor hypervisor,
            NetworkFabric fabric) {
        this.records = records;
        this.networks = networks;
        this.imageFiles = imageFiles;
        this.volumes = volumes;
        this.tags = tags;
        this.settings = settings;
        this.qemuImg = qemuImg;
        this.hypervisor = hypervisor;
        this.fabric = fabric;
    }

    /** Finds the machines that are there, ends those that nobody knows, and goes on with all that was begun. */
    void start() throws IOException {
        Files.createDirectories(settings.instances());
        List<Instance> all = records.instances.all(records.kv);
        for (Instance instance : all) {
            if (instance.connected()) {
                adopt(instance);
            }
        }
        removeOrphans(all);
        if (all.stream().anyMatch(Instance::connected)) {
            applyFabric();
        }
        all.stream()
                .filter(instance -> !isFinal(instance))
                .forEach(instance -> wake(instance.accountId(), instance.id()));
        Thread.ofVirtual().name("instance-housekeeping").start(this::keepHouse);
    }

    private static boolean isFinal(Instance instance) {
        return instance.state() == Instance.State.TERMINATED || instance.state() == Instance.State.STOPPED;
    }

    private void adopt(Instance instance) throws IOException {
        hypervisor.adopt(directory(instance.id())).ifPresent(machine -> hold(instance, machine));
    }

    /** Ends machines whose instance is not on record, or should not have one; nothing else of the host is touched. */
    private void removeOrphans(List<Instance> all) throws IOException {
        Set<String> connected = new HashSet<>();
        Set<String> known = new HashSet<>();
        Set<String> terminated = new HashSet<>();
        for (Instance instance : all) {
            known.add(instance.id());
            if (instance.state() == Instance.State.TERMINATED) {
                terminated.add(instance.id());
            }
            if (instance.connected()) {
                connected.add(instance.id());
            }
        }
        try (var directories = Files.newDirectoryStream(settings.instances())) {
            for (Path directory : directories) {
                String id = String.valueOf(directory.getFileName());
                if (connected.contains(id) || !Ids.wellFormed(id, "i")) {
                    continue;
                }
                Optional<Machine> orphan = hypervisor.adopt(directory);
                if (orphan.isPresent()) {
                    LOG.warn("ending the machine of {}, which should not run", id);
                    orphan.get().quit();
                    orphan.get().close();
                }
                if (!known.contains(id)) {
                    removeTree(directory);
                } else if (terminated.contains(id)) {
                    removeDisks(directory);
                }
            }
        }
    }

    private Path directory(String instanceId) {
        return settings.instances().resolve(instanceId);
    }

    private void hold(Instance instance, Machine machine) {
        machines.put(instance.id(), machine);
        machine.onEnd(ending -> {
            LOG.info("the machine of {} ended: {}", instance.id(), ending);
            wake(instance.accountId(), instance.id());
        });
    }

    /** Looks at an instance soon. */
    void wake(String accountId, String id) {
        if (closed || busy.merge(id, false, (_, _) -> true)) {
            return; // whoever is at it looks again
        }
        workers.execute(() -> work(accountId, id));
    }

    private void work(String accountId, String id) {
        do {
            busy.put(id, false);
            try {
                settle(accountId, id);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (IOException | RuntimeException e) {
                if (closed) {
                    return;
                }
                LOG.error("the work on {} failed; it is tried again within a minute", id, e);
            }
        } while (!busy.remove(id, false));
    }

    private void settle(String accountId, String id) throws IOException, InterruptedException {
        while (!closed) {
            Instance instance = records.instances.get(records.kv, accountId, id);
            if (instance == null) {
                return;
            }
            switch (instance.state()) {
                case PENDING -> launch(instance);
                case RUNNING -> {
                    if (!keep(instance)) {
                        return;
                    }
                }
                case STOPPING -> stop(instance);
                case SHUTTING_DOWN -> terminate(instance);
                case STOPPED, TERMINATED -> {
                    applyFabric();
                    return;
                }
            }
        }
    }

    /** The machine, if it runs. */
    private @Nullable Machine machine(Instance instance) {
        Machine machine = machines.get(instance.id());
        return machine != null && machine.running() ? machine : null;
    }

    private void launch(Instance instance) throws InterruptedException {
        Machine launched = null;
        try {
            // One that was launched before a crash of ours counts even if it has ended: it ran, and how it ended is
            // seen next.
            launched = machines.get(instance.id());
            if (launched == null) {
                connect();
                launched = hypervisor.launch(spec(instance), directory(instance.id()));
                hold(instance, launched);
            }
        } catch (IOException | RuntimeException e) {
            failed(instance, e);
            return;
        }
        Instance running = records.change(
                instance.accountId(),
                instance.id(),
                Instance.State.PENDING,
                there -> there.to(Instance.State.RUNNING, Optional.empty(), now())
                        .ran());
        if (running != null) {
            LOG.info("{} runs as process {}", instance.id(), launched.pid());
        }
    }

    private void failed(Instance instance, Exception cause) {
        if (closed) {
            return; // interrupted by our own end: the next start goes on with it
        }
        LOG.error("{} cannot be launched", instance.id(), cause);
        var reason =
                Optional.of(new Instance.Reason("Server.InternalError", "Server.InternalError: " + cause.getMessage()));
        boolean ranBefore = instance.launches() > 0 && instance.isEbs();
        records.change(
                instance.accountId(),
                instance.id(),
                instance.state(),
                there -> there.to(ranBefore ? Instance.State.STOPPING : Instance.State.SHUTTING_DOWN, reason, now()));
    }

    private MachineSpec spec(Instance instance) throws IOException {
        InstanceType type = InstanceType.require(instance.launch().type());
        var attachment = fabric.attachment(instance.network().nicId());
        var profile = instance.launch().profile();
        Optional<MachineSpec.DirectBoot> boot = instance.launch()
                .kernelId()
                .map(kernel -> new MachineSpec.DirectBoot(
                        imageFiles.file(kernel),
                        instance.launch().ramdiskId().map(imageFiles::file),
                        MachinePlan.commandLine(profile, instance.launch().partitioned())));
        return new MachineSpec(
                instance.id(),
                profile,
                MachinePlan.cpus(type),
                type.memoryMebibytes(),
                disks(instance, type),
                Optional.of(
                        new MachineSpec.Nic(instance.network().mac(), attachment.netdev(), attachment.launchPrefix())),
                boot,
                MachinePlan.uuid(instance.id()));
    }

    private List<MachineSpec.Disk> disks(Instance instance, InstanceType type) throws IOException {
        Path directory = directory(instance.id());
        Files.createDirectories(directory);
        var disks = new ArrayList<MachineSpec.Disk>();
        if (!instance.isEbs()) {
            Path root = directory.resolve("root.qcow2");
            overlay(root, imageFiles.file(instance.launch().imageId()));
            disks.add(MachinePlan.local("root", root));
        }
        for (Instance.Device device : instance.devices()) {
            if (device.volumeId().isPresent()) {
                Volume volume = records.volumes.get(
                        records.kv, instance.accountId(), device.volumeId().get());
                if (volume == null) {
                    throw new IOException("the volume " + device.volumeId().get() + " is gone");
                }
                volumes.create(volume.id(), volume.sizeGibibytes() * Volumes.GIBIBYTE, volume.snapshotId());
                disks.add(volumes.disk(volume.id(), volume.serial()));
            } else {
                Path file = directory.resolve("ephemeral" + device.ephemeral() + ".qcow2");
                empty(file, type.ephemeralBytes(device.ephemeral()));
                disks.add(MachinePlan.local("ephemeral" + device.ephemeral(), file));
            }
        }
        return disks;
    }

    private void overlay(Path file, Path backing) throws IOException {
        if (!Files.exists(file)) {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.deleteIfExists(fresh);
            QcowVolumes.uninterrupted(() -> qemuImg.overlay(fresh, backing, DiskFormat.RAW, OptionalLong.empty()));
            QcowVolumes.publish(fresh, file);
        }
    }

    private void empty(Path file, long bytes) throws IOException {
        if (!Files.exists(file)) {
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.deleteIfExists(fresh);
            QcowVolumes.uninterrupted(() -> qemuImg.create(fresh, DiskFormat.QCOW2, bytes));
            QcowVolumes.publish(fresh, file);
        }
    }

    /** Looks after a running instance; whether its state has changed. */
    private boolean keep(Instance instance) throws IOException, InterruptedException {
        Machine machine = machine(instance);
        if (instance.reboot()) {
            reboot(instance, machine);
            return true;
        }
        if (machine != null) {
            applyFabric(); // woken because of its groups
            return false;
        }
        ended(instance);
        return true;
    }

    private void reboot(Instance instance, @Nullable Machine machine) throws IOException, InterruptedException {
        if (machine != null) {
            machine.powerDown();
            awaitEnd(instance, machine, ComputeSettings.STOP_PATIENCE);
        }
        if (forced(instance)) {
            return; // stopped or terminated meanwhile
        }
        try {
            if (machine != null && machine.running()) {
                machine.reset();
            } else {
                release(instance);
                hold(instance, hypervisor.launch(spec(instance), directory(instance.id())));
            }
        } catch (IOException | RuntimeException e) {
            failed(instance, e);
            return;
        }
        records.change(instance.accountId(), instance.id(), Instance.State.RUNNING, there -> there.withReboot(false));
    }

    /** The machine ended by itself: its guest shut down, or QEMU died. */
    private void ended(Instance instance) throws InterruptedException {
        boolean byGuest = ending(instance) == Machine.Ending.GUEST_SHUTDOWN;
        boolean terminates = !instance.isEbs() || (byGuest && instance.options().shutdownTerminates());
        var reason = byGuest
                ? new Instance.Reason(
                        "Client.InstanceInitiatedShutdown",
                        "Client.InstanceInitiatedShutdown: Instance initiated shutdown")
                : new Instance.Reason("Server.InternalError", "Server.InternalError: The machine ended unexpectedly");
        records.change(
                instance.accountId(),
                instance.id(),
                Instance.State.RUNNING,
                there -> there.to(
                        terminates ? Instance.State.SHUTTING_DOWN : Instance.State.STOPPING,
                        Optional.of(reason),
                        now()));
    }

    /** How the machine ended; it tells that from a thread of its own, a moment after the process is gone. */
    private Machine.Ending ending(Instance instance) throws InterruptedException {
        Machine machine = machines.get(instance.id());
        if (machine == null) {
            return Machine.Ending.DIED; // while we were not there
        }
        var ending = new CompletableFuture<Machine.Ending>();
        machine.onEnd(ending::complete);
        try {
            return ending.get(ENDING_TOLD.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return Machine.Ending.DIED;
        }
    }

    private void stop(Instance instance) throws IOException, InterruptedException {
        switchOff(instance, instance.force() ? Duration.ZERO : ComputeSettings.STOP_PATIENCE);
        // What lay on ephemeral disks is gone once an instance has stopped, as on AWS.
        for (Instance.Device device : instance.devices()) {
            if (device.volumeId().isEmpty()) {
                Files.deleteIfExists(directory(instance.id()).resolve("ephemeral" + device.ephemeral() + ".qcow2"));
            }
        }
        records.kv.transact(tx -> {
            Instance there = records.instances.get(tx, instance.accountId(), instance.id());
            if (there != null && there.state() == Instance.State.STOPPING) {
                Instance stopped = there.to(Instance.State.STOPPED, there.reason(), now())
                        .withForce(false)
                        .withCard(there.network().withPublic(Optional.empty()));
                there.network().publicAddress().ifPresent(address -> networks.releasePublic(tx, address));
                records.instances.put(tx, stopped, there.accountId(), there.id());
            }
            return null;
        });
    }

    private void switchOff(Instance instance, Duration patience) throws IOException, InterruptedException {
        Machine machine = machine(instance);
        if (machine != null) {
            if (patience.isPositive()) {
                machine.powerDown();
            }
            awaitEnd(instance, machine, patience);
        }
        release(instance);
    }

    /** Waits for the guest to shut down; a stop with force or a termination that comes meanwhile ends the waiting. */
    private void awaitEnd(Instance instance, Machine machine, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (machine.running() && System.nanoTime() < deadline && !forced(instance)) {
            machine.awaitEnd(Duration.ofMillis(500));
        }
    }

    private boolean forced(Instance instance) {
        Instance there = records.instances.get(records.kv, instance.accountId(), instance.id());
        return there == null || there.force() || there.state() != instance.state();
    }

    /** Ends what is left of the machine: also one whose guest has shut down waits to be told. */
    private void release(Instance instance) throws IOException {
        Machine machine = machines.get(instance.id());
        if (machine != null) {
            machine.quit();
            machines.remove(instance.id());
            machine.close();
        }
    }

    private void terminate(Instance instance) throws IOException, InterruptedException {
        switchOff(instance, instance.force() ? Duration.ZERO : ComputeSettings.TERMINATE_PATIENCE);
        var removed = new ArrayList<String>();
        records.kv.transact(tx -> {
            removed.clear();
            Instance there = records.instances.get(tx, instance.accountId(), instance.id());
            if (there == null || there.state() != Instance.State.SHUTTING_DOWN) {
                return null;
            }
            for (Instance.Device device : there.devices()) {
                device.volumeId().ifPresent(id -> letGo(tx, there, id, removed));
            }
            Instance.Card card = there.network();
            networks.releasePrivate(tx, card.vpcId(), card.privateAddress());
            card.publicAddress().ifPresent(address -> networks.releasePublic(tx, address));
            records.instances.put(
                    tx,
                    there.to(Instance.State.TERMINATED, there.reason(), now())
                            .withCard(card.withPublic(Optional.empty()))
                            .withDevices(List.of()),
                    there.accountId(),
                    there.id());
            return null;
        });
        for (String volumeId : removed) {
            volumes.delete(volumeId);
        }
        removeDisks(directory(instance.id()));
        imageFiles.sweep();
    }

    private void letGo(jarrah.storage.Kv.Tx tx, Instance instance, String volumeId, List<String> removed) {
        Volume volume = records.volumes.get(tx, instance.accountId(), volumeId);
        if (volume == null) {
            return;
        }
        if (volume.attachment().filter(Volume.Attachment::deleteOnTermination).isPresent()) {
            records.volumes.delete(tx, instance.accountId(), volumeId);
            tags.forget(tx, instance.accountId(), volumeId);
            removed.add(volumeId);
        } else {
            records.volumes.put(tx, volume.detached(), instance.accountId(), volumeId);
        }
    }

    /** Everything but the console's log, which can be read as long as the instance can be described. */
    private static void removeDisks(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var files = Files.newDirectoryStream(directory, "*.{qcow2,new}")) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Brings the fabric to what the records say now; one at a time, and only if something is different. */
    private void connect() throws IOException {
        synchronized (fabricLock) {
            List<Instance> instances = records.instances.all(records.kv);
            if (applied == null && instances.isEmpty()) {
                return; // a region that has had no instance of late needs nothing of its host
            }
            FabricState wanted = FabricPlan.of(networks.all(), instances, records.groups.all(records.kv));
            if (!wanted.equals(applied)) {
                applied = null;
                fabric.apply(wanted);
                applied = wanted;
            }
        }
    }

    /** As {@link #connect}, where nothing depends on it that cannot wait for the next round. */
    private void applyFabric() {
        try {
            connect();
        } catch (IOException e) {
            LOG.error("the network cannot be brought up to date; it is tried again within a minute", e);
        }
    }

    private @Nullable FabricState applied;

    /** Rules or members have changed. Returns when the fabric has them: what is revoked is closed. */
    void networkChanged() {
        applyFabric();
    }

    /** The machine of an instance, if it runs. */
    Optional<Machine> running(String instanceId) {
        Machine machine = machines.get(instanceId);
        return machine != null && machine.running() ? Optional.of(machine) : Optional.empty();
    }

    private void keepHouse() {
        while (!closed) {
            try {
                TimeUnit.NANOSECONDS.sleep(HOUSEKEEPING.toNanos());
            } catch (InterruptedException e) {
                return;
            }
            if (!closed) {
                keepHouseOnce();
            }
        }
    }

    /** Tries again what failed, and forgets what is over. */
    void keepHouseOnce() {
        try {
            Instant before = now().minus(ComputeSettings.TERMINATED_KEPT);
            for (Instance instance : records.instances.all(records.kv)) {
                if (!isFinal(instance)) {
                    wake(instance.accountId(), instance.id());
                } else if (instance.state() == Instance.State.TERMINATED
                        && instance.changed().isBefore(before)) {
                    forget(instance);
                }
            }
            forgetTokens();
            applyFabric();
        } catch (IOException | RuntimeException e) {
            LOG.error("housekeeping of instances failed", e);
        }
    }

    private void forget(Instance instance) throws IOException {
        removeTree(directory(instance.id()));
        records.kv.transact(tx -> {
            records.instances.delete(tx, instance.accountId(), instance.id());
            tags.forget(tx, instance.accountId(), instance.id());
            tags.forget(tx, instance.accountId(), instance.network().nicId());
            return null;
        });
    }

    /** A client token is remembered as long as an instance of its request is. */
    private void forgetTokens() {
        List<Records.Launched> tokens = records.tokens.all(records.kv); // before the instances: none is missed
        Set<String> reservations = new HashSet<>();
        records.instances
                .all(records.kv)
                .forEach(instance -> reservations.add(instance.launch().reservationId()));
        for (Records.Launched launched : tokens) {
            if (!reservations.contains(launched.reservationId())) {
                records.kv.transact(tx -> {
                    // Used anew meanwhile: kept.
                    if (launched.equals(records.tokens.get(tx, launched.accountId(), launched.token()))) {
                        records.tokens.delete(tx, launched.accountId(), launched.token());
                    }
                    return null;
                });
            }
        }
    }

    private static void removeTree(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    private Instant now() {
        return records.clock.instant();
    }

    /** Lets go of the machines; they run on. */
    @Override
    public void close() {
        closed = true;
        workers.shutdownNow();
        try {
            if (!workers.awaitTermination(LAST_STEPS.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("work on instances goes on while the server stops: {}", busy.keySet());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        machines.values().forEach(Machine::close);
        machines.clear();
    }
}
