package jarrah.ec2.wire;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.ec2.compute.ComputeFixture;
import jarrah.ec2.compute.Instance;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What RunInstances is asked for is done, or refused: nothing is dropped in silence. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LaunchParametersTest {
    private final ComputeFixture cloud;
    private final Calls calls;
    private final String image;

    LaunchParametersTest(@TempDir Path directory) {
        cloud = new ComputeFixture(directory);
        calls = new Calls(cloud);
        image = cloud.image("base", "machine", true).id();
    }

    @AfterAll
    void close() {
        cloud.close();
    }

    private String[] launch(String... more) {
        var parameters = new LinkedHashMap<String, String>();
        parameters.put("ImageId", image);
        parameters.put("InstanceType", "t2.nano");
        for (int i = 0; i < more.length; i += 2) {
            parameters.put(more[i], more[i + 1]);
        }
        return parameters.entrySet().stream()
                .flatMap(parameter -> Stream.of(parameter.getKey(), parameter.getValue()))
                .toArray(String[]::new);
    }

    @ParameterizedTest
    @CsvSource({
        "TagSpecification.1.ResourceType, spot-instances-request, InvalidParameterValue",
        "NetworkInterface.1.SecondaryPrivateIpAddressCount, 1, UnsupportedOperation",
        "NetworkInterface.1.PrivateIpAddresses.1.PrivateIpAddress, 172.31.0.9, UnsupportedOperation",
        "NetworkInterface.1.DeleteOnTermination, false, UnsupportedOperation",
        "NetworkInterface.1.InterfaceType, efa, UnsupportedOperation",
        "NetworkInterface.1.Ipv6Addresses.1.Ipv6Address, fd00::1, UnsupportedOperation",
        "CreditSpecification.CpuCredits, standard, UnsupportedOperation",
        "CreditSpecification.CpuCredits, plenty, InvalidParameterValue",
        "CpuOptions.CoreCount, 1, UnsupportedOperation",
        "Ipv6Address.1.Ipv6Address, fd00::1, UnsupportedOperation",
        "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId, cr-1, UnsupportedOperation",
        "PrivateDnsNameOptions.HostnameType, resource-name, UnsupportedOperation",
        "MetadataOptions.HttpTokens, sometimes, InvalidParameterValue",
        "MetadataOptions.HttpPutResponseHopLimit, 65, InvalidParameterValue",
        "Placement.PartitionNumber, 3, UnsupportedOperation",
    })
    void whatCannotBeHadIsRefused(String parameter, String value, String code) {
        assertThat(calls.error("RunInstances", launch(parameter, value))).isEqualTo(code + " 400");
    }

    @Test
    void creditsOfATypeThatHasNoneAndInterfacesBesideASubnetAreContradictions() {
        assertThat(calls.error(
                        "RunInstances",
                        launch("InstanceType", "m1.small", "CreditSpecification.CpuCredits", "unlimited")))
                .isEqualTo("InvalidParameterCombination 400");
        assertThat(calls.error("RunInstances", launch("SubnetId", "subnet-1", "NetworkInterface.1.DeviceIndex", "0")))
                .isEqualTo("InvalidParameterCombination 400");
    }

    @Test
    void anInterfaceHasTheTagsAndTheAddressThatWereAskedFor() {
        String launched = calls.call(
                "RunInstances",
                launch(
                        "TagSpecification.1.ResourceType",
                        "network-interface",
                        "TagSpecification.1.Tag.1.Key",
                        "Role",
                        "TagSpecification.1.Tag.1.Value",
                        "front",
                        "NetworkInterface.1.DeviceIndex",
                        "0",
                        "NetworkInterface.1.PrivateIpAddresses.1.Primary",
                        "true",
                        "NetworkInterface.1.PrivateIpAddresses.1.PrivateIpAddress",
                        "172.31.0.77"));
        assertThat(launched).contains("<privateIpAddress>172.31.0.77<");
        String tags = calls.call("DescribeTags");
        assertThat(tags).contains("<resourceType>network-interface<", "<key>Role<", "<value>front<");
    }

    @Test
    void anInstanceThatIsProtectedFromStoppingIsStoppedOnlyAfterThatIsTakenBack() {
        String id = Calls.text(calls.call("RunInstances", launch("DisableApiStop", "true")), "instanceId");
        cloud.await(id, Instance.State.RUNNING);
        assertThat(calls.error("StopInstances", "InstanceId.1", id)).isEqualTo("OperationNotPermitted 400");
        assertThat(calls.call("DescribeInstanceAttribute", "InstanceId", id, "Attribute", "disableApiStop"))
                .contains("<value>true<");
        calls.call("ModifyInstanceAttribute", "InstanceId", id, "DisableApiStop.Value", "false");
        assertThat(calls.call("StopInstances", "InstanceId.1", id)).contains("<name>stopping<");
    }

    @Test
    void listingsOfTypesOfferingsSubnetsAndTheVpcComeInPages() {
        for (String action : List.of("DescribeInstanceTypes", "DescribeInstanceTypeOfferings")) {
            String first = calls.call(action, "MaxResults", "5");
            assertThat(first.split("<instanceType>", -1)).as(action).hasSize(6);
            String second = calls.call(action, "MaxResults", "5", "NextToken", Calls.text(first, "nextToken"));
            assertThat(Calls.text(second, "instanceType")).isGreaterThan(Calls.text(first, "instanceType"));
        }
        assertThat(calls.error("DescribeInstanceTypes", "MaxResults", "101")).isEqualTo("InvalidParameterValue 400");
        assertThat(calls.call("DescribeVpcs", "MaxResults", "5")).contains("<vpcId>");
        assertThat(calls.call("DescribeSubnets", "MaxResults", "5")).contains("<subnetId>");
        for (String action : List.of("DescribeVpcs", "DescribeSubnets")) {
            assertThat(calls.error(action, "MaxResults", "4")).isEqualTo("InvalidParameterValue 400");
            assertThat(calls.error(action, "NextToken", "forged")).isEqualTo("InvalidNextToken 400");
        }
    }
}
