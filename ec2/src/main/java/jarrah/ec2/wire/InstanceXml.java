package jarrah.ec2.wire;

import jarrah.aws.XmlWriter;
import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.Image;
import jarrah.ec2.compute.Instance;
import jarrah.ec2.compute.SecurityGroup;
import jarrah.ec2.compute.Volume;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** An instance as clients read it, and what it can be found by. */
final class InstanceXml {
    /** Shows the loopback address that leads to the guest's ssh where there are no public addresses. */
    private static final String SSH_TAG = "jarrah:ssh";

    private final Compute compute;

    InstanceXml(Compute compute) {
        this.compute = compute;
    }

    Filters<Instance> filters() {
        return new Filters<Instance>(this::tags)
                .by("instance-id", Instance::id)
                .by("image-id", instance -> instance.launch().imageId())
                .by("instance-type", instance -> instance.launch().type())
                .by("instance-state-name", instance -> instance.state().word())
                .by(
                        "instance-state-code",
                        instance -> Integer.toString(instance.state().code()))
                .by("availability-zone", instance -> instance.launch().zone())
                .by("architecture", instance -> instance.launch().architecture())
                .by("reservation-id", instance -> instance.launch().reservationId())
                .by("owner-id", Instance::accountId)
                .by("launch-time", instance -> Ec2Call.time(instance.started()))
                .by(
                        "launch-index",
                        instance -> Integer.toString(instance.launch().index()))
                .by("root-device-type", instance -> instance.launch().rootDeviceType())
                .by("root-device-name", instance -> instance.launch().rootDeviceName())
                .by("virtualization-type", instance -> instance.launch().virtualization())
                .by("hypervisor", _ -> "xen")
                .by("vpc-id", instance -> instance.network().vpcId())
                .by("subnet-id", instance -> instance.network().subnetId())
                .by("private-ip-address", instance -> instance.network().privateAddress())
                .by(
                        "private-dns-name",
                        instance -> compute.privateDnsName(instance.network().privateAddress()))
                .by(
                        "network-interface.network-interface-id",
                        instance -> instance.network().nicId())
                .byOptional("ip-address", instance -> instance.network().publicAddress())
                .byOptional("key-name", instance -> instance.launch().keyName())
                .byOptional("kernel-id", instance -> instance.launch().kernelId())
                .byOptional("ramdisk-id", instance -> instance.launch().ramdiskId())
                .byOptional("client-token", instance -> instance.launch().clientToken())
                .byOptional("state-reason-code", instance -> instance.reason().map(Instance.Reason::code))
                .byOptional("iam-instance-profile.arn", _ -> Optional.empty())
                .byOptional("instance-lifecycle", _ -> Optional.empty())
                .byAny("instance.group-id", instance -> instance.network().groupIds())
                .byAny("group-id", instance -> instance.network().groupIds())
                .byAny("instance.group-name", this::groupNames)
                .byAny("group-name", this::groupNames)
                .byAny(
                        "block-device-mapping.volume-id",
                        instance -> instance.devices().stream()
                                .flatMap(device -> device.volumeId().stream())
                                .toList())
                .byAny(
                        "block-device-mapping.device-name",
                        instance -> instance.devices().stream()
                                .map(Instance.Device::device)
                                .toList());
    }

    private List<String> groupNames(Instance instance) {
        return groups(instance).stream().map(SecurityGroup::name).toList();
    }

    private List<SecurityGroup> groups(Instance instance) {
        return compute.groups().list(instance.accountId()).stream()
                .filter(group -> instance.network().groupIds().contains(group.id()))
                .toList();
    }

    private Map<String, String> tags(Instance instance) {
        Map<String, String> tags = compute.tags().of(instance.accountId(), instance.id());
        Optional<String> ssh = compute.sshRelay(instance);
        if (ssh.isEmpty()) {
            return tags;
        }
        var more = new TreeMap<String, String>(tags);
        more.put(SSH_TAG, ssh.get());
        return more;
    }

    static void state(XmlWriter xml, String name, Instance.State state) {
        xml.start(name).text("code", state.code()).text("name", state.word()).end();
    }

    /** A reservation: the instances that one request launched. */
    void reservation(XmlWriter xml, List<Instance> instances) {
        Instance first = instances.getFirst();
        xml.text("reservationId", first.launch().reservationId()).text("ownerId", first.accountId());
        xml.start("groupSet").end();
        Map<String, Volume> volumes = compute.instances().volumes(first.accountId()).stream()
                .collect(Collectors.toMap(Volume::id, Function.identity()));
        Ec2Call.items(xml, "instancesSet", instances, instance -> instance(xml, instance, volumes));
    }

    private void instance(XmlWriter xml, Instance instance, Map<String, Volume> volumes) {
        Instance.Launch launch = instance.launch();
        Instance.Card card = instance.network();
        boolean gone = instance.state() == Instance.State.TERMINATED;
        xml.text("instanceId", instance.id()).text("imageId", launch.imageId());
        state(xml, "instanceState", instance.state());
        xml.text("privateDnsName", gone ? "" : compute.privateDnsName(card.privateAddress()));
        xml.text("dnsName", "");
        xml.text(
                "reason",
                instance.reason()
                        .map(reason -> reason.message().replaceFirst("^[A-Za-z.]+: ", "") + " ("
                                + Ec2Call.time(instance.changed()) + ")")
                        .orElse(""));
        Ec2Call.maybe(xml, "keyName", launch.keyName());
        xml.text("amiLaunchIndex", launch.index());
        xml.start("productCodes").end();
        xml.text("instanceType", launch.type()).text("launchTime", Ec2Call.time(instance.started()));
        xml.start("placement")
                .text("availabilityZone", launch.zone())
                .text("groupName", "")
                .text("tenancy", "default")
                .end();
        Ec2Call.maybe(xml, "kernelId", launch.kernelId());
        Ec2Call.maybe(xml, "ramdiskId", launch.ramdiskId());
        xml.start("monitoring").text("state", "disabled").end();
        if (!gone) {
            xml.text("subnetId", card.subnetId())
                    .text("vpcId", card.vpcId())
                    .text("privateIpAddress", card.privateAddress());
            Ec2Call.maybe(xml, "ipAddress", card.publicAddress());
        }
        xml.text("sourceDestCheck", true);
        groupSet(xml, instance);
        instance.reason()
                .ifPresent(reason -> xml.start("stateReason")
                        .text("code", reason.code())
                        .text("message", reason.message())
                        .end());
        xml.text("architecture", launch.architecture())
                .text("rootDeviceType", launch.rootDeviceType())
                .text("rootDeviceName", launch.rootDeviceName());
        devices(xml, instance, volumes);
        xml.text("virtualizationType", launch.virtualization())
                .text("clientToken", launch.clientToken().orElse(""))
                .text("hypervisor", "xen");
        Ec2Call.tagSet(xml, tags(instance));
        if (gone) {
            xml.start("networkInterfaceSet").end();
        } else {
            card(xml, instance);
        }
        settings(xml, instance);
    }

    private void groupSet(XmlWriter xml, Instance instance) {
        Ec2Call.items(
                xml,
                "groupSet",
                groups(instance),
                group -> xml.text("groupId", group.id()).text("groupName", group.name()));
    }

    private static void devices(XmlWriter xml, Instance instance, Map<String, Volume> volumes) {
        List<Volume> attached = instance.devices().stream()
                .flatMap(device -> device.volumeId().stream())
                .flatMap(id -> Optional.ofNullable(volumes.get(id)).stream())
                .filter(volume -> volume.attachment().isPresent())
                .toList();
        Ec2Call.items(xml, "blockDeviceMapping", attached, volume -> {
            Volume.Attachment to = volume.attachment().orElseThrow();
            xml.text("deviceName", to.device());
            xml.start("ebs")
                    .text("volumeId", volume.id())
                    .text("status", "attached")
                    .text("attachTime", Ec2Call.time(to.since()))
                    .text("deleteOnTermination", to.deleteOnTermination())
                    .end();
        });
    }

    private void card(XmlWriter xml, Instance instance) {
        Instance.Card card = instance.network();
        String dnsName = compute.privateDnsName(card.privateAddress());
        Ec2Call.items(xml, "networkInterfaceSet", List.of(card), nic -> {
            xml.text("networkInterfaceId", nic.nicId())
                    .text("subnetId", nic.subnetId())
                    .text("vpcId", nic.vpcId())
                    .text("description", nic.description().orElse(""))
                    .text("ownerId", instance.accountId())
                    .text("status", "in-use")
                    .text("macAddress", nic.mac())
                    .text("privateIpAddress", nic.privateAddress())
                    .text("privateDnsName", dnsName)
                    .text("sourceDestCheck", true)
                    .text("interfaceType", "interface");
            groupSet(xml, instance);
            xml.start("attachment")
                    .text("attachmentId", nic.attachmentId())
                    .text("deviceIndex", 0)
                    .text("networkCardIndex", 0)
                    .text("status", "attached")
                    .text("attachTime", Ec2Call.time(instance.started()))
                    .text("deleteOnTermination", true)
                    .end();
            association(xml, nic);
            Ec2Call.items(xml, "privateIpAddressesSet", List.of(nic), one -> {
                xml.text("privateIpAddress", one.privateAddress())
                        .text("privateDnsName", dnsName)
                        .text("primary", true);
                association(xml, one);
            });
        });
    }

    private static void association(XmlWriter xml, Instance.Card card) {
        card.publicAddress()
                .ifPresent(address -> xml.start("association")
                        .text("publicIp", address)
                        .text("publicDnsName", "")
                        .text("ipOwnerId", "amazon")
                        .end());
    }

    private void settings(XmlWriter xml, Instance instance) {
        xml.text("ebsOptimized", false);
        Optional<Image> image = compute.images().list(instance.accountId()).stream()
                .filter(one -> one.id().equals(instance.launch().imageId()))
                .findFirst();
        image.flatMap(Image::enaSupport).ifPresent(ena -> xml.text("enaSupport", ena));
        xml.start("cpuOptions")
                .text(
                        "coreCount",
                        jarrah.ec2.compute.InstanceType.require(
                                        instance.launch().type())
                                .cpus())
                .text("threadsPerCore", 1)
                .end();
        xml.start("capacityReservationSpecification")
                .text("capacityReservationPreference", "open")
                .end();
        xml.start("hibernationOptions").text("configured", false).end();
        xml.start("metadataOptions")
                .text("state", "applied")
                .text("httpTokens", instance.options().httpTokensRequired() ? "required" : "optional")
                .text("httpPutResponseHopLimit", instance.options().hopLimit())
                .text("httpEndpoint", "enabled")
                .text("httpProtocolIpv6", "disabled")
                .text("instanceMetadataTags", instance.options().tagsInMetadata() ? "enabled" : "disabled")
                .end();
        xml.start("enclaveOptions").text("enabled", false).end();
        xml.start("maintenanceOptions").text("autoRecovery", "disabled").end();
        xml.start("privateDnsNameOptions")
                .text("hostnameType", "ip-name")
                .text("enableResourceNameDnsARecord", false)
                .text("enableResourceNameDnsAAAARecord", false)
                .end();
    }
}
