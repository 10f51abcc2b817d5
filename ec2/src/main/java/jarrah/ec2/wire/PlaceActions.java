package jarrah.ec2.wire;

import jarrah.aws.XmlWriter;
import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.ComputeSettings;
import jarrah.ec2.compute.Ec2Error;
import jarrah.ec2.compute.InstanceType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** Regions, zones, instance types. */
final class PlaceActions {
    /** The most types of a page, as AWS has it. */
    private static final int MAX_TYPES = 100;

    private final Compute compute;
    private final ComputeSettings settings;
    private final Page.Tokens tokens;
    private final Filters<Region> regionFilters = new Filters<Region>(_ -> Map.of())
            .by("region-name", Region::name)
            .by("endpoint", Region::endpoint)
            .by("opt-in-status", _ -> "opt-in-not-required");
    private final Filters<String> zoneFilters;
    private final Filters<InstanceType> typeFilters = new Filters<InstanceType>(_ -> Map.of())
            .by("instance-type", InstanceType::name)
            .by("processor-info.supported-architecture", _ -> "x86_64")
            .by("current-generation", type -> Boolean.toString(isCurrent(type)))
            .by(
                    "instance-storage-supported",
                    type -> Boolean.toString(!type.ephemeralGigabytes().isEmpty()))
            .by("vcpu-info.default-vcpus", type -> Integer.toString(type.cpus()))
            .by("memory-info.size-in-mib", type -> Integer.toString(type.memoryMebibytes()));

    private record Region(String name, String endpoint) {}

    PlaceActions(Compute compute, Page.Tokens tokens) {
        this.compute = compute;
        this.tokens = tokens;
        settings = compute.settings();
        zoneFilters = new Filters<String>(_ -> Map.of())
                .by("zone-name", zone -> zone)
                .by("zone-id", this::zoneId)
                .by("state", _ -> "available")
                .by("region-name", _ -> settings.region())
                .by("zone-type", _ -> "availability-zone")
                .by("opt-in-status", _ -> "opt-in-not-required");
    }

    void register(Map<String, Ec2Actions.Action> actions) {
        actions.put("DescribeRegions", this::regions);
        actions.put("DescribeAvailabilityZones", this::zones);
        actions.put("DescribeInstanceTypes", this::types);
        actions.put("DescribeInstanceTypeOfferings", this::offerings);
    }

    private byte[] regions(Ec2Call call) {
        var all = new ArrayList<Region>();
        all.add(new Region(settings.region(), compute.endpoint()));
        settings.peers().forEach(peer -> all.add(new Region(peer.region(), peer.host() + ":" + peer.port())));
        List<String> wanted = call.list("RegionName");
        for (String name : wanted) {
            if (all.stream().noneMatch(region -> region.name().equals(name))) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.because("Invalid region name: [" + name + "]");
            }
        }
        call.endOfDryRun();
        List<Region> shown = regionFilters.apply(call, all).stream()
                .filter(region -> wanted.isEmpty() || wanted.contains(region.name()))
                .toList();
        return call.answer(xml -> Ec2Call.items(
                xml,
                "regionInfo",
                shown,
                region -> xml.text("regionName", region.name())
                        .text("regionEndpoint", region.endpoint())
                        .text("optInStatus", "opt-in-not-required")));
    }

    /** An id that does not change with the order in which accounts see zones: there is but one order here. */
    private String zoneId(String zone) {
        return "jar1-az" + (settings.zones().indexOf(zone) + 1);
    }

    private byte[] zones(Ec2Call call) {
        List<String> names = call.list("ZoneName");
        List<String> ids = call.list("ZoneId");
        var known = new HashSet<String>(settings.zones());
        settings.zones().forEach(zone -> known.add(zoneId(zone)));
        for (String name : names) {
            if (!settings.zones().contains(name)) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.because("Invalid availability zone: [" + name + "]");
            }
        }
        for (String id : ids) {
            if (!known.contains(id)) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.because("Invalid availability zone-id: [" + id + "]");
            }
        }
        call.endOfDryRun();
        List<String> shown = zoneFilters.apply(call, settings.zones()).stream()
                .filter(zone -> names.isEmpty() || names.contains(zone))
                .filter(zone -> ids.isEmpty() || ids.contains(zoneId(zone)))
                .toList();
        return call.answer(xml -> Ec2Call.items(xml, "availabilityZoneInfo", shown, zone -> {
            xml.text("zoneName", zone)
                    .text("zoneId", zoneId(zone))
                    .text("zoneState", "available")
                    .text("regionName", settings.region())
                    .text("zoneType", "availability-zone")
                    .text("groupName", settings.region())
                    .text("networkBorderGroup", settings.region())
                    .text("optInStatus", "opt-in-not-required");
            xml.start("messageSet").end();
        }));
    }

    private static boolean isCurrent(InstanceType type) {
        return type.name().matches("(t2|t3|m4|m5|m5d|c5|c5d|r5)\\..*");
    }

    private byte[] types(Ec2Call call) {
        List<String> wanted = call.list("InstanceType");
        wanted.forEach(InstanceType::require);
        call.endOfDryRun();
        List<InstanceType> shown = typeFilters.apply(call, InstanceType.all()).stream()
                .filter(type -> wanted.isEmpty() || wanted.contains(type.name()))
                .toList();
        var page = Page.of(call, tokens, shown, InstanceType::name, !wanted.isEmpty(), MAX_TYPES);
        return call.answer(xml -> {
            Ec2Call.items(xml, "instanceTypeSet", page.items(), type -> type(xml, type));
            page.writeNext(xml);
        });
    }

    private static void type(XmlWriter xml, InstanceType type) {
        xml.text("instanceType", type.name())
                .text("currentGeneration", isCurrent(type))
                .text("freeTierEligible", false)
                .text("bareMetal", false)
                .text("hypervisor", "xen")
                .text("instanceStorageSupported", !type.ephemeralGigabytes().isEmpty())
                .text("hibernationSupported", false)
                .text("burstablePerformanceSupported", type.burstable())
                .text("dedicatedHostsSupported", false)
                .text("autoRecoverySupported", false);
        Ec2Call.items(xml, "supportedUsageClasses", List.of("on-demand"), xml::content);
        Ec2Call.items(xml, "supportedRootDeviceTypes", List.of("ebs", "instance-store"), xml::content);
        Ec2Call.items(xml, "supportedVirtualizationTypes", List.of("hvm", "paravirtual"), xml::content);
        Ec2Call.items(xml, "supportedBootModes", List.of("legacy-bios"), xml::content);
        xml.start("processorInfo");
        Ec2Call.items(xml, "supportedArchitectures", List.of("i386", "x86_64"), xml::content);
        xml.end();
        xml.start("vCpuInfo")
                .text("defaultVCpus", type.cpus())
                .text("defaultCores", type.cpus())
                .text("defaultThreadsPerCore", 1)
                .end();
        xml.start("memoryInfo").text("sizeInMiB", type.memoryMebibytes()).end();
        if (!type.ephemeralGigabytes().isEmpty()) {
            xml.start("instanceStorageInfo")
                    .text(
                            "totalSizeInGB",
                            type.ephemeralGigabytes().stream().mapToInt(i -> i).sum());
            Ec2Call.items(
                    xml,
                    "disks",
                    List.of(type.ephemeralGigabytes()),
                    disks -> xml.text("sizeInGB", disks.getFirst())
                            .text("count", disks.size())
                            .text("type", "hdd"));
            xml.end();
        }
        xml.start("ebsInfo")
                .text("ebsOptimizedSupport", "unsupported")
                .text("encryptionSupport", "unsupported")
                .text("nvmeSupport", "supported")
                .end();
        xml.start("networkInfo")
                .text("networkPerformance", "Moderate")
                .text("maximumNetworkInterfaces", 1)
                .text("maximumNetworkCards", 1)
                .text("defaultNetworkCardIndex", 0)
                .text("ipv4AddressesPerInterface", 1)
                .text("ipv6AddressesPerInterface", 0)
                .text("ipv6Supported", false)
                .text("enaSupport", "unsupported")
                .text("efaSupported", false)
                .end();
        xml.start("placementGroupInfo").start("supportedStrategies").end().end();
    }

    private byte[] offerings(Ec2Call call) {
        String kind = call.optional("LocationType").orElse("region");
        List<String> places = switch (kind) {
            case "region" -> List.of(settings.region());
            case "availability-zone" -> settings.zones();
            case "availability-zone-id" ->
                settings.zones().stream().map(this::zoneId).toList();
            default -> throw Ec2Error.INVALID_PARAMETER_VALUE.because("Invalid value '" + kind + "' for LocationType.");
        };
        record Offering(String type, String place) {}
        var all = new ArrayList<Offering>();
        InstanceType.all().forEach(type -> places.forEach(place -> all.add(new Offering(type.name(), place))));
        var filters = new Filters<Offering>(_ -> Map.of())
                .by("instance-type", Offering::type)
                .by("location", Offering::place);
        call.endOfDryRun();
        var page = Page.of(
                call, tokens, filters.apply(call, all), offering -> offering.type() + " " + offering.place(), false);
        return call.answer(xml -> {
            Ec2Call.items(
                    xml,
                    "instanceTypeOfferingSet",
                    page.items(),
                    offering -> xml.text("instanceType", offering.type())
                            .text("locationType", kind)
                            .text("location", offering.place()));
            page.writeNext(xml);
        });
    }
}
