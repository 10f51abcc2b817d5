package jarrah.ec2.wire;

import jarrah.aws.QueryRequest;
import jarrah.ec2.compute.Ec2Error;
import jarrah.ec2.compute.Ec2Exception;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What becomes of each parameter of RunInstances: it is read, or it may only say what is so here anyway, or it is refused.
 * The names are the members of {@code RunInstancesRequest} (version 2016-11-15) as the Query protocol spells them, with
 * {@code N} for an index of a list. What is not in the table is no parameter of RunInstances.
 */
final class LaunchMembers {
    /** How a member is treated. */
    sealed interface Treatment {
        /** {@link LaunchParameters} or {@link Mappings} reads it. */
        record Read() implements Treatment {}

        /** Only these values are accepted, in any case of their letters: they ask for nothing that is not so anyway. */
        record Only(Set<String> values) implements Treatment {}

        /** No value is accepted but these, which ask for nothing. */
        record Refused(Set<String> nothing) implements Treatment {}
    }

    private static final Treatment READ = new Treatment.Read();
    private static final Treatment REFUSED = new Treatment.Refused(Set.of("", "0", "false"));

    /** Members of a structure that asks for something by being there at all. */
    private static final Treatment ALWAYS_REFUSED = new Treatment.Refused(Set.of());

    /** What every request has beside its action's own parameters; signatures of every version among it. */
    private static final Set<String> COMMON = Set.of(
            "Action",
            "Version",
            "AWSAccessKeyId",
            "Expires",
            "SecurityToken",
            "Signature",
            "SignatureMethod",
            "SignatureVersion",
            "Timestamp");

    private static final String COMMON_PREFIX = "X-Amz-";
    private static final Pattern INDEX = Pattern.compile("[0-9]{1,9}");

    private static final Map<String, Treatment> TABLE = table();

    private LaunchMembers() {}

    private static Map<String, Treatment> table() {
        var table = new TreeMap<String, Treatment>();
        all(
                table,
                READ,
                "ImageId InstanceType MinCount MaxCount KeyName SubnetId PrivateIpAddress KernelId RamdiskId UserData",
                "SecurityGroupId.N SecurityGroup.N ClientToken DryRun",
                "DisableApiTermination DisableApiStop InstanceInitiatedShutdownBehavior",
                "Placement.AvailabilityZone CreditSpecification.CpuCredits",
                "MetadataOptions.HttpTokens MetadataOptions.HttpPutResponseHopLimit",
                "MetadataOptions.InstanceMetadataTags",
                "TagSpecification.N.ResourceType TagSpecification.N.Tag.N.Key TagSpecification.N.Tag.N.Value",
                // the historical tools' --addressing, of the versions before VPCs
                "AddressingType");
        under(
                table,
                READ,
                "BlockDeviceMapping.N.",
                "DeviceName VirtualName NoDevice",
                "Ebs.SnapshotId Ebs.VolumeSize Ebs.VolumeType Ebs.DeleteOnTermination",
                "Ebs.Iops Ebs.Throughput Ebs.Encrypted Ebs.KmsKeyId");
        under(
                table,
                READ,
                "NetworkInterface.N.",
                "AssociatePublicIpAddress Description SecurityGroupId.N SubnetId",
                "PrivateIpAddress PrivateIpAddresses.N.Primary PrivateIpAddresses.N.PrivateIpAddress");

        only(table, "Placement.Tenancy", "default");
        only(table, "Monitoring.Enabled", "false");
        only(table, "MetadataOptions.HttpEndpoint", "enabled");
        only(table, "MetadataOptions.HttpProtocolIpv6", "disabled");
        only(table, "HibernationOptions.Configured", "false");
        only(table, "EnclaveOptions.Enabled", "false");
        only(table, "PrivateDnsNameOptions.HostnameType", "ip-name");
        only(table, "PrivateDnsNameOptions.EnableResourceNameDnsARecord", "false");
        only(table, "PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord", "false");
        only(table, "EbsOptimized", "false");
        only(table, "CpuOptions.AmdSevSnp", "disabled");
        only(table, "CpuOptions.NestedVirtualization", "disabled");
        only(table, "NetworkPerformanceOptions.BandwidthWeighting", "default");
        // An open reservation that fits is used, and here is none.
        only(table, "CapacityReservationSpecification.CapacityReservationPreference", "open", "none");
        // AWS moves an instance off a host that fails; here is one host, and either value says the same.
        only(table, "MaintenanceOptions.AutoRecovery", "default", "disabled");
        only(table, "BlockDeviceMapping.N.Ebs.EbsCardIndex", "0");
        only(table, "NetworkInterface.N.DeviceIndex", "0");
        only(table, "NetworkInterface.N.NetworkCardIndex", "0");
        only(table, "NetworkInterface.N.InterfaceType", "interface");
        only(table, "NetworkInterface.N.DeleteOnTermination", "true");

        all(
                table,
                REFUSED,
                "AdditionalInfo Operator.Principal EnablePrimaryIpv6 Ipv6AddressCount",
                "Ipv6Address.N.Ipv6Address Ipv6Address.N.IsPrimaryIpv6",
                "IamInstanceProfile.Arn IamInstanceProfile.Name",
                "LaunchTemplate.LaunchTemplateId LaunchTemplate.LaunchTemplateName LaunchTemplate.Version",
                "LicenseSpecification.N.LicenseConfigurationArn ElasticGpuSpecification.N.Type",
                "ElasticInferenceAccelerator.N.Type ElasticInferenceAccelerator.N.Count",
                "CpuOptions.CoreCount CpuOptions.ThreadsPerCore");
        under(
                table,
                REFUSED,
                "CapacityReservationSpecification.CapacityReservationTarget.",
                "CapacityReservationId CapacityReservationResourceGroupArn");
        under(
                table,
                REFUSED,
                "InstanceMarketOptions.",
                "MarketType SpotOptions.MaxPrice SpotOptions.SpotInstanceType SpotOptions.BlockDurationMinutes",
                "SpotOptions.ValidUntil SpotOptions.InstanceInterruptionBehavior");
        under(
                table,
                REFUSED,
                "Placement.",
                "Affinity AvailabilityZoneId GroupId GroupName HostId HostResourceGroupArn PartitionNumber SpreadDomain");
        under(
                table,
                ALWAYS_REFUSED,
                "SecondaryInterface.N.",
                "DeleteOnTermination DeviceIndex PrivateIpAddress.N.PrivateIpAddress PrivateIpAddressCount",
                "SecondarySubnetId InterfaceType NetworkCardIndex");
        under(
                table,
                REFUSED,
                "BlockDeviceMapping.N.Ebs.",
                "OutpostArn AvailabilityZone AvailabilityZoneId VolumeInitializationRate");
        under(
                table,
                REFUSED,
                "NetworkInterface.N.",
                "NetworkInterfaceId SecondaryPrivateIpAddressCount AssociateCarrierIpAddress EnaQueueCount",
                "Ipv6AddressCount Ipv6Addresses.N.Ipv6Address Ipv6Addresses.N.IsPrimaryIpv6 PrimaryIpv6",
                "Ipv4PrefixCount Ipv4Prefix.N.Ipv4Prefix Ipv6PrefixCount Ipv6Prefix.N.Ipv6Prefix",
                "EnaSrdSpecification.EnaSrdEnabled EnaSrdSpecification.EnaSrdUdpSpecification.EnaSrdUdpEnabled",
                "ConnectionTrackingSpecification.TcpEstablishedTimeout",
                "ConnectionTrackingSpecification.UdpStreamTimeout ConnectionTrackingSpecification.UdpTimeout");
        return Map.copyOf(table);
    }

    private static void all(Map<String, Treatment> table, Treatment treatment, String... names) {
        under(table, treatment, "", names);
    }

    private static void under(Map<String, Treatment> table, Treatment treatment, String prefix, String... names) {
        for (String line : names) {
            for (String name : line.split(" ", -1)) {
                table.put(prefix + name, treatment);
            }
        }
    }

    private static void only(Map<String, Treatment> table, String name, String... values) {
        table.put(name, new Treatment.Only(Set.of(values)));
    }

    /** The whole table, by the members' names. */
    static Map<String, Treatment> treatments() {
        return TABLE;
    }

    /**
     * Goes through all that a request names.
     *
     * @throws Ec2Exception for a parameter that is none, one that asks for what cannot be had here, and for a list with gaps,
     *     of which a part would not be seen
     */
    static void check(QueryRequest request) {
        var indexes = new HashMap<String, Set<Integer>>();
        for (String name : request.names()) {
            if (!COMMON.contains(name) && !name.startsWith(COMMON_PREFIX)) {
                check(name, String.valueOf(request.get(name)), indexes);
            }
        }
        indexes.forEach((list, found) -> {
            for (int i = 1; i <= found.size(); i++) {
                if (!found.contains(i)) {
                    throw Ec2Error.INVALID_PARAMETER_VALUE.because("The items of the list " + list
                            + " are numbered from 1 without gaps: " + list + "." + i + " is missing.");
                }
            }
        });
    }

    private static void check(String name, String value, Map<String, Set<Integer>> indexes) {
        switch (TABLE.get(member(name, indexes))) {
            case null -> throw Ec2Error.UNKNOWN_PARAMETER.because("The parameter " + name + " is not recognized");
            case Treatment.Read() -> {}
            case Treatment.Only(var values) -> {
                if (!value.isEmpty() && values.stream().noneMatch(value::equalsIgnoreCase)) {
                    throw Ec2Error.UNSUPPORTED_OPERATION.because(name + "=" + value + " is not supported: only "
                            + String.join(" or ", new TreeSet<>(values)) + " is.");
                }
            }
            case Treatment.Refused(var nothing) -> {
                if (nothing.stream().noneMatch(value::equalsIgnoreCase)) {
                    throw Ec2Error.UNSUPPORTED_OPERATION.because(name + " is not supported.");
                }
            }
        }
    }

    /** The member that a parameter belongs to; the indexes on the way are noted. */
    private static String member(String name, Map<String, Set<Integer>> indexes) {
        String[] words = name.split("\\.", -1);
        var member = new StringBuilder();
        for (int i = 0; i < words.length; i++) {
            if (i > 0 && INDEX.matcher(words[i]).matches()) {
                String list = String.join(".", Arrays.copyOf(words, i));
                indexes.computeIfAbsent(list, _ -> new TreeSet<>()).add(Integer.valueOf(words[i]));
                member.append(".N");
            } else if (!words[i].equals("member")) { // the spelling of the other Query services
                member.append(i == 0 ? "" : ".").append(words[i]);
            }
        }
        return member.toString();
    }
}
