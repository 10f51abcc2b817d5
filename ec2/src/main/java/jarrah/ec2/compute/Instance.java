package jarrah.ec2.compute;

import jarrah.machine.DeviceProfile;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An instance: what was asked for, and how far it has come.
 *
 * @param launch what it was launched with; never changes
 * @param network its one card
 * @param devices its disks besides an instance store root, in the order in which the guest sees them
 * @param state how far it has come
 * @param reason why it came to that state, AWS's code and a sentence; empty while nothing has to be said
 * @param changed when the state was reached
 * @param started when it was last started
 * @param reboot whether a reboot was asked for and is not done
 * @param force whether stopping shall not wait for the guest
 * @param launches how often it has come to run; 0 tells a first launch from a later start
 * @param options what ModifyInstanceAttribute changes
 */
public record Instance(
        Launch launch,
        Card network,
        List<Device> devices,
        State state,
        Optional<Reason> reason,
        Instant changed,
        Instant started,
        boolean reboot,
        boolean force,
        int launches,
        Options options) {
    /** States with the codes that clients compare. */
    public enum State {
        PENDING(0, "pending"),
        RUNNING(16, "running"),
        SHUTTING_DOWN(32, "shutting-down"),
        TERMINATED(48, "terminated"),
        STOPPING(64, "stopping"),
        STOPPED(80, "stopped");

        private final int code;
        private final String word;

        State(int code, String word) {
            this.code = code;
            this.word = word;
        }

        public int code() {
            return code;
        }

        public String word() {
            return word;
        }
    }

    /**
     * What an instance is launched with; all that later starts need of its image, which may be deregistered by then.
     *
     * @param profile the devices of its machine
     * @param partitioned whether its root disk begins with a partition table
     */
    public record Launch(
            String id,
            String accountId,
            String reservationId,
            int index,
            Optional<String> clientToken,
            String imageId,
            String type,
            Optional<String> keyName,
            Optional<String> publicKey,
            String architecture,
            Optional<String> kernelId,
            Optional<String> ramdiskId,
            String rootDeviceType,
            String rootDeviceName,
            String virtualization,
            String zone,
            DeviceProfile profile,
            boolean partitioned) {}

    /**
     * Its network card.
     *
     * @param wantsPublic whether it has a public address while it runs
     * @param description that the launch gave it; empty for none
     */
    public record Card(
            String nicId,
            String attachmentId,
            String vpcId,
            String subnetId,
            String mac,
            String privateAddress,
            Optional<String> publicAddress,
            boolean wantsPublic,
            List<String> groupIds,
            Optional<String> description) {
        Card withPublic(Optional<String> address) {
            return new Card(
                    nicId,
                    attachmentId,
                    vpcId,
                    subnetId,
                    mac,
                    privateAddress,
                    address,
                    wantsPublic,
                    groupIds,
                    description);
        }

        Card withGroups(List<String> ids) {
            return new Card(
                    nicId,
                    attachmentId,
                    vpcId,
                    subnetId,
                    mac,
                    privateAddress,
                    publicAddress,
                    wantsPublic,
                    List.copyOf(ids),
                    description);
        }
    }

    /**
     * A disk: a volume, or an ephemeral disk of its type.
     *
     * @param device the name that was asked for, e.g. {@code /dev/sdb}
     * @param volumeId empty for an ephemeral disk
     * @param ephemeral number of the instance store disk; -1 for a volume
     */
    public record Device(String device, Optional<String> volumeId, int ephemeral) {}

    /** Why. */
    public record Reason(String code, String message) {}

    /**
     * What may be changed later.
     *
     * @param userData byte for byte; empty for none
     * @param shutdownTerminates whether the guest's own shutdown terminates it instead of stopping it
     * @param disableApiTermination whether TerminateInstances is refused
     * @param disableApiStop whether StopInstances is refused
     */
    public record Options(
            Optional<byte[]> userData,
            boolean shutdownTerminates,
            boolean disableApiTermination,
            boolean disableApiStop,
            boolean httpTokensRequired,
            int hopLimit,
            boolean tagsInMetadata) {}

    /** Its id. */
    public String id() {
        return launch.id();
    }

    /** Whose it is. */
    public String accountId() {
        return launch.accountId();
    }

    boolean isEbs() {
        return launch.rootDeviceType().equals("ebs");
    }

    /** Whether its card is on the network: from its launch until it has stopped. */
    boolean connected() {
        return state != State.STOPPED && state != State.TERMINATED;
    }

    Instance to(State next, Optional<Reason> why, Instant now) {
        return new Instance(launch, network, devices, next, why, now, started, false, force, launches, options);
    }

    Instance withCard(Card card) {
        return new Instance(launch, card, devices, state, reason, changed, started, reboot, force, launches, options);
    }

    Instance withDevices(List<Device> list) {
        return new Instance(launch, network, list, state, reason, changed, started, reboot, force, launches, options);
    }

    Instance withReboot(boolean wanted) {
        return new Instance(
                launch, network, devices, state, reason, changed, started, wanted, force, launches, options);
    }

    Instance withForce(boolean wanted) {
        return new Instance(
                launch, network, devices, state, reason, changed, started, reboot, wanted, launches, options);
    }

    Instance withOptions(Options changedOptions) {
        return new Instance(
                launch, network, devices, state, reason, changed, started, reboot, force, launches, changedOptions);
    }

    Instance startedAt(Instant now) {
        return new Instance(launch, network, devices, state, reason, changed, now, reboot, force, launches, options);
    }

    Instance ran() {
        return new Instance(
                launch, network, devices, state, reason, changed, started, reboot, force, launches + 1, options);
    }
}
