/**
 * The network of a region: a namespace for each VPC, routed taps, security groups as packet filter rules, public
 * addresses, DHCP and DNS, and what guests may reach on the host.
 *
 * <p>Start with {@link jarrah.ec2.fabric.NetworkFabric}: it is told the whole desired state, again and again, and makes it
 * so.
 */
@NullMarked
package jarrah.ec2.fabric;

import org.jspecify.annotations.NullMarked;
