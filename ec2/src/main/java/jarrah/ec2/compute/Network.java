package jarrah.ec2.compute;

import java.util.List;

/**
 * An account's default VPC: AWS gives every account one in each region, with a subnet in each zone.
 *
 * @param vpcId the VPC; its addresses are {@link #VPC_CIDR}, as everywhere
 * @param defaultGroupId the group of instances that name none
 */
public record Network(String accountId, String vpcId, String defaultGroupId, List<Subnet> subnets) {
    /** The default VPC's addresses, in every region and account. */
    public static final String VPC_CIDR = "172.31.0.0/16";

    /** A default subnet. */
    public record Subnet(String id, String zone, String cidr) {
        /** The part of the address that the subnet's addresses share, e.g. {@code 172.31.16.} for {@code 172.31.16.0/20}. */
        int base() {
            return Addresses.parse(cidr.substring(0, cidr.indexOf('/')));
        }
    }
}
