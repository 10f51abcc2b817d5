package jarrah.ec2.compute;

import jarrah.storage.Kv;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Default VPCs, and the addresses in them. An account's VPC is made when it is first asked for. */
public final class Networks {
    /** The first four addresses and the last of a subnet are not for instances ("Subnet CIDR blocks"). */
    private static final int RESERVED_FIRST = 4;

    private final Kv kv;
    private final List<String> zones;
    private final Table<Network> networks = new Table<>("network", Network.class);
    private final Table<SecurityGroup> groups;
    private final Table<Holder> privateAddresses = new Table<>("private-address", Holder.class);
    private final Table<Holder> publicAddresses = new Table<>("public-address", Holder.class);

    /** Who has an address. */
    record Holder(String nicId, String accountId, String instanceId) {}

    Networks(Kv kv, List<String> zones, Table<SecurityGroup> groups) {
        this.kv = kv;
        this.zones = zones;
        this.groups = groups;
    }

    /** The account's default VPC. */
    public Network of(String accountId) {
        Network there = networks.get(kv, accountId);
        return there != null ? there : kv.transact(tx -> of(tx, accountId));
    }

    private Network of(Kv.Tx tx, String accountId) {
        Network there = networks.get(tx, accountId);
        if (there != null) {
            return there;
        }
        var subnets = new ArrayList<Network.Subnet>();
        for (int i = 0; i < zones.size(); i++) {
            subnets.add(new Network.Subnet(Ids.fresh("subnet"), zones.get(i), "172.31." + i * 16 + ".0/20"));
        }
        var network = new Network(accountId, Ids.fresh("vpc"), Ids.fresh("sg"), List.copyOf(subnets));
        networks.put(tx, network, accountId);
        groups.put(tx, defaultGroup(network), accountId, network.defaultGroupId());
        return network;
    }

    /** What AWS puts into a VPC's default group: members reach each other, and everything outwards. */
    private static SecurityGroup defaultGroup(Network network) {
        var members = new SecurityGroup.Rule(
                Ids.fresh("sgr"),
                "-1",
                -1,
                -1,
                Optional.empty(),
                Optional.of(network.defaultGroupId()),
                Optional.empty());
        return new SecurityGroup(
                network.defaultGroupId(),
                network.accountId(),
                network.vpcId(),
                "default",
                "default VPC security group",
                List.of(members),
                List.of(SecurityGroups.everywhere()));
    }

    /** All accounts' VPCs. */
    List<Network> all() {
        return networks.all(kv);
    }

    /** The subnet of an id or of a zone; the first if neither is asked for. */
    Network.Subnet subnet(Network network, Optional<String> subnetId, Optional<String> zone) {
        List<Network.Subnet> fitting = network.subnets().stream()
                .filter(subnet -> subnetId.isEmpty() || subnet.id().equals(subnetId.get()))
                .toList();
        if (fitting.isEmpty()) {
            throw Ec2Error.SUBNET_NOT_FOUND.because("The subnet ID '" + subnetId.orElse("") + "' does not exist");
        }
        return fitting.stream()
                .filter(subnet -> zone.isEmpty() || subnet.zone().equals(zone.get()))
                .findFirst()
                .orElseThrow(() -> Ec2Error.ZONE_NOT_FOUND.because("Invalid availability zone: [" + zone.orElse("")
                        + "]. Valid zones: " + String.join(", ", zones)));
    }

    /** Takes an address of the subnet for a card: the one asked for, or the first that is free. */
    String takePrivate(Kv.Tx tx, String vpcId, Network.Subnet subnet, Holder holder, Optional<String> wanted) {
        int first = subnet.base() + RESERVED_FIRST;
        int last = subnet.base() + Addresses.size(subnet.cidr()) - 2;
        if (wanted.isPresent()) {
            checkInside(subnet, wanted.get());
            if (privateAddresses.get(tx, vpcId, wanted.get()) != null) {
                throw Ec2Error.ADDRESS_IN_USE.because("Address " + wanted.get() + " is in use.");
            }
            privateAddresses.put(tx, holder, vpcId, wanted.get());
            return wanted.get();
        }
        for (int address = first; address <= last; address++) {
            String text = Addresses.text(address);
            if (privateAddresses.get(tx, vpcId, text) == null) {
                privateAddresses.put(tx, holder, vpcId, text);
                return text;
            }
        }
        throw Ec2Error.INSUFFICIENT_ADDRESS.because("There are no free addresses in subnet '" + subnet.id() + "'");
    }

    /** Refuses what is no address that a card in the subnet can have. */
    static void checkInside(Network.Subnet subnet, String wanted) {
        int address = parseWanted(wanted);
        if (address < subnet.base() + RESERVED_FIRST || address > subnet.base() + Addresses.size(subnet.cidr()) - 2) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                    "Address " + wanted + " is not in the range of subnet " + subnet.id() + " (" + subnet.cidr() + ")");
        }
    }

    private static int parseWanted(String address) {
        try {
            return Addresses.parse(address);
        } catch (IllegalArgumentException e) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("Invalid IPv4 address: " + address);
        }
    }

    /** Takes a public address for a card; empty if the pool has none left, or there is no pool. */
    Optional<String> takePublic(Kv.Tx tx, @Nullable String pool, Holder holder) {
        if (pool == null) {
            return Optional.empty();
        }
        int base = Addresses.parse(pool.substring(0, pool.indexOf('/')));
        // The first sixteen are the fabric's own: routers and the host.
        for (int i = 16; i < Addresses.size(pool) - 1; i++) {
            String text = Addresses.text(base + i);
            if (publicAddresses.get(tx, text) == null) {
                publicAddresses.put(tx, holder, text);
                return Optional.of(text);
            }
        }
        return Optional.empty();
    }

    /** Who has a private address; null if nobody has. */
    @Nullable
    Holder holder(String vpcId, String address) {
        return privateAddresses.get(kv, vpcId, address);
    }

    void releasePrivate(Kv.Tx tx, String vpcId, String address) {
        privateAddresses.delete(tx, vpcId, address);
    }

    void releasePublic(Kv.Tx tx, String address) {
        publicAddresses.delete(tx, address);
    }
}
