package jarrah.ec2.compute;

import java.util.List;
import java.util.Optional;

/**
 * A security group. Rules of both directions are kept in the order in which they were made.
 *
 * @param name unique in its VPC
 */
public record SecurityGroup(
        String id,
        String accountId,
        String vpcId,
        String name,
        String description,
        List<Rule> ingress,
        List<Rule> egress) {
    public SecurityGroup {
        ingress = List.copyOf(ingress);
        egress = List.copyOf(egress);
    }

    /**
     * A rule for one peer.
     *
     * @param id {@code sgr-...}
     * @param protocol {@code tcp}, {@code udp}, {@code icmp}, {@code -1} for all, or a protocol's number
     * @param from first port or ICMP type, -1 for all
     * @param to last port or ICMP code, -1 for all
     * @param cidr the addresses; empty if the peer is a group
     * @param groupId the group; empty if the peer is a block of addresses
     */
    public record Rule(
            String id,
            String protocol,
            int from,
            int to,
            Optional<String> cidr,
            Optional<String> groupId,
            Optional<String> description) {
        /** Whether both allow the same, whatever their ids and descriptions. */
        boolean sameAs(Rule other) {
            return protocol.equals(other.protocol)
                    && from == other.from
                    && to == other.to
                    && cidr.equals(other.cidr)
                    && groupId.equals(other.groupId);
        }

        /** Whether it has ports or ICMP types. */
        public boolean hasPorts() {
            return protocol.equals("tcp") || protocol.equals("udp") || protocol.equals("icmp");
        }
    }

    /** The rules of a direction. */
    public List<Rule> rules(boolean ofEgress) {
        return ofEgress ? egress : ingress;
    }

    SecurityGroup with(boolean ofEgress, List<Rule> rules) {
        return new SecurityGroup(
                id, accountId, vpcId, name, description, ofEgress ? ingress : rules, ofEgress ? rules : egress);
    }
}
