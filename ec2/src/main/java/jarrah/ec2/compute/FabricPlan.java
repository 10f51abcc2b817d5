package jarrah.ec2.compute;

import jarrah.ec2.fabric.FabricState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the fabric is to make true, worked out from the records. */
final class FabricPlan {
    private FabricPlan() {}

    /**
     * The fabric of all VPCs that have an instance on the network.
     *
     * @param groups of all accounts
     */
    static FabricState of(
            Collection<Network> networks, Collection<Instance> instances, Collection<SecurityGroup> groups) {
        Map<String, List<Instance>> connected = new TreeMap<>();
        instances.stream()
                .filter(Instance::connected)
                .forEach(instance -> connected
                        .computeIfAbsent(instance.network().vpcId(), _ -> new ArrayList<>())
                        .add(instance));
        var vpcs = new ArrayList<FabricState.Vpc>();
        for (Network network : networks) {
            List<Instance> here = connected.getOrDefault(network.vpcId(), List.of());
            if (!here.isEmpty()) {
                vpcs.add(vpc(network, here, groups));
            }
        }
        return new FabricState(List.copyOf(vpcs));
    }

    private static FabricState.Vpc vpc(Network network, List<Instance> here, Collection<SecurityGroup> groups) {
        return new FabricState.Vpc(
                network.vpcId(),
                Network.VPC_CIDR,
                network.subnets().stream()
                        .map(subnet -> new FabricState.Subnet(subnet.id(), subnet.cidr()))
                        .toList(),
                here.stream().map(FabricPlan::nic).toList(),
                groups.stream()
                        .filter(group -> group.vpcId().equals(network.vpcId()))
                        .map(FabricPlan::group)
                        .toList());
    }

    private static FabricState.Nic nic(Instance instance) {
        Instance.Card card = instance.network();
        return new FabricState.Nic(
                card.nicId(),
                instance.id(),
                card.subnetId(),
                card.mac(),
                card.privateAddress(),
                card.publicAddress(),
                card.groupIds(),
                "ip-" + card.privateAddress().replace('.', '-'));
    }

    private static FabricState.Group group(SecurityGroup group) {
        return new FabricState.Group(
                group.id(),
                group.ingress().stream().flatMap(rule -> rule(rule).stream()).toList(),
                group.egress().stream().flatMap(rule -> rule(rule).stream()).toList());
    }

    /** A rule in numbers; empty for one whose protocol has none here. */
    private static Optional<FabricState.Rule> rule(SecurityGroup.Rule rule) {
        int protocol = switch (rule.protocol()) {
            case "-1" -> -1;
            case "icmp" -> 1;
            case "tcp" -> 6;
            case "udp" -> 17;
            default -> Integer.parseInt(rule.protocol());
        };
        FabricState.Peer peer = rule.cidr().isPresent()
                ? new FabricState.Peer.Cidr(rule.cidr().get())
                : new FabricState.Peer.Members(rule.groupId().orElseThrow());
        return Optional.of(new FabricState.Rule(protocol, rule.from(), rule.to(), peer));
    }
}
