package jarrah.ec2.compute;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A size of instance, as AWS publishes it ("Amazon EC2 Instance Types").
 *
 * @param memoryMebibytes MiB
 * @param ephemeralGigabytes size of each instance store disk, in order; empty for none
 */
public record InstanceType(String name, int cpus, int memoryMebibytes, List<Integer> ephemeralGigabytes) {
    /** What RunInstances makes when it names no type. */
    public static final String DEFAULT = "m1.small";

    private static final List<InstanceType> ALL = List.of(
            type("t1.micro", 1, 613),
            type("m1.small", 1, 1_740, 160),
            type("m1.medium", 1, 3_840, 410),
            type("m1.large", 2, 7_680, 420, 420),
            type("m1.xlarge", 4, 15_360, 420, 420, 420, 420),
            type("c1.medium", 2, 1_740, 350),
            type("c1.xlarge", 8, 7_168, 420, 420, 420, 420),
            type("m2.xlarge", 2, 17_510, 420),
            type("m3.medium", 1, 3_840, 4),
            type("m3.large", 2, 7_680, 32),
            type("c3.large", 2, 3_840, 16, 16),
            type("t2.nano", 1, 512),
            type("t2.micro", 1, 1_024),
            type("t2.small", 1, 2_048),
            type("t2.medium", 2, 4_096),
            type("t2.large", 2, 8_192),
            type("t3.nano", 2, 512),
            type("t3.micro", 2, 1_024),
            type("t3.small", 2, 2_048),
            type("t3.medium", 2, 4_096),
            type("t3.large", 2, 8_192),
            type("m4.large", 2, 8_192),
            type("m5.large", 2, 8_192),
            type("m5.xlarge", 4, 16_384),
            type("m5d.large", 2, 8_192, 75),
            type("c5.large", 2, 4_096),
            type("c5d.large", 2, 4_096, 50),
            type("r5.large", 2, 16_384));

    private static InstanceType type(String name, int cpus, int memory, Integer... disks) {
        return new InstanceType(name, cpus, memory, List.of(disks));
    }

    /** All sizes, smallest families first. */
    public static List<InstanceType> all() {
        return ALL;
    }

    /** The size of that name. */
    public static Optional<InstanceType> find(String name) {
        return ALL.stream().filter(type -> type.name().equals(name)).findFirst();
    }

    /** The size of that name, or EC2's error. */
    public static InstanceType require(String name) {
        return find(name)
                .orElseThrow(() -> Ec2Error.INVALID_PARAMETER_VALUE.because("Invalid value '" + name
                        + "' for InstanceType. Known types: "
                        + String.join(
                                ", ",
                                Arrays.asList(
                                        ALL.stream().map(InstanceType::name).toArray(String[]::new)))));
    }

    /** The size of an ephemeral disk in bytes; 0 if the type has no such disk. */
    long ephemeralBytes(int index) {
        return index < ephemeralGigabytes.size() ? ephemeralGigabytes.get(index) * 1_000_000_000L : 0;
    }

    /** Whether it belongs to the current generations, whose credits and networks clients ask about. */
    public boolean burstable() {
        return name.startsWith("t2.") || name.startsWith("t3.");
    }
}
