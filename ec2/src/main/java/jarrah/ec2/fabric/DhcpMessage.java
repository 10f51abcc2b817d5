package jarrah.ec2.fabric;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A BOOTP message with DHCP options (RFC 2131, section 2; RFC 2132).
 *
 * @param operation 1 from a client, 2 from a server
 * @param transaction chosen by the client
 * @param flags the highest bit asks for an answer by broadcast
 * @param client the address that the client has already; 0 for none
 * @param yours the address that it gets
 * @param server the next server to boot from; 0
 * @param relay who passed the message on; 0
 * @param hardware the client's MAC address, 6 bytes
 * @param options by their number, without padding
 */
record DhcpMessage(
        int operation,
        int transaction,
        int seconds,
        int flags,
        int client,
        int yours,
        int server,
        int relay,
        byte[] hardware,
        Map<Integer, byte[]> options) {
    static final int DISCOVER = 1;
    static final int OFFER = 2;
    static final int REQUEST = 3;
    static final int ACK = 5;
    static final int NAK = 6;
    static final int INFORM = 8;

    static final int SUBNET_MASK = 1;
    static final int ROUTER = 3;
    static final int NAME_SERVER = 6;
    static final int HOST_NAME = 12;
    static final int DOMAIN_NAME = 15;
    static final int INTERFACE_MTU = 26;
    static final int REQUESTED_ADDRESS = 50;
    static final int LEASE_TIME = 51;
    static final int MESSAGE_TYPE = 53;
    static final int SERVER_ID = 54;
    static final int RENEWAL_TIME = 58;
    static final int REBINDING_TIME = 59;
    static final int CLASSLESS_ROUTES = 121;

    private static final int COOKIE = 0x63825363;
    private static final int OPTIONS_OFFSET = 236;
    /** Some clients drop shorter ones, as BOOTP's minimum was 300 bytes (RFC 1542, 2.1). */
    private static final int MIN_BYTES = 300;

    /** Reads a message; empty if it is none that a DHCP server answers. */
    static Optional<DhcpMessage> parse(byte[] bytes) {
        try {
            var in = ByteBuffer.wrap(bytes);
            int operation = in.get();
            int hardwareType = in.get();
            int hardwareLength = in.get();
            in.get(); // hops
            int transaction = in.getInt();
            int seconds = Short.toUnsignedInt(in.getShort());
            int flags = Short.toUnsignedInt(in.getShort());
            int client = in.getInt();
            int yours = in.getInt();
            int server = in.getInt();
            int relay = in.getInt();
            var hardware = new byte[6];
            in.get(hardware);
            in.position(OPTIONS_OFFSET);
            if (hardwareType != 1 || hardwareLength != 6 || in.getInt() != COOKIE) {
                return Optional.empty();
            }
            return Optional.of(new DhcpMessage(
                    operation, transaction, seconds, flags, client, yours, server, relay, hardware, options(in)));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty(); // shorter than it says
        }
    }

    private static Map<Integer, byte[]> options(ByteBuffer in) {
        var options = new LinkedHashMap<Integer, byte[]>();
        while (in.hasRemaining()) {
            int code = Byte.toUnsignedInt(in.get());
            if (code == 255) {
                break;
            }
            if (code != 0) {
                var value = new byte[Byte.toUnsignedInt(in.get())];
                in.get(value);
                options.putIfAbsent(code, value);
            }
        }
        return options;
    }

    byte[] toBytes() {
        var out = new ByteArrayOutputStream(MIN_BYTES);
        out.writeBytes(new byte[] {(byte) operation, 1, 6, 0});
        out.writeBytes(ByteBuffer.allocate(24)
                .putInt(transaction)
                .putShort((short) seconds)
                .putShort((short) flags)
                .putInt(client)
                .putInt(yours)
                .putInt(server)
                .putInt(relay)
                .array());
        out.writeBytes(hardware);
        out.writeBytes(new byte[OPTIONS_OFFSET - out.size()]);
        out.writeBytes(intBytes(COOKIE));
        options.forEach((code, value) -> {
            out.write(code);
            out.write(value.length);
            out.writeBytes(value);
        });
        out.write(255);
        if (out.size() < MIN_BYTES) {
            out.writeBytes(new byte[MIN_BYTES - out.size()]);
        }
        return out.toByteArray();
    }

    /** What kind of message; 0 if it does not say. */
    int type() {
        byte[] value = options.get(MESSAGE_TYPE);
        return value == null || value.length != 1 ? 0 : value[0];
    }

    /** An option that holds one address; 0 if there is none. */
    int address(int option) {
        byte[] value = options.get(option);
        return value == null || value.length != 4 ? 0 : ByteBuffer.wrap(value).getInt();
    }

    static byte[] intBytes(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }
}
