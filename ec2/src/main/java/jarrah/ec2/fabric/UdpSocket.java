package jarrah.ec2.fabric;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * A UDP socket on all addresses of a namespace that knows by which device and to which of our addresses each packet came
 * (IP_PKTINFO, ip(7)), and sends by a device and from an address that the caller names. The JDK's channels cannot: a DHCP
 * answer must be broadcast on one device, and a DNS answer must come from the address that was asked.
 *
 * <p>One thread receives; any may send.
 */
final class UdpSocket implements AutoCloseable {
    /** How long one wait for a packet lasts, so that the receiver sees that it is to end. */
    private static final int WAIT_MILLIS = 250;

    private static final int MAX_BYTES = 2048;
    private static final int ADDRESS_BYTES = 16;
    private static final int MESSAGE_BYTES = 56;
    private static final int CONTROL_BYTES = 32;
    private static final int SOL_SOCKET = 1;
    private static final int IP_PKTINFO = 8;
    private static final long SIOCGIFNAME = 0x8910;
    private static final ValueLayout.OfInt IPV4 = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort PORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    /**
     * A packet.
     *
     * @param device index of the device that it came by
     * @param local our address that it was sent to
     * @param from the sender's address
     * @param fromPort the sender's port
     */
    record Packet(byte[] bytes, int device, int local, int from, int fromPort) {}

    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final Buffers in = new Buffers(arena);
    private boolean closed; // guarded by this

    private UdpSocket(int fd) {
        this.fd = fd;
    }

    /** Opens one in the namespace. */
    static UdpSocket open(NetworkNamespace namespace, int port) throws IOException {
        int fd = namespace.call(Libc::udpSocket);
        var socket = new UdpSocket(fd);
        try (var arena = Arena.ofConfined()) {
            int reuseAddress = 2;
            int broadcast = 6;
            int receiveTimeout = 20;
            MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_INT, 1);
            Libc.setOption(fd, SOL_SOCKET, reuseAddress, one);
            Libc.setOption(fd, SOL_SOCKET, broadcast, one);
            Libc.setOption(fd, 0, IP_PKTINFO, one);
            Libc.setOption(fd, SOL_SOCKET, receiveTimeout, arena.allocateFrom(JAVA_LONG, 0L, WAIT_MILLIS * 1000L));
            MemorySegment address = arena.allocate(ADDRESS_BYTES, 8);
            writeAddress(address, 0, port);
            Libc.bind(fd, address);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static void writeAddress(MemorySegment target, int address, int port) {
        target.fill((byte) 0);
        target.set(JAVA_SHORT, 0, (short) 2);
        target.set(PORT, 2, (short) port);
        target.set(IPV4, 4, address);
    }

    /** The next packet; empty if none came for a short while. */
    Optional<Packet> receive() throws IOException {
        in.reset(MAX_BYTES, CONTROL_BYTES);
        int length;
        try {
            length = Libc.receive(fd, in.message);
        } catch (Libc.Failure e) {
            if (e.errno() == Libc.EAGAIN || e.errno() == Libc.EINTR) {
                return Optional.empty();
            }
            throw e;
        }
        if (in.control.get(ValueLayout.JAVA_INT, 12) != IP_PKTINFO) {
            return Optional.empty();
        }
        return Optional.of(new Packet(
                in.data.asSlice(0, length).toArray(JAVA_BYTE),
                in.control.get(ValueLayout.JAVA_INT, 16),
                in.control.get(IPV4, 20),
                in.address.get(IPV4, 4),
                Short.toUnsignedInt(in.address.get(PORT, 2))));
    }

    /**
     * Sends a packet.
     *
     * @param device index of the device to send by; 0 to go by the routes
     * @param local our address to send from; 0 to let the kernel choose
     */
    synchronized void send(byte[] bytes, int device, int local, int to, int toPort) throws IOException {
        if (closed) {
            throw new IOException("the socket is closed");
        }
        if (bytes.length > MAX_BYTES) {
            throw new IOException("a packet of " + bytes.length + " bytes is too long");
        }
        try (var confined = Arena.ofConfined()) {
            var out = new Buffers(confined);
            out.reset(bytes.length, CONTROL_BYTES);
            MemorySegment.copy(bytes, 0, out.data, JAVA_BYTE, 0, bytes.length);
            writeAddress(out.address, to, toPort);
            out.control.set(JAVA_LONG, 0, 28L);
            out.control.set(ValueLayout.JAVA_INT, 8, 0);
            out.control.set(ValueLayout.JAVA_INT, 12, IP_PKTINFO);
            out.control.set(ValueLayout.JAVA_INT, 16, device);
            out.control.set(IPV4, 20, local);
            Libc.send(fd, out.message);
        }
    }

    /** The name of a device of the namespace; empty if it is gone. */
    Optional<String> deviceName(int index) {
        try (var confined = Arena.ofConfined()) {
            MemorySegment request = confined.allocate(40, 8);
            request.set(ValueLayout.JAVA_INT, 16, index);
            Libc.ioctl(fd, SIOCGIFNAME, request);
            byte[] name = request.asSlice(0, 16).toArray(JAVA_BYTE);
            int end = 0;
            while (end < name.length && name[end] != 0) {
                end++;
            }
            return Optional.of(new String(Arrays.copyOf(name, end), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** For the receiving thread: the number of the descriptor may be another file's at once. */
    @Override
    public synchronized void close() {
        closed = true;
        Libc.close(fd);
        arena.close();
    }

    /** {@code struct msghdr} of 64-bit Linux with what it points to. */
    private static final class Buffers {
        final MemorySegment data;
        final MemorySegment address;
        final MemorySegment control;
        final MemorySegment message;
        private final MemorySegment vector;

        Buffers(Arena arena) {
            data = arena.allocate(MAX_BYTES, 8);
            address = arena.allocate(ADDRESS_BYTES, 8);
            control = arena.allocate(CONTROL_BYTES, 8);
            vector = arena.allocate(16, 8);
            message = arena.allocate(MESSAGE_BYTES, 8);
        }

        void reset(int dataBytes, int controlBytes) {
            control.fill((byte) 0);
            vector.set(ValueLayout.ADDRESS, 0, data);
            vector.set(JAVA_LONG, 8, dataBytes);
            message.fill((byte) 0);
            message.set(ValueLayout.ADDRESS, 0, address);
            message.set(ValueLayout.JAVA_INT, 8, ADDRESS_BYTES);
            message.set(ValueLayout.ADDRESS, 16, vector);
            message.set(JAVA_LONG, 24, 1);
            message.set(ValueLayout.ADDRESS, 32, control);
            message.set(JAVA_LONG, 40, controlBytes);
        }
    }
}
