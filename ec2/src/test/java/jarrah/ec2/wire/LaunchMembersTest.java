package jarrah.ec2.wire;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.ec2.compute.ComputeFixture;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every member of RunInstancesRequest, one by one: it has an effect, says what is so anyway, or is refused. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LaunchMembersTest {
    private static final String ACCEPTED = "DryRunOperation 412";

    /** For each member that is read, a value that cannot be: one that were dropped would be accepted. */
    private static final Map<String, String> WRONG = Map.ofEntries(
            Map.entry("ImageId", "ami-0123456789abcdef0"),
            Map.entry("InstanceType", "z9.enormous"),
            Map.entry("MinCount", "0"),
            Map.entry("MaxCount", "none"),
            Map.entry("KeyName", "nobody's"),
            Map.entry("SubnetId", "subnet-0123456789abcdef0"),
            Map.entry("PrivateIpAddress", "192.0.2.1"),
            Map.entry("KernelId", "aki-0123456789abcdef0"),
            Map.entry("RamdiskId", "ari-0123456789abcdef0"),
            Map.entry("UserData", "%%%"),
            Map.entry("SecurityGroupId.N", "sg-0123456789abcdef0"),
            Map.entry("SecurityGroup.N", "nobody's"),
            Map.entry("ClientToken", "x".repeat(65)),
            Map.entry("DryRun", "perhaps"),
            Map.entry("DisableApiTermination", "perhaps"),
            Map.entry("DisableApiStop", "perhaps"),
            Map.entry("InstanceInitiatedShutdownBehavior", "explode"),
            Map.entry("Placement.AvailabilityZone", "mars-1a"),
            Map.entry("CreditSpecification.CpuCredits", "standard"),
            Map.entry("MetadataOptions.HttpTokens", "sometimes"),
            Map.entry("MetadataOptions.HttpPutResponseHopLimit", "65"),
            Map.entry("MetadataOptions.InstanceMetadataTags", "sometimes"),
            Map.entry("TagSpecification.N.ResourceType", "spot-instances-request"),
            Map.entry("TagSpecification.N.Tag.N.Key", "k".repeat(129)),
            Map.entry("TagSpecification.N.Tag.N.Value", "v".repeat(257)),
            Map.entry("AddressingType", "elastic"),
            Map.entry("BlockDeviceMapping.N.DeviceName", "/etc/passwd"),
            Map.entry("BlockDeviceMapping.N.VirtualName", "ephemeral99"),
            Map.entry("BlockDeviceMapping.N.Ebs.SnapshotId", "snap-0123456789abcdef0"),
            Map.entry("BlockDeviceMapping.N.Ebs.VolumeSize", "big"),
            Map.entry("BlockDeviceMapping.N.Ebs.VolumeType", "paper"),
            Map.entry("BlockDeviceMapping.N.Ebs.DeleteOnTermination", "perhaps"),
            Map.entry("BlockDeviceMapping.N.Ebs.Iops", "9"),
            Map.entry("BlockDeviceMapping.N.Ebs.Throughput", "9"),
            Map.entry("BlockDeviceMapping.N.Ebs.Encrypted", "true"),
            Map.entry("BlockDeviceMapping.N.Ebs.KmsKeyId", "key"),
            Map.entry("NetworkInterface.N.AssociatePublicIpAddress", "perhaps"),
            Map.entry("NetworkInterface.N.Description", "d".repeat(256)),
            Map.entry("NetworkInterface.N.SecurityGroupId.N", "sg-0123456789abcdef0"),
            Map.entry("NetworkInterface.N.SubnetId", "subnet-0123456789abcdef0"),
            Map.entry("NetworkInterface.N.PrivateIpAddress", "192.0.2.1"),
            Map.entry("NetworkInterface.N.PrivateIpAddresses.N.Primary", "false"),
            Map.entry("NetworkInterface.N.PrivateIpAddresses.N.PrivateIpAddress", "192.0.2.1"));

    private final ComputeFixture cloud;
    private final Calls calls;
    private final String image;

    LaunchMembersTest(@TempDir Path directory) {
        cloud = new ComputeFixture(directory);
        calls = new Calls(cloud);
        image = cloud.image("base", "machine", true).id();
    }

    @AfterAll
    void close() {
        cloud.close();
    }

    private static Set<String> members() throws IOException {
        try (InputStream in = LaunchMembersTest.class.getResourceAsStream("run-instances-members.txt")) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            var members = new TreeSet<String>();
            text.lines().filter(line -> !line.startsWith("#")).forEach(members::add);
            return members;
        }
    }

    private String launch(String... more) {
        var parameters = new LinkedHashMap<String, String>();
        parameters.put("ImageId", image);
        parameters.put("InstanceType", "t2.nano");
        parameters.put("DryRun", "true");
        for (int i = 0; i < more.length; i += 2) {
            parameters.put(more[i], more[i + 1]);
        }
        return calls.error(
                "RunInstances",
                parameters.entrySet().stream()
                        .flatMap(parameter -> Stream.of(parameter.getKey(), parameter.getValue()))
                        .toArray(String[]::new));
    }

    /** A member in the middle of what it needs to be looked at at all. */
    private String with(String member, String value) {
        String name = member.replaceAll("\\.N(?=\\.|$)", ".1");
        if (member.startsWith("TagSpecification.")) {
            return launch(
                    "TagSpecification.1.ResourceType",
                    "instance",
                    "TagSpecification.1.Tag.1.Key",
                    "Name",
                    "TagSpecification.1.Tag.1.Value",
                    "one",
                    name,
                    value);
        }
        if (member.startsWith("BlockDeviceMapping.N.Ebs.")) {
            return launch(
                    "BlockDeviceMapping.1.DeviceName",
                    "/dev/sdf",
                    "BlockDeviceMapping.1.Ebs.VolumeSize",
                    "1",
                    name,
                    value);
        }
        if (member.startsWith("BlockDeviceMapping.")) {
            return launch(
                    "BlockDeviceMapping.1.DeviceName",
                    "/dev/sdf",
                    "BlockDeviceMapping.1.VirtualName",
                    "ephemeral0",
                    name,
                    value);
        }
        if (member.startsWith("NetworkInterface.N.PrivateIpAddresses.")) {
            return launch(
                    "NetworkInterface.1.PrivateIpAddresses.1.Primary",
                    "true",
                    "NetworkInterface.1.PrivateIpAddresses.1.PrivateIpAddress",
                    "172.31.0.78",
                    name,
                    value);
        }
        return launch(name, value);
    }

    @Test
    void theTableHoldsEveryMemberAndNothingElse() throws IOException {
        Set<String> expected = members();
        expected.add("AddressingType"); // of the historical tools
        assertThat(new TreeSet<>(LaunchMembers.treatments().keySet())).isEqualTo(expected);
    }

    static List<String> refused() {
        return named(LaunchMembers.Treatment.Refused.class);
    }

    static List<String> only() {
        return named(LaunchMembers.Treatment.Only.class);
    }

    static List<String> read() {
        List<String> read = named(LaunchMembers.Treatment.Read.class);
        // With NoDevice an entry leaves a device out whatever its value: LaunchTest shows that.
        return read.stream()
                .filter(member -> !member.equals("BlockDeviceMapping.N.NoDevice"))
                .toList();
    }

    private static List<String> named(Class<? extends LaunchMembers.Treatment> treatment) {
        return LaunchMembers.treatments().entrySet().stream()
                .filter(entry -> treatment.isInstance(entry.getValue()))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatCannotBeHadIsRefused(String member) {
        assertThat(with(member, "1")).isEqualTo("UnsupportedOperation 400");
    }

    @ParameterizedTest
    @MethodSource("only")
    void whatIsSoAnywayMayBeSaidAndNothingElse(String member) {
        var only = (LaunchMembers.Treatment.Only)
                Objects.requireNonNull(LaunchMembers.treatments().get(member));
        only.values().forEach(value -> assertThat(with(member, value)).isEqualTo(ACCEPTED));
        assertThat(with(member, "something-else")).isEqualTo("UnsupportedOperation 400");
    }

    @ParameterizedTest
    @MethodSource("read")
    void whatIsReadIsNotDropped(String member) {
        String wrong = Objects.requireNonNull(WRONG.get(member), "no wrong value for " + member);
        assertThat(with(member, wrong)).endsWith(" 400").isNotEqualTo("UnknownParameter 400");
    }

    @Test
    void aParameterThatIsNoneIsUnknown() {
        for (String name :
                Arrays.asList("Colour", "ImageID", "NetworkInterface.1.Colour", "SecurityGroup", "Tag.1.Key")) {
            assertThat(launch(name, "1")).as(name).isEqualTo("UnknownParameter 400");
        }
        assertThat(launch("X-Amz-Date", "20261122T120000Z", "Timestamp", "2026-11-22T12:00:00Z"))
                .isEqualTo(ACCEPTED);
    }

    @Test
    void aListWithAGapIsRefusedSinceItsEndWouldNotBeSeen() {
        assertThat(launch("SecurityGroupId.2", "sg-1")).isEqualTo("InvalidParameterValue 400");
        assertThat(launch("BlockDeviceMapping.0.DeviceName", "/dev/sdf")).isEqualTo("InvalidParameterValue 400");
        assertThat(launch("SecurityGroup.member.1", "default")).isEqualTo(ACCEPTED);
    }

    @Test
    void aSpecificationOfTagsWithoutATagIsRefused() {
        assertThat(launch("TagSpecification.1.ResourceType", "instance")).isEqualTo("InvalidParameterValue 400");
    }

    @Test
    void anInterfaceHasTheDescriptionThatItWasGiven() {
        String launched = calls.call(
                "RunInstances",
                "ImageId",
                image,
                "InstanceType",
                "t2.nano",
                "NetworkInterface.1.DeviceIndex",
                "0",
                "NetworkInterface.1.Description",
                "the front");
        assertThat(launched).contains("<description>the front</description>");
    }
}
