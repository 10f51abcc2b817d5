package jarrah.ec2.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.aws.QueryEndpoint;
import jarrah.ec2.compute.ComputeFixture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that cannot be met, and AWS's own words for each. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Ec2ErrorsTest {
    private final ComputeFixture cloud;
    private final Calls calls;
    private final String image;
    private final String kernel;

    Ec2ErrorsTest(@TempDir Path directory) {
        cloud = new ComputeFixture(directory);
        calls = new Calls(cloud);
        image = cloud.image("web", "machine", true).id();
        kernel = cloud.image("kernel", "kernel", false).id();
        calls.call("CreateKeyPair", "KeyName", "taken", "KeyType", "ed25519");
        calls.call("CreateSecurityGroup", "GroupName", "web", "GroupDescription", "web");
    }

    @AfterAll
    void close() {
        cloud.close();
    }

    /** {@code AMI} and {@code AKI} stand for an image and a kernel that are there, ABSENT for the digits of an id that is not. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "InvalidAMIID.Malformed 400, DescribeImages, ImageId.1, ami-1",
                "InvalidAMIID.Malformed 400, DescribeImages, ImageId.1, i-ABSENT",
                "InvalidAMIID.NotFound 400, DescribeImages, ImageId.1, ami-ABSENT",
                "InvalidAMIID.NotFound 400, DeregisterImage, ImageId, ami-ABSENT",
                "MissingParameter 400, DeregisterImage, X, y",
                "InvalidParameterValue 400, DescribeImages, Filter.1.Name, colour",
                "InvalidParameterValue 400, DescribeImageAttribute, ImageId=AMI&Attribute, colour",
                "InvalidInstanceID.Malformed 400, DescribeInstances, InstanceId.1, i-xyz",
                "InvalidInstanceID.Malformed 400, TerminateInstances, InstanceId.1, \"i-0123456789ABCDEF0\"",
                "InvalidInstanceID.NotFound 400, DescribeInstances, InstanceId.1, i-ABSENT",
                "InvalidInstanceID.NotFound 400, StopInstances, InstanceId.1, i-ABSENT",
                "InvalidInstanceID.NotFound 400, GetConsoleOutput, InstanceId, i-ABSENT",
                "MissingParameter 400, StartInstances, X, y",
                "MissingParameter 400, TerminateInstances, X, y",
                "UnsupportedOperation 400, StopInstances, InstanceId.1=i-ABSENT&Hibernate, true",
                "MissingParameter 400, RunInstances, MinCount, 1",
                "InvalidAMIID.Malformed 400, RunInstances, ImageId, web",
                "InvalidParameterValue 400, RunInstances, ImageId, AKI",
                "InvalidParameterValue 400, RunInstances, ImageId=AMI&MinCount, 0",
                "InvalidParameterValue 400, RunInstances, ImageId=AMI&MinCount, one",
                "InvalidParameterValue 400, RunInstances, ImageId=AMI&InstanceType, z9.huge",
                "InvalidKeyPair.NotFound 400, RunInstances, ImageId=AMI&KeyName, nobody",
                "InvalidGroup.NotFound 400, RunInstances, ImageId=AMI&SecurityGroup.1, nobody",
                "InvalidGroup.NotFound 400, RunInstances, ImageId=AMI&SecurityGroupId.1, sg-ABSENT",
                "InvalidGroupId.Malformed 400, RunInstances, ImageId=AMI&SecurityGroupId.1, sg-1",
                "InvalidSubnetID.NotFound 400, RunInstances, ImageId=AMI&SubnetId, subnet-ABSENT",
                "InvalidParameterValue 400, RunInstances, ImageId=AMI&Placement.AvailabilityZone, us-east-9z",
                "InvalidKernelId.NotFound 400, RunInstances, ImageId=AMI&KernelId, aki-ABSENT",
                "InvalidUserData.Malformed 400, RunInstances, ImageId=AMI&UserData, not base64!",
                "InvalidParameterValue 400, RunInstances, ImageId=AMI&PrivateIpAddress, 10.0.0.1",
                "InvalidParameterValue 400, RunInstances, ImageId=AMI&PrivateIpAddress, 172.31.0.3",
                "InvalidParameterValue 400, RunInstances, ImageId=AMI&DryRun, perhaps",
                "DryRunOperation 412, RunInstances, ImageId=AMI&DryRun, true",
                "InvalidKeyPair.Duplicate 400, CreateKeyPair, KeyName, taken",
                "InvalidParameterValue 400, CreateKeyPair, KeyName=new&KeyType, dsa",
                "UnsupportedOperation 400, CreateKeyPair, KeyName=new&KeyFormat, ppk",
                "MissingParameter 400, CreateKeyPair, X, y",
                "InvalidKey.Format 400, ImportKeyPair, KeyName=new&PublicKeyMaterial, AAAA",
                "InvalidKeyPair.NotFound 400, DescribeKeyPairs, KeyName.1, nobody",
                "InvalidGroup.Duplicate 400, CreateSecurityGroup, GroupName=web&GroupDescription, web",
                "InvalidGroup.NotFound 400, DescribeSecurityGroups, GroupName.1, nobody",
                "InvalidGroupId.Malformed 400, DeleteSecurityGroup, GroupId, web",
                "CannotDelete 400, DeleteSecurityGroup, GroupName, default",
                "MissingParameter 400, AuthorizeSecurityGroupIngress, GroupName, web",
                "MissingParameter 400, AuthorizeSecurityGroupIngress, GroupName=web&IpProtocol=tcp&CidrIp, 0.0.0.0/0",
                "InvalidParameterValue 400, AuthorizeSecurityGroupIngress,"
                        + " GroupName=web&IpProtocol=tcp&FromPort=1&ToPort=70000&CidrIp, 0.0.0.0/0",
                "InvalidParameterValue 400, AuthorizeSecurityGroupIngress,"
                        + " GroupName=web&IpProtocol=tcp&FromPort=1&ToPort=1&CidrIp, 10.0.0.0/33",
                "InvalidPermission.NotFound 400, RevokeSecurityGroupIngress,"
                        + " GroupName=web&IpProtocol=tcp&FromPort=1&ToPort=1&CidrIp, 10.0.0.0/8",
                "InvalidManifest 400, RegisterImage, ImageLocation, nothing",
                "InvalidManifest 400, RegisterImage, ImageLocation, no-bucket/a.manifest.xml",
                "InvalidParameterCombination 400, RegisterImage, Name, abc",
                "InvalidAMIName.Malformed 400, RegisterImage, Name=a&ImageLocation, b/c",
                "InvalidAMIName.Duplicate 400, RegisterImage, Name=web&ImageLocation, b/c",
                "InvalidVolumeID.Malformed 400, DescribeVolumes, VolumeId.1, vol-1",
                "InvalidVolume.NotFound 400, DescribeVolumes, VolumeId.1, vol-ABSENT",
                "InvalidSnapshotID.Malformed 400, DescribeSnapshots, SnapshotId.1, snap-1",
                "InvalidSnapshot.NotFound 400, DeleteSnapshot, SnapshotId, snap-ABSENT",
                "InvalidID 400, CreateTags, ResourceId.1=what-ABSENT&Tag.1.Key, a",
                "InvalidAMIID.NotFound 400, CreateTags, ResourceId.1=ami-ABSENT&Tag.1.Key, a",
                "InvalidParameterValue 400, CreateTags, ResourceId.1=AMI&Tag.1.Key, aws:mine",
                "MissingParameter 400, CreateTags, ResourceId.1, AMI",
                "InvalidParameterValue 400, DescribeRegions, RegionName.1, nowhere-1",
                "InvalidParameterValue 400, DescribeInstances, MaxResults, 2",
                "InvalidNextToken 400, DescribeInstances, NextToken, forged",
                "InvalidVpcID.NotFound 400, DescribeVpcs, VpcId.1, vpc-ABSENT",
            })
    void whatCannotBeMetIsRefusedInAwsWords(String error, String action, String names, String value) {
        // All but the last parameter have their value behind an equals sign.
        String[] parts = (names + "=" + value).split("[&=]", -1);
        String[] parameters = new String[names.split("&").length * 2];
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = real(i == parameters.length - 1 ? value : parts[i]);
        }
        assertThat(calls.error(action, parameters)).isEqualTo(error);
    }

    private String real(String text) {
        return switch (text) {
            case "AMI" -> image;
            case "AKI" -> kernel;
            default -> text.replace("ABSENT", "0123456789abcdef0");
        };
    }

    @Test
    void userDataHasSixteenKibibytesAtMost() {
        String most = Base64.getEncoder().encodeToString(new byte[16 * 1024]);
        String more = Base64.getEncoder().encodeToString(new byte[16 * 1024 + 1]);
        assertThat(calls.error("RunInstances", "ImageId", image, "UserData", most, "DryRun", "true"))
                .isEqualTo("DryRunOperation 412");
        assertThat(calls.error("RunInstances", "ImageId", image, "UserData", more))
                .isEqualTo("InvalidParameterValue 400");
    }

    @Test
    void theDefinitionsOfOldClientsBreakBase64IntoLines() {
        String lines = Base64.getMimeEncoder().encodeToString("x".repeat(200).getBytes(StandardCharsets.UTF_8));
        assertThat(calls.error("RunInstances", "ImageId", image, "UserData", lines, "DryRun", "true"))
                .isEqualTo("DryRunOperation 412");
    }

    @Test
    void aDryRunLeavesNoTrace() {
        assertThat(calls.error("RunInstances", "ImageId", image, "DryRun", "true"))
                .isEqualTo("DryRunOperation 412");
        assertThat(calls.error("CreateKeyPair", "KeyName", "dry", "DryRun", "true"))
                .isEqualTo("DryRunOperation 412");
        assertThat(calls.error("DeregisterImage", "ImageId", image, "DryRun", "true"))
                .isEqualTo("DryRunOperation 412");
        assertThat(calls.call("DescribeInstances")).doesNotContain("<item>");
        assertThat(calls.error("DescribeKeyPairs", "KeyName.1", "dry")).isEqualTo("InvalidKeyPair.NotFound 400");
        assertThat(calls.call("DescribeImages", "ImageId.1", image)).contains(image);
    }

    @Test
    void anActionThatIsNotServedIsLeftToTheEndpoint() {
        assertThatThrownBy(() -> calls.call("AllocateHosts")).isInstanceOf(QueryEndpoint.UnknownAction.class);
    }
}
