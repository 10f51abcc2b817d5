package jarrah.ec2.compute;

import jarrah.storage.Kv;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What may be asked of instances. Each call records what is wanted and returns; the reconciler makes it so. */
public final class Instances {
    /** The most instances of one request: they are recorded in one transaction. */
    public static final int MAX_COUNT = 64;

    private final Records records;
    private final Networks networks;
    private final SecurityGroups groups;
    private final Images images;
    private final KeyPairs keyPairs;
    private final Tags tags;
    private final ComputeSettings settings;
    private final Work work;

    /** Who makes it so. */
    interface Work {
        /** Something is to be done for the instance. */
        void wake(String accountId, String instanceId);

        /** Where public addresses are taken from; null for nowhere. */
        @Nullable
        String publicPool();
    }

    Instances(
            Records records,
            Networks networks,
            SecurityGroups groups,
            Images images,
            KeyPairs keyPairs,
            Tags tags,
            ComputeSettings settings,
            Work work) {
        this.records = records;
        this.networks = networks;
        this.groups = groups;
        this.images = images;
        this.keyPairs = keyPairs;
        this.tags = tags;
        this.settings = settings;
        this.work = work;
    }

    /** The account's instances, those that were terminated within the last hour among them. */
    public List<Instance> list(String accountId) {
        return records.instances.all(records.kv, accountId);
    }

    /** The instances of these ids, or EC2's error for one that is not there. */
    public List<Instance> require(String accountId, Collection<String> ids) {
        var found = new ArrayList<Instance>();
        var missing = new ArrayList<String>();
        for (String id : new java.util.LinkedHashSet<>(ids)) {
            Ids.require(id, "i", Ec2Error.INSTANCE_MALFORMED, "an instance");
            Instance instance = records.instances.get(records.kv, accountId, id);
            if (instance == null) {
                missing.add(id);
            } else {
                found.add(instance);
            }
        }
        if (!missing.isEmpty()) {
            throw Ec2Error.INSTANCE_NOT_FOUND.because(
                    missing.size() == 1
                            ? "The instance ID '" + missing.getFirst() + "' does not exist"
                            : "The instance IDs '" + String.join(", ", missing) + "' do not exist");
        }
        return found;
    }

    /** An instance, or EC2's error. */
    public Instance require(String accountId, String id) {
        return require(accountId, List.of(id)).getFirst();
    }

    /** All that must hold before instances are launched; a dry run ends here. */
    public void check(String accountId, RunRequest request) {
        if (records.kv.transact(tx -> launchedBefore(tx, accountId, request)).isEmpty()) {
            plan(accountId, request);
        }
    }

    /** Everything that a launch needs and that does not change between its instances. */
    private record Plan(
            Image image,
            InstanceType type,
            Optional<KeyPair> key,
            List<String> groupIds,
            Network network,
            Network.Subnet subnet,
            List<Image.Mapping> mappings,
            Optional<String> kernelId,
            Optional<String> ramdiskId) {}

    private Plan plan(String accountId, RunRequest request) {
        Image image = images.launchable(accountId, request.imageId());
        InstanceType type = InstanceType.require(request.type());
        if (request.minimum() < 1 || request.maximum() < request.minimum()) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("MinCount must be at least 1, and at most MaxCount.");
        }
        if (request.minimum() > MAX_COUNT) {
            throw Ec2Error.INSTANCE_LIMIT.because("One request launches at most " + MAX_COUNT + " instances; "
                    + request.minimum() + " were asked for.");
        }
        if (request.maximum() > 1 && request.privateAddress().isPresent()) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.because(
                    "A private address can be given to one instance only.");
        }
        Network network = networks.of(accountId);
        Network.Subnet subnet = networks.subnet(network, request.subnetId(), request.zone());
        request.privateAddress().ifPresent(address -> Networks.checkInside(subnet, address));
        request.instanceTags().forEach(Tags::check);
        request.volumeTags().forEach(Tags::check);
        request.nicTags().forEach(Tags::check);
        Optional<KeyPair> key = request.keyName().map(name -> keyPairs.require(accountId, name));
        List<String> groupIds = request.groupIds().isEmpty()
                ? List.of(network.defaultGroupId())
                : request.groupIds().stream().distinct().toList();
        groupIds.forEach(id -> groups.byId(accountId, id));
        Optional<String> kernel = request.kernelId().or(image::kernelId);
        Optional<String> ramdisk = request.ramdiskId().or(image::ramdiskId);
        kernel.ifPresent(id -> images.part(accountId, id, "kernel", Ec2Error.AKI_NOT_FOUND));
        ramdisk.ifPresent(id -> images.part(accountId, id, "ramdisk", Ec2Error.ARI_NOT_FOUND));
        if (image.virtualization().equals("paravirtual") && kernel.isEmpty()) {
            throw Ec2Error.INVALID_PARAMETER_COMBINATION.because("The image " + image.id()
                    + " is paravirtual and names no kernel: give one with KernelId, or register it as hvm.");
        }
        List<Image.Mapping> mappings = merged(accountId, image, request.mappings());
        return new Plan(image, type, key, groupIds, network, subnet, mappings, kernel, ramdisk);
    }

    /** The image's mapping with the request's entries laid over it, by device. */
    private List<Image.Mapping> merged(String accountId, Image image, List<Image.Mapping> overrides) {
        var byDevice = new LinkedHashMap<String, Image.Mapping>();
        image.mappings().forEach(mapping -> byDevice.put(mapping.device(), mapping));
        for (Image.Mapping mapping : overrides) {
            Image.Mapping below = byDevice.get(mapping.device());
            if (mapping.ebs().isEmpty() && mapping.virtualName().isEmpty()) {
                byDevice.remove(mapping.device());
            } else {
                byDevice.put(mapping.device(), below == null ? mapping : over(below, mapping));
            }
        }
        byDevice.replaceAll((_, mapping) -> images.sized(mapping));
        for (Image.Mapping mapping : byDevice.values()) {
            mapping.ebs().ifPresent(ebs -> images.checkEbs(accountId, mapping.device(), ebs));
        }
        if (image.isEbs() && !byDevice.containsKey(image.rootDeviceName())) {
            throw Ec2Error.BLOCK_DEVICE.because("The root device " + image.rootDeviceName() + " cannot be left out.");
        }
        return List.copyOf(byDevice.values());
    }

    /** An override without a snapshot keeps the one below, and is not smaller. */
    private static Image.Mapping over(Image.Mapping below, Image.Mapping above) {
        if (below.ebs().isEmpty()
                || above.ebs().isEmpty()
                || above.ebs().get().snapshotId().isPresent()) {
            return above;
        }
        Image.Ebs ebs = above.ebs().get();
        int size = ebs.sizeGibibytes() > 0
                ? ebs.sizeGibibytes()
                : below.ebs().get().sizeGibibytes();
        String type = ebs.volumeType().isEmpty() ? below.ebs().get().volumeType() : ebs.volumeType();
        return new Image.Mapping(
                above.device(),
                Optional.empty(),
                Optional.of(new Image.Ebs(below.ebs().get().snapshotId(), size, type, ebs.deleteOnTermination())));
    }

    /**
     * Launches instances: all that fit between minimum and maximum.
     *
     * @return the instances, pending; for a repeated client token those of the first request
     */
    public List<Instance> run(String accountId, RunRequest request) {
        // A repetition is answered even if its image or key is gone by now.
        List<Instance> before = records.kv.transact(tx -> launchedBefore(tx, accountId, request));
        if (!before.isEmpty()) {
            return before;
        }
        Plan plan = plan(accountId, request);
        List<Instance> instances = records.kv.transact(tx -> {
            List<Instance> raced = launchedBefore(tx, accountId, request);
            return raced.isEmpty() ? launch(tx, accountId, request, plan) : raced;
        });
        instances.forEach(instance -> work.wake(accountId, instance.id()));
        return instances;
    }

    /** The instances that the request's client token stands for; empty if there is no token, or no trace of them is left. */
    private List<Instance> launchedBefore(Kv.Tx tx, String accountId, RunRequest request) {
        Records.Launched before = request.clientToken()
                .map(token -> records.tokens.get(tx, accountId, token))
                .orElse(null);
        if (before == null) {
            return List.of();
        }
        if (!before.parametersDigest().equals(request.parametersDigest())) {
            throw Ec2Error.IDEMPOTENT_MISMATCH.because(
                    "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).");
        }
        return records.instances.all(tx, accountId).stream()
                .filter(instance -> instance.launch().reservationId().equals(before.reservationId()))
                .sorted(Comparator.comparingInt(instance -> instance.launch().index()))
                .toList();
    }

    private List<Instance> launch(Kv.Tx tx, String accountId, RunRequest request, Plan plan) {
        int count = fitting(tx, plan.type(), request.minimum(), Math.min(request.maximum(), MAX_COUNT));
        // Read again here: what is deregistered or deleted meanwhile loses its files.
        boolean whole = java.util.stream.Stream.of(Optional.of(plan.image().id()), plan.kernelId(), plan.ramdiskId())
                .flatMap(Optional::stream)
                .allMatch(id -> records.images.get(tx, id) != null);
        boolean begun = plan.mappings().stream()
                .flatMap(mapping -> mapping.ebs().stream())
                .flatMap(ebs -> ebs.snapshotId().stream())
                .allMatch(id -> records.snapshots.get(tx, id) != null);
        if (!whole || !begun) {
            throw Ec2Error.AMI_NOT_FOUND.because(
                    "The image id '[" + plan.image().id() + "]' does not exist");
        }
        for (String groupId : plan.groupIds()) {
            if (records.groups.get(tx, accountId, groupId) == null) {
                throw Ec2Error.GROUP_NOT_FOUND.because("The security group '" + groupId + "' does not exist");
            }
        }
        String reservationId = Ids.fresh("r");
        var instances = new ArrayList<Instance>();
        for (int i = 0; i < count; i++) {
            instances.add(one(tx, accountId, request, plan, reservationId, i));
        }
        request.clientToken()
                .ifPresent(token -> records.tokens.put(
                        tx,
                        new Records.Launched(
                                accountId, token, reservationId, request.parametersDigest(), records.clock.instant()),
                        accountId,
                        token));
        return instances;
    }

    /** How many more of that size this host's memory takes. */
    private int fitting(Kv.Tx tx, InstanceType type, int minimum, int maximum) {
        long used = records.instances.all(tx).stream()
                .filter(Instance::connected)
                .mapToLong(instance ->
                        InstanceType.require(instance.launch().type()).memoryMebibytes())
                .sum();
        long free = (settings.memoryMebibytes() - used) / type.memoryMebibytes();
        if (free < minimum) {
            throw Ec2Error.INSUFFICIENT_CAPACITY.because("There is not enough memory for " + minimum + " "
                    + type.name()
                    + ": " + (settings.memoryMebibytes() - used) + " MiB of " + settings.memoryMebibytes()
                    + " MiB are free.");
        }
        return (int) Math.min(free, maximum);
    }

    private Instance one(Kv.Tx tx, String accountId, RunRequest request, Plan plan, String reservationId, int index) {
        String id = Ids.fresh("i");
        Instant now = records.clock.instant();
        Image image = plan.image();
        var launch = new Instance.Launch(
                id,
                accountId,
                reservationId,
                index,
                request.clientToken(),
                image.id(),
                plan.type().name(),
                request.keyName(),
                plan.key().map(KeyPair::publicKey),
                image.architecture(),
                plan.kernelId(),
                plan.ramdiskId(),
                image.rootDeviceType(),
                image.rootDeviceName(),
                image.virtualization(),
                plan.subnet().zone(),
                image.profile(),
                image.partitioned());
        var card = card(tx, request, plan, new Networks.Holder(Ids.fresh("eni"), accountId, id));
        List<Instance.Device> devices = devices(tx, accountId, id, request, plan, now);
        var instance = new Instance(
                launch,
                card,
                devices,
                Instance.State.PENDING,
                Optional.empty(),
                now,
                now,
                false,
                false,
                0,
                request.options());
        records.instances.put(tx, instance, accountId, id);
        tags.add(tx, accountId, id, request.instanceTags());
        tags.add(tx, accountId, card.nicId(), request.nicTags());
        return instance;
    }

    private Instance.Card card(Kv.Tx tx, RunRequest request, Plan plan, Networks.Holder holder) {
        boolean wantsPublic = request.associatePublicAddress().orElse(true);
        String address =
                networks.takePrivate(tx, plan.network().vpcId(), plan.subnet(), holder, request.privateAddress());
        Optional<String> outside = wantsPublic ? networks.takePublic(tx, work.publicPool(), holder) : Optional.empty();
        return new Instance.Card(
                holder.nicId(),
                Ids.fresh("eni-attach"),
                plan.network().vpcId(),
                plan.subnet().id(),
                Ids.mac(),
                address,
                outside,
                wantsPublic,
                plan.groupIds(),
                Optional.of(request.nicDescription()).filter(text -> !text.isEmpty()));
    }

    /** The root first, then the others in the order of their names, as a guest of AWS's would find them. */
    private List<Instance.Device> devices(
            Kv.Tx tx, String accountId, String instanceId, RunRequest request, Plan plan, Instant now) {
        String root = plan.image().rootDeviceName();
        List<Image.Mapping> ordered = plan.mappings().stream()
                .sorted(Comparator.comparing(
                                (Image.Mapping mapping) -> !mapping.device().equals(root))
                        .thenComparing(Image.Mapping::device))
                .toList();
        var devices = new ArrayList<Instance.Device>();
        for (Image.Mapping mapping : ordered) {
            if (mapping.ebs().isPresent()) {
                Image.Ebs ebs = mapping.ebs().get();
                String volumeId = Ids.fresh("vol");
                var attachment = new Volume.Attachment(instanceId, mapping.device(), now, ebs.deleteOnTermination());
                var volume = new Volume(
                        volumeId,
                        accountId,
                        ebs.sizeGibibytes(),
                        ebs.snapshotId(),
                        plan.subnet().zone(),
                        "in-use",
                        ebs.volumeType(),
                        now,
                        Optional.of(attachment));
                records.volumes.put(tx, volume, accountId, volumeId);
                tags.add(tx, accountId, volumeId, request.volumeTags());
                devices.add(new Instance.Device(mapping.device(), Optional.of(volumeId), -1));
            } else {
                int number =
                        Integer.parseInt(mapping.virtualName().orElseThrow().substring("ephemeral".length()));
                // A disk that the type does not have is left out, as on AWS.
                if (plan.type().ephemeralBytes(number) > 0) {
                    devices.add(new Instance.Device(mapping.device(), Optional.empty(), number));
                }
            }
        }
        return devices;
    }

    /** A change of state with the one before it. */
    public record Transition(String instanceId, Instance.State before, Instance.State now) {}

    /** Stops instances; all or none. */
    public List<Transition> stop(String accountId, List<String> ids, boolean force) {
        require(accountId, ids);
        return transit(
                accountId,
                ids,
                Instances::requireStoppable,
                Set.of(Instance.State.RUNNING, Instance.State.STOPPING),
                instance -> instance.to(
                                Instance.State.STOPPING,
                                Optional.of(new Instance.Reason(
                                        "Client.UserInitiatedShutdown",
                                        "Client.UserInitiatedShutdown: User initiated shutdown")),
                                records.clock.instant())
                        .withForce(force || instance.force()));
    }

    private static void requireStoppable(Instance instance) {
        if (!instance.isEbs()) {
            throw Ec2Error.UNSUPPORTED_OPERATION.because("The instance '" + instance.id()
                    + "' does not have an 'ebs' root device type and cannot be stopped.");
        }
        if (instance.options().disableApiStop()) {
            throw Ec2Error.OPERATION_NOT_PERMITTED.because("The instance '" + instance.id()
                    + "' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.");
        }
        switch (instance.state()) {
            case RUNNING, STOPPING, STOPPED -> {}
            case PENDING, SHUTTING_DOWN, TERMINATED -> throw wrongState(instance, "stopped");
        }
    }

    private static Ec2Exception wrongState(Instance instance, String what) {
        return Ec2Error.INCORRECT_INSTANCE_STATE.because("The instance '" + instance.id()
                + "' is not in a state from which it can be " + what + ": it is "
                + instance.state().word() + ".");
    }

    /** Starts stopped instances; all or none. */
    public List<Transition> start(String accountId, List<String> ids) {
        for (Instance instance : require(accountId, ids)) {
            switch (instance.state()) {
                case STOPPED, PENDING, RUNNING -> {}
                case STOPPING, SHUTTING_DOWN, TERMINATED -> throw wrongState(instance, "started");
            }
        }
        List<Transition> transitions = records.kv.transact(tx -> {
            var done = new ArrayList<Transition>();
            for (String id : new java.util.LinkedHashSet<>(ids)) {
                Instance there = there(tx, accountId, id);
                Instance next = there;
                if (there.state() == Instance.State.STOPPED) {
                    // As at a launch: what runs fits into the host's memory.
                    fitting(tx, InstanceType.require(there.launch().type()), 1, 1);
                    next = there.to(Instance.State.PENDING, Optional.empty(), records.clock.instant())
                            .startedAt(records.clock.instant())
                            .withForce(false)
                            .withCard(readdressed(tx, there));
                    records.instances.put(tx, next, accountId, id);
                }
                done.add(new Transition(id, there.state(), next.state()));
            }
            return done;
        });
        ids.forEach(id -> work.wake(accountId, id));
        return transitions;
    }

    private Instance.Card readdressed(Kv.Tx tx, Instance instance) {
        Instance.Card card = instance.network();
        if (!card.wantsPublic() || card.publicAddress().isPresent()) {
            return card;
        }
        var holder = new Networks.Holder(card.nicId(), instance.accountId(), instance.id());
        return card.withPublic(networks.takePublic(tx, work.publicPool(), holder));
    }

    /** Reboots running instances; all or none. */
    public void reboot(String accountId, List<String> ids) {
        for (Instance instance : require(accountId, ids)) {
            if (instance.state() != Instance.State.RUNNING && instance.state() != Instance.State.PENDING) {
                throw wrongState(instance, "rebooted");
            }
        }
        ids.forEach(id -> {
            records.change(accountId, id, Instance.State.RUNNING, instance -> instance.withReboot(true));
            work.wake(accountId, id);
        });
    }

    /** Terminates instances; all or none. Terminating a terminated one is harmless. */
    public List<Transition> terminate(String accountId, List<String> ids) {
        require(accountId, ids);
        var live = new HashSet<>(List.of(Instance.State.values()));
        live.remove(Instance.State.TERMINATED);
        live.remove(Instance.State.SHUTTING_DOWN);
        return transit(
                accountId,
                ids,
                Instances::requireTerminable,
                live,
                instance -> instance.to(
                        Instance.State.SHUTTING_DOWN,
                        Optional.of(new Instance.Reason(
                                "Client.UserInitiatedShutdown",
                                "Client.UserInitiatedShutdown: User initiated shutdown")),
                        records.clock.instant()));
    }

    private static void requireTerminable(Instance instance) {
        if (instance.options().disableApiTermination()) {
            throw Ec2Error.OPERATION_NOT_PERMITTED.because("The instance '" + instance.id()
                    + "' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.");
        }
    }

    /** @param mayPass throws EC2's error for an instance that must not be changed: then none is */
    private List<Transition> transit(
            String accountId,
            List<String> ids,
            Consumer<Instance> mayPass,
            Set<Instance.State> from,
            UnaryOperator<Instance> change) {
        List<Transition> transitions = records.kv.transact(tx -> {
            var done = new ArrayList<Transition>();
            for (String id : new java.util.LinkedHashSet<>(ids)) {
                Instance there = there(tx, accountId, id);
                mayPass.accept(there);
                Instance next = there;
                if (from.contains(there.state())) {
                    next = change.apply(there);
                    records.instances.put(tx, next, accountId, id);
                }
                done.add(new Transition(id, there.state(), next.state()));
            }
            return done;
        });
        ids.forEach(id -> work.wake(accountId, id));
        return transitions;
    }

    private Instance there(Kv.Tx tx, String accountId, String id) {
        Instance there = records.instances.get(tx, accountId, id);
        if (there == null) {
            throw Ec2Error.INSTANCE_NOT_FOUND.because("The instance ID '" + id + "' does not exist");
        }
        return there;
    }

    /** Changes what may be changed of an instance. */
    public void modify(String accountId, String id, UnaryOperator<Instance.Options> change) {
        require(accountId, id);
        records.change(accountId, id, null, instance -> instance.withOptions(change.apply(instance.options())));
    }

    /** Changes an instance's groups; at once. */
    public void regroup(String accountId, String id, List<String> groupIds) {
        require(accountId, id);
        if (groupIds.isEmpty()) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("An instance has at least one security group.");
        }
        groupIds.forEach(group -> groups.byId(accountId, group));
        records.kv.transact(tx -> {
            // Again: one may have been deleted by now, and none that an instance is in can be from now on.
            groupIds.forEach(group -> groups.there(tx, accountId, group));
            Instance instance = there(tx, accountId, id);
            records.instances.put(tx, instance.withCard(instance.network().withGroups(groupIds)), accountId, id);
            return null;
        });
        work.wake(accountId, id);
    }

    /** The volumes of the account. */
    public List<Volume> volumes(String accountId) {
        return records.volumes.all(records.kv, accountId);
    }

    /** The volume of an id; null if there is none. */
    public @Nullable Volume volume(String accountId, String id) {
        return records.volumes.get(records.kv, accountId, id);
    }

    /** Removes a volume that is attached to nothing; its file is swept. */
    void deleteVolume(String accountId, String id) {
        records.kv.transact(tx -> {
            Volume volume = records.volumes.get(tx, accountId, id);
            if (volume == null) {
                throw Ec2Error.VOLUME_NOT_FOUND.because("The volume '" + id + "' does not exist.");
            }
            volume.attachment().ifPresent(to -> {
                throw Ec2Error.VOLUME_IN_USE.because("Volume " + id + " is currently attached to " + to.instanceId());
            });
            records.volumes.delete(tx, accountId, id);
            tags.forget(tx, accountId, id);
            return null;
        });
    }

    /** Tags of resources, checked and written together. */
    public void tag(String accountId, List<String> resourceIds, Map<String, String> added) {
        resourceIds.forEach(id -> requireTaggable(accountId, id));
        records.kv.transact(tx -> {
            resourceIds.forEach(id -> tags.add(tx, accountId, id, added));
            return null;
        });
    }

    /** Takes tags from resources; a null value stands for any. */
    public void untag(String accountId, List<String> resourceIds, Map<String, @Nullable String> removed) {
        resourceIds.forEach(id -> requireTaggable(accountId, id));
        records.kv.transact(tx -> {
            resourceIds.forEach(id -> tags.remove(tx, accountId, id, removed));
            return null;
        });
    }

    private void requireTaggable(String accountId, String id) {
        Network network = networks.of(accountId);
        boolean there = switch (Tags.type(id)) {
            case "instance" -> records.instances.get(records.kv, accountId, id) != null;
            case "image" -> owns(accountId, records.images.get(records.kv, id));
            case "volume" -> records.volumes.get(records.kv, accountId, id) != null;
            case "snapshot" -> {
                Snapshot snapshot = records.snapshots.get(records.kv, id);
                yield snapshot != null && snapshot.accountId().equals(accountId);
            }
            case "security-group" -> records.groups.get(records.kv, accountId, id) != null;
            case "key-pair" ->
                keyPairs.list(accountId).stream().anyMatch(pair -> pair.id().equals(id));
            case "vpc" -> network.vpcId().equals(id);
            case "subnet" ->
                network.subnets().stream().anyMatch(subnet -> subnet.id().equals(id));
            case "network-interface" ->
                list(accountId).stream()
                        .anyMatch(instance -> instance.network().nicId().equals(id));
            default -> false;
        };
        if (there) {
            return;
        }
        throw switch (Tags.type(id)) {
            case "instance" -> Ec2Error.INSTANCE_NOT_FOUND.because("The instance ID '" + id + "' does not exist");
            case "image" -> Ec2Error.AMI_NOT_FOUND.because("The image id '[" + id + "]' does not exist");
            case "volume" -> Ec2Error.VOLUME_NOT_FOUND.because("The volume '" + id + "' does not exist.");
            case "snapshot" -> Ec2Error.SNAPSHOT_NOT_FOUND.because("The snapshot '" + id + "' does not exist.");
            case "security-group" -> Ec2Error.GROUP_NOT_FOUND.because("The security group '" + id + "' does not exist");
            default -> Ec2Error.ID_NOT_FOUND.because("The ID '" + id + "' is not valid");
        };
    }

    private static boolean owns(String accountId, @Nullable Image image) {
        return image != null && image.ownerId().equals(accountId);
    }
}
