package jarrah.ec2.fabric;

import jarrah.ec2.fabric.DhcpAnswers.Lease;
import jarrah.ec2.fabric.FabricState.Nic;
import jarrah.ec2.fabric.FabricState.Subnet;
import jarrah.ec2.fabric.FabricState.Vpc;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** What one VPC's guests are served from within this process. */
final class VpcServices implements AutoCloseable {
    private final FabricNames names;
    private final String domain;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final DhcpServer dhcp;

    private VpcServices(FabricNames names, String domain, DhcpServer dhcp) {
        this.names = names;
        this.domain = domain;
        this.dhcp = dhcp;
        open.push(dhcp);
    }

    /** Starts the services of a VPC, whose namespace has its addresses already. */
    @FunctionalInterface
    interface Starter {
        VpcServices start(String vpcId) throws IOException;
    }

    static Starter starter(FabricNames names, FabricSettings settings, GuestServices guests) {
        return vpcId -> {
            var namespace = new NetworkNamespace(names.namespace(vpcId));
            return new VpcServices(names, domain(settings.region()), DhcpServer.start(namespace));
        };
    }

    /** The domain of private host names. */
    static String domain(String region) {
        return region + ".compute.internal";
    }

    /** Tells them what is in the VPC now. */
    void update(Vpc vpc) {
        Map<String, Ipv4Range> subnets = new HashMap<>();
        for (Subnet subnet : vpc.subnets()) {
            subnets.put(subnet.id(), Ipv4Range.parse(subnet.cidr()));
        }
        Map<String, Lease> leases = new HashMap<>();
        for (Nic nic : vpc.nics()) {
            Ipv4Range subnet = subnets.get(nic.subnetId());
            if (subnet == null) {
                throw new IllegalArgumentException(
                        nic.id() + " is in a subnet that its VPC has not: " + nic.subnetId());
            }
            leases.put(names.tap(vpc.id(), nic.id()), lease(nic, subnet));
        }
        dhcp.leases(leases);
    }

    private Lease lease(Nic nic, Ipv4Range subnet) {
        byte[] mac = HexFormat.ofDelimiter(":").parseHex(nic.mac());
        return new Lease(mac, Ipv4Range.parseAddress(nic.address()), subnet, nic.hostName(), domain);
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
