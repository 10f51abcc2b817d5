package jarrah.ec2.fabric;

import static jarrah.ec2.fabric.DhcpMessage.intBytes;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a DHCP server says to a card: always the card's one address, so that nothing has to be remembered (RFC 2131,
 * section 4.3). DECLINE and RELEASE change nothing and get no answer.
 */
final class DhcpAnswers {
    /** Clients renew after half of it. A card's address never changes, so a longer lease would gain nothing but silence. */
    static final int LEASE_SECONDS = 3600;

    private static final int MTU = 1500;

    private DhcpAnswers() {}

    /**
     * What a card is told.
     *
     * @param mac its hardware address
     * @param address its address
     * @param subnet the subnet's range: the router is its second address, the name server its third
     * @param hostName without domain
     */
    record Lease(byte[] mac, int address, Ipv4Range subnet, String hostName, String domain) {}

    /** The answer; empty where none is due. */
    static Optional<DhcpMessage> to(DhcpMessage message, Lease lease) {
        if (message.operation() != 1 || !Arrays.equals(message.hardware(), lease.mac())) {
            return Optional.empty();
        }
        return switch (message.type()) {
            case DhcpMessage.DISCOVER -> Optional.of(answer(message, lease, DhcpMessage.OFFER));
            case DhcpMessage.REQUEST -> request(message, lease);
            case DhcpMessage.INFORM -> Optional.of(answer(message, lease, DhcpMessage.ACK));
            default -> Optional.empty();
        };
    }

    private static Optional<DhcpMessage> request(DhcpMessage message, Lease lease) {
        int server = message.address(DhcpMessage.SERVER_ID);
        if (server != 0 && server != lease.subnet().plus(1)) {
            return Optional.empty(); // it chose another server
        }
        int asked = message.address(DhcpMessage.REQUESTED_ADDRESS);
        int wanted = asked != 0 ? asked : message.client();
        return Optional.of(answer(message, lease, wanted == lease.address() ? DhcpMessage.ACK : DhcpMessage.NAK));
    }

    private static DhcpMessage answer(DhcpMessage message, Lease lease, int type) {
        var options = new LinkedHashMap<Integer, byte[]>();
        options.put(DhcpMessage.MESSAGE_TYPE, new byte[] {(byte) type});
        options.put(DhcpMessage.SERVER_ID, intBytes(lease.subnet().plus(1)));
        if (type == DhcpMessage.NAK) {
            return reply(message, 0, 0, options);
        }
        boolean inform = message.type() == DhcpMessage.INFORM;
        if (!inform) { // RFC 2131, 4.3.5: an INFORM is answered without a lease
            options.put(DhcpMessage.LEASE_TIME, intBytes(LEASE_SECONDS));
            options.put(DhcpMessage.RENEWAL_TIME, intBytes(LEASE_SECONDS / 2));
            options.put(DhcpMessage.REBINDING_TIME, intBytes(LEASE_SECONDS / 8 * 7));
        }
        configuration(lease, options);
        return reply(message, inform ? message.client() : 0, inform ? 0 : lease.address(), options);
    }

    private static void configuration(Lease lease, Map<Integer, byte[]> options) {
        int router = lease.subnet().plus(1);
        options.put(DhcpMessage.SUBNET_MASK, intBytes(lease.subnet().mask()));
        options.put(DhcpMessage.ROUTER, intBytes(router));
        options.put(DhcpMessage.NAME_SERVER, intBytes(lease.subnet().plus(2)));
        options.put(DhcpMessage.HOST_NAME, ascii(lease.hostName()));
        options.put(DhcpMessage.DOMAIN_NAME, ascii(lease.domain()));
        options.put(DhcpMessage.INTERFACE_MTU, new byte[] {(byte) (MTU >> 8), (byte) MTU});
        // RFC 3442: who takes this option ignores the router option, so the default route is in it as well.
        var routes = new ByteArrayOutputStream();
        routes.write(32);
        routes.writeBytes(intBytes(Ipv4Range.parseAddress(ServiceAddresses.METADATA)));
        routes.writeBytes(intBytes(router));
        routes.write(0);
        routes.writeBytes(intBytes(router));
        options.put(DhcpMessage.CLASSLESS_ROUTES, routes.toByteArray());
    }

    private static DhcpMessage reply(DhcpMessage message, int client, int yours, Map<Integer, byte[]> options) {
        return new DhcpMessage(
                2,
                message.transaction(),
                0,
                message.flags(),
                client,
                yours,
                0,
                message.relay(),
                message.hardware(),
                options);
    }

    /** An option's value has at most 255 bytes. */
    private static byte[] ascii(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return Arrays.copyOf(bytes, Math.min(bytes.length, 255));
    }
}
