package jarrah.ec2.fabric;

import jarrah.ec2.fabric.DhcpAnswers.Lease;
import jarrah.ec2.fabric.FabricSettings.Peer;
import jarrah.ec2.fabric.FabricState.Nic;
import jarrah.ec2.fabric.FabricState.Subnet;
import jarrah.ec2.fabric.FabricState.Vpc;
import jarrah.ec2.metadata.MetadataHandler;
import jarrah.ec2.metadata.MetadataTokens;
import jarrah.http.Handler;
import jarrah.http.HttpServer;
import jarrah.http.HttpServerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one VPC's guests are served from within this process: DHCP, names, metadata, the API of this region and of peers. */
final class VpcServices implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VpcServices.class);
    private static final int MAX_METADATA_BODY_BYTES = 1024; // a PUT for a token has none
    private static final int MAX_CONNECTIONS = 1024;
    /** So that one guest cannot take the connections of all. */
    private static final int MAX_CONNECTIONS_OF_A_GUEST = 128;

    private static final Path RESOLVERS = Path.of("/etc/resolv.conf");

    private final FabricNames names;
    private final FabricSettings settings;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final DhcpServer dhcp;
    private final DnsServer dns;

    private VpcServices(
            FabricNames names, FabricSettings settings, String vpcId, GuestServices guests, MetadataTokens tokens)
            throws IOException {
        this.names = names;
        this.settings = settings;
        var namespace = new NetworkNamespace(names.namespace(vpcId));
        try {
            dhcp = opened(DhcpServer.start(namespace));
            dns = opened(DnsServer.start(namespace, settings.egress() ? new DnsForwarder(RESOLVERS) : null));
            var metadata = HttpServerConfig.of(ServiceAddresses.METADATA, ServiceAddresses.METADATA_PORT)
                    .withMaxBodyBytes(MAX_METADATA_BODY_BYTES);
            serve(namespace, metadata, MetadataHandler.ofVpc(vpcId, guests.instances(), tokens, guests.clock()));
            serve(namespace, HttpServerConfig.of(ServiceAddresses.API, ServiceAddresses.API_PORT), guests.api());
            for (var peer : ServiceAddresses.ofPeers(settings.peers()).entrySet()) {
                var local = new InetSocketAddress(peer.getValue(), ServiceAddresses.API_PORT);
                opened(TcpRelay.start(
                        namespace, local, peer.getKey().host(), peer.getKey().port()));
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private <T extends AutoCloseable> T opened(T service) {
        open.push(service);
        return service;
    }

    private void serve(NetworkNamespace namespace, HttpServerConfig config, Handler handler) throws IOException {
        var bounded = config.withConnections(MAX_CONNECTIONS, MAX_CONNECTIONS_OF_A_GUEST)
                .withEventLoops(1);
        HttpServer server = HttpServer.startIn(namespace.executor(), bounded, handler, null);
        open.push(() -> server.close(Duration.ofSeconds(1)));
    }

    /** Starts the services of a VPC, whose namespace has its addresses already. */
    @FunctionalInterface
    interface Starter {
        VpcServices start(String vpcId) throws IOException;
    }

    static Starter starter(FabricNames names, FabricSettings settings, GuestServices guests, MetadataTokens tokens) {
        return vpcId -> new VpcServices(names, settings, vpcId, guests, tokens);
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
        dns.zone(zone(vpc, settings));
    }

    private Lease lease(Nic nic, Ipv4Range subnet) {
        byte[] mac = HexFormat.ofDelimiter(":").parseHex(nic.mac());
        int address = Ipv4Range.parseAddress(nic.address());
        return new Lease(mac, address, subnet, nic.hostName(), domain(settings.region()));
    }

    static DnsZone zone(Vpc vpc, FabricSettings settings) {
        String domain = domain(settings.region());
        Map<String, Integer> hosts = new HashMap<>();
        for (Nic nic : vpc.nics()) {
            int address = Ipv4Range.parseAddress(nic.address());
            hosts.put(nic.hostName().toLowerCase(Locale.ROOT) + "." + domain, address);
            hosts.put("ip-" + nic.address().replace('.', '-') + "." + domain, address);
        }
        Map<String, Integer> services = new HashMap<>();
        services.put(ServiceAddresses.apiName(settings.region()), Ipv4Range.parseAddress(ServiceAddresses.API));
        for (Map.Entry<Peer, String> peer :
                ServiceAddresses.ofPeers(settings.peers()).entrySet()) {
            services.put(ServiceAddresses.apiName(peer.getKey().region()), Ipv4Range.parseAddress(peer.getValue()));
        }
        return new DnsZone(hosts, services, List.of("compute.internal", "jarrah.internal"));
    }

    /** Closes all of them at once: each takes a moment to see that it is to end. */
    @Override
    public void close() {
        try (var closing = Executors.newVirtualThreadPerTaskExecutor()) {
            for (AutoCloseable service : open) {
                closing.execute(() -> {
                    try {
                        service.close();
                    } catch (Exception e) {
                        LOG.warn("a service of {} did not close", names.router(), e);
                    }
                });
            }
        }
        open.clear();
    }
}
