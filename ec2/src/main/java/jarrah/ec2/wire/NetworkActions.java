package jarrah.ec2.wire;

import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.Ec2Error;
import jarrah.ec2.compute.Network;
import java.util.List;
import java.util.Map;

/** The default VPC and its subnets. */
final class NetworkActions {
    /** Addresses of a /20 that are not AWS's own. */
    private static final int SUBNET_ADDRESSES = 4_091;

    private final Compute compute;
    private final Page.Tokens tokens;
    private final Filters<Network> vpcFilters;

    NetworkActions(Compute compute, Page.Tokens tokens) {
        this.compute = compute;
        this.tokens = tokens;
        vpcFilters = new Filters<Network>(network -> compute.tags().of(network.accountId(), network.vpcId()))
                .by("vpc-id", Network::vpcId)
                .by("cidr", _ -> Network.VPC_CIDR)
                .by("cidr-block-association.cidr-block", _ -> Network.VPC_CIDR)
                .by("state", _ -> "available")
                .by("owner-id", Network::accountId)
                .by("is-default", _ -> "true")
                .by("isDefault", _ -> "true");
    }

    void register(Map<String, Ec2Actions.Action> actions) {
        actions.put("DescribeVpcs", this::vpcs);
        actions.put("DescribeSubnets", this::subnets);
    }

    private byte[] vpcs(Ec2Call call) {
        Network network = compute.networks().of(call.accountId());
        List<String> ids = call.list("VpcId");
        for (String id : ids) {
            if (!id.equals(network.vpcId())) {
                throw Ec2Error.VPC_NOT_FOUND.because("The vpc ID '" + id + "' does not exist");
            }
        }
        call.endOfDryRun();
        List<Network> shown = vpcFilters.apply(call, List.of(network));
        var page = Page.of(call, tokens, shown, Network::vpcId, !ids.isEmpty());
        return call.answer(xml -> {
            Ec2Call.items(xml, "vpcSet", page.items(), vpc -> {
                xml.text("vpcId", vpc.vpcId())
                        .text("ownerId", vpc.accountId())
                        .text("state", "available")
                        .text("cidrBlock", Network.VPC_CIDR)
                        .text("instanceTenancy", "default")
                        .text("isDefault", true);
                Ec2Call.tagSet(xml, compute.tags().of(vpc.accountId(), vpc.vpcId()));
            });
            page.writeNext(xml);
        });
    }

    private byte[] subnets(Ec2Call call) {
        Network network = compute.networks().of(call.accountId());
        List<String> ids = call.list("SubnetId");
        for (String id : ids) {
            if (network.subnets().stream().noneMatch(subnet -> subnet.id().equals(id))) {
                throw Ec2Error.SUBNET_NOT_FOUND.because("The subnet ID '" + id + "' does not exist");
            }
        }
        call.endOfDryRun();
        var filters = new Filters<Network.Subnet>(subnet -> compute.tags().of(call.accountId(), subnet.id()))
                .by("subnet-id", Network.Subnet::id)
                .by("vpc-id", _ -> network.vpcId())
                .by("availability-zone", Network.Subnet::zone)
                .by("cidr-block", Network.Subnet::cidr)
                .by("cidrBlock", Network.Subnet::cidr)
                .by("state", _ -> "available")
                .by("default-for-az", _ -> "true")
                .by("defaultForAz", _ -> "true")
                .by("map-public-ip-on-launch", _ -> "true")
                .by("owner-id", _ -> call.accountId());
        List<Network.Subnet> shown = filters.apply(call, network.subnets()).stream()
                .filter(subnet -> ids.isEmpty() || ids.contains(subnet.id()))
                .toList();
        var page = Page.of(call, tokens, shown, Network.Subnet::id, !ids.isEmpty());
        long[] used = page.items().stream()
                .mapToLong(subnet -> compute.instances().list(call.accountId()).stream()
                        .filter(instance -> instance.network().subnetId().equals(subnet.id()))
                        .count())
                .toArray();
        return call.answer(xml -> {
            Ec2Call.items(xml, "subnetSet", page.items(), subnet -> {
                xml.text("subnetId", subnet.id())
                        .text("state", "available")
                        .text("vpcId", network.vpcId())
                        .text("ownerId", call.accountId())
                        .text("cidrBlock", subnet.cidr())
                        .text(
                                "availableIpAddressCount",
                                SUBNET_ADDRESSES - used[page.items().indexOf(subnet)])
                        .text("availabilityZone", subnet.zone())
                        .text("defaultForAz", true)
                        .text("mapPublicIpOnLaunch", true)
                        .text("assignIpv6AddressOnCreation", false);
                Ec2Call.tagSet(xml, compute.tags().of(call.accountId(), subnet.id()));
            });
            page.writeNext(xml);
        });
    }
}
