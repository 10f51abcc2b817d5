package jarrah.ec2.fabric;

import java.util.List;
import java.util.Optional;

/** All that the fabric is to make true. Two VPCs may use the same addresses: a card is known by VPC and address. */
public record FabricState(List<Vpc> vpcs) {
    /** A VPC with everything in it. */
    public record Vpc(String id, String cidr, List<Subnet> subnets, List<Nic> nics, List<Group> groups) {}

    /** A subnet; its first address is the router's, the second the name server's. */
    public record Subnet(String id, String cidr) {}

    /**
     * A network card.
     *
     * @param id {@code eni-...}
     * @param address its private IPv4 address
     * @param publicAddress an address of the fabric's public pool, mapped one to one
     * @param groupIds security groups of the same VPC
     * @param hostName the name that DHCP hands out, without domain
     */
    public record Nic(
            String id,
            String instanceId,
            String subnetId,
            String mac,
            String address,
            Optional<String> publicAddress,
            List<String> groupIds,
            String hostName) {}

    /** A security group. What no rule allows is dropped; answers to what was allowed pass. */
    public record Group(String id, List<Rule> ingress, List<Rule> egress) {}

    /**
     * A rule of a group.
     *
     * @param protocol an IP protocol number, -1 for all
     * @param from for TCP and UDP the first port, for ICMP the type; -1 for all
     * @param to for TCP and UDP the last port, for ICMP the code; -1 for all
     */
    public record Rule(int protocol, int from, int to, Peer peer) {}

    /** Who a rule is about. */
    public sealed interface Peer {
        /** Addresses, as IPv4 CIDR. */
        record Cidr(String cidr) implements Peer {}

        /** The cards of a group of the same VPC. */
        record Members(String groupId) implements Peer {}
    }
}
