package jarrah.ec2.fabric;

import jarrah.ec2.fabric.FabricState.Nic;
import jarrah.ec2.fabric.FabricState.Subnet;
import jarrah.ec2.fabric.FabricState.Vpc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What has to be in the kernel for a state: pure, decided without looking.
 *
 * <p>Links: the public pool's first address is the host's end of the pair to the router, the second the router's. Each VPC
 * has a link address of its own in 169.254.64.0/18, known to the router and to nobody else.
 *
 * @param parts in the order of making
 * @param filters the packet filter of each namespace, as text for {@code nft}; the host's own is under the empty name
 */
record FabricPlan(List<Part> parts, Map<String, String> filters) {
    /** Addresses at the start of the pool that are the fabric's own, and one at its end: as in a subnet of AWS. */
    static final int RESERVED = 4;

    /** The router's address on each of its links to VPCs. */
    static final String LINK_GATEWAY = "169.254.64.1";

    /** Link addresses of VPCs; outgoing traffic without a public address shows them to the router. */
    static final String LINKS = "169.254.64.0/18";

    static final int MAX_LINK = 16_000;

    /**
     * The plan.
     *
     * @param pool the public pool, a /24
     * @param links the number of each VPC's link, from 1 to {@link #MAX_LINK}, lasting as long as the VPC
     */
    static FabricPlan of(
            FabricState state, FabricNames names, Ipv4Range pool, FabricSettings settings, Map<String, Integer> links) {
        var parts = new ArrayList<Part>();
        var filters = new LinkedHashMap<String, String>();
        addRouter(parts, names, pool);
        for (Vpc vpc : state.vpcs()) {
            addVpc(parts, vpc, names, pool, settings, linkAddress(links.getOrDefault(vpc.id(), 0)));
            filters.put(names.namespace(vpc.id()), VpcFilter.text(vpc, names, settings.egress()));
        }
        filters.put(names.router(), RouterFilter.router(pool, settings.egress()));
        if (settings.egress()) {
            parts.add(new Part.HostTable(names.hostTable()));
            filters.put("", RouterFilter.host(names, pool));
        }
        return new FabricPlan(List.copyOf(parts), filters);
    }

    static String linkAddress(int number) {
        if (number < 1 || number > MAX_LINK) {
            throw new IllegalArgumentException("a VPC has no link: " + number);
        }
        return Ipv4Range.format(Ipv4Range.parseAddress(LINK_GATEWAY) + number);
    }

    private static void addRouter(List<Part> parts, FabricNames names, Ipv4Range pool) {
        String host = Ipv4Range.format(pool.plus(1));
        String router = Ipv4Range.format(pool.plus(2));
        parts.add(new Part.Namespace(names.router()));
        parts.add(new Part.Up(names.router(), "lo"));
        parts.add(new Part.Pair("", names.hostDevice(), names.router(), FabricNames.ROUTER_TO_HOST));
        parts.add(new Part.Address("", names.hostDevice(), host, router));
        parts.add(new Part.Route("", pool.toString(), router, names.hostDevice(), host));
        parts.add(new Part.Address(names.router(), FabricNames.ROUTER_TO_HOST, router, host));
        parts.add(new Part.Route(names.router(), "default", host, FabricNames.ROUTER_TO_HOST, ""));
        parts.add(new Part.Route(names.router(), pool.toString(), "", "", ""));
    }

    private static void addVpc(
            List<Part> parts, Vpc vpc, FabricNames names, Ipv4Range pool, FabricSettings settings, String link) {
        if (!vpc.id().matches("[A-Za-z0-9-]{1,64}")) { // it becomes a file's name and a word of commands
            throw new IllegalArgumentException(vpc.id() + " is not an id");
        }
        String namespace = names.namespace(vpc.id());
        String routerDevice = names.routerDevice(vpc.id());
        parts.add(new Part.Namespace(namespace));
        parts.add(new Part.Up(namespace, "lo"));
        parts.add(new Part.Pair(names.router(), routerDevice, namespace, FabricNames.UPLINK));
        parts.add(new Part.Address(names.router(), routerDevice, LINK_GATEWAY, link));
        parts.add(new Part.Address(namespace, FabricNames.UPLINK, link, LINK_GATEWAY));
        parts.add(new Part.Route(namespace, "default", LINK_GATEWAY, FabricNames.UPLINK, ""));
        parts.add(new Part.Route(namespace, Ipv4Range.parse(vpc.cidr()).toString(), "", "", ""));
        addServices(parts, vpc, namespace, settings);
        for (Nic nic : vpc.nics()) {
            addNic(parts, nic, namespace, names.tap(vpc.id(), nic.id()));
            nic.publicAddress().ifPresent(address -> {
                int number = Ipv4Range.parseAddress(address);
                if (!pool.contains(number) || number - pool.base() < RESERVED || number == pool.plus(255)) {
                    throw new IllegalArgumentException(address + " is not for cards in the public pool " + pool);
                }
                parts.add(new Part.Route(names.router(), Ipv4Range.format(number), link, routerDevice, ""));
            });
        }
    }

    private static void addServices(List<Part> parts, Vpc vpc, String namespace, FabricSettings settings) {
        parts.add(new Part.Address(namespace, "lo", ServiceAddresses.METADATA, ""));
        parts.add(new Part.Address(namespace, "lo", ServiceAddresses.NAME_SERVER, ""));
        parts.add(new Part.Address(namespace, "lo", ServiceAddresses.API, ""));
        for (String address : ServiceAddresses.ofPeers(settings.peers()).values()) {
            parts.add(new Part.Address(namespace, "lo", address, ""));
        }
        for (Subnet subnet : vpc.subnets()) {
            var range = Ipv4Range.parse(subnet.cidr());
            parts.add(new Part.Address(namespace, "lo", Ipv4Range.format(range.plus(1)), ""));
            parts.add(new Part.Address(namespace, "lo", Ipv4Range.format(range.plus(2)), ""));
        }
    }

    private static void addNic(List<Part> parts, Nic nic, String namespace, String tap) {
        String address = Ipv4Range.format(Ipv4Range.parseAddress(nic.address()));
        parts.add(new Part.Tap(namespace, tap));
        parts.add(new Part.Route(namespace, address, "", tap, ""));
        parts.add(new Part.Neighbour(namespace, address, mac(nic), tap));
    }

    /** The card's hardware address, known to be one. */
    static String mac(Nic nic) {
        if (!nic.mac().matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")) {
            throw new IllegalArgumentException(nic.mac() + " is not a MAC address");
        }
        return nic.mac().toLowerCase(java.util.Locale.ROOT);
    }
}
