package jarrah.ec2.fabric;

import jarrah.ec2.fabric.DhcpAnswers.Lease;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers DHCP in one VPC. Who asks is told by the tap that the packet came by, not by what it says. */
final class DhcpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DhcpServer.class);
    private static final int CLIENT_PORT = 68;
    private static final int BROADCAST = -1;
    private static final int BROADCAST_FLAG = 0x8000;

    private final UdpLoop loop;
    private volatile Map<String, Lease> leases = Map.of();

    private DhcpServer(UdpSocket socket, String name) {
        loop = new UdpLoop("dhcp " + name, socket, this::answer);
    }

    static DhcpServer start(NetworkNamespace namespace) throws IOException {
        var server = new DhcpServer(UdpSocket.open(namespace, ServiceAddresses.DHCP_PORT), namespace.name());
        server.loop.start();
        return server;
    }

    /** Replaces what is known, by tap. */
    void leases(Map<String, Lease> byTap) {
        leases = Map.copyOf(byTap);
    }

    private void answer(UdpSocket socket, UdpSocket.Packet packet) throws IOException {
        Optional<Lease> lease = socket.deviceName(packet.device()).map(leases::get);
        Optional<DhcpMessage> message = DhcpMessage.parse(packet.bytes());
        if (lease.isEmpty() || message.isEmpty()) {
            return;
        }
        Optional<DhcpMessage> answer = DhcpAnswers.to(message.get(), lease.get());
        if (answer.isEmpty()) {
            return;
        }
        int router = lease.get().subnet().plus(1);
        socket.send(answer.get().toBytes(), packet.device(), router, target(message.get(), answer.get()), CLIENT_PORT);
        LOG.debug(
                "DHCP type {} to {}",
                answer.get().type(),
                Ipv4Range.format(lease.get().address()));
    }

    /**
     * RFC 2131, 4.1. A client without an address still gets a packet to the address that it is given: the card's
     * permanent neighbour entry says where to.
     */
    private static int target(DhcpMessage message, DhcpMessage answer) {
        if (answer.type() == DhcpMessage.NAK) {
            return BROADCAST;
        }
        if (message.client() != 0) {
            return message.client();
        }
        return (message.flags() & BROADCAST_FLAG) != 0 ? BROADCAST : answer.yours();
    }

    @Override
    public void close() {
        loop.close();
    }
}
