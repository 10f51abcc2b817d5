/**
 * The network of a region: a namespace for each VPC, routed taps, security groups as packet filter rules, public
 * addresses, DHCP and DNS, and what guests may reach on the host.
 *
 * <p>Start with {@link jarrah.ec2.fabric.NetworkFabric}: it is told the whole desired state, again and again, and makes it
 * so. {@link jarrah.ec2.fabric.Fabrics} chooses the kind: {@link jarrah.ec2.fabric.NamespaceFabric} for root,
 * {@link jarrah.ec2.fabric.UserModeFabric} elsewhere. What has to be in the kernel is decided by pure functions
 * ({@code FabricPlan}, {@code VpcFilter}, {@code RouterFilter}); DHCP, names, metadata and the API are served from this
 * process ({@code VpcServices}), by sockets that were made in the VPC's namespace. The picture is in
 * {@code docs/compute/network.md}.
 *
 * <p>Left out on purpose: IPv6, network ACLs, route tables that users write, peering of VPCs.
 */
@NullMarked
package jarrah.ec2.fabric;

import org.jspecify.annotations.NullMarked;
