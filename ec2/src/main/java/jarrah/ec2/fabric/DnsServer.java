package jarrah.ec2.fabric;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The name server of one VPC: names of the fabric from its zone, others from the host's resolvers if guests may go out. */
final class DnsServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DnsServer.class);
    private static final long ACCEPT_PAUSE_NANOS = 100_000_000;
    private static final int MAX_CONNECTIONS = 32;
    private static final int MAX_FORWARDED = 64;
    private static final int TCP_PATIENCE_MILLIS = 5_000;

    private final UdpLoop loop;
    private final ServerSocketChannel tcp;
    /** Where other names are asked for; null if guests may not go out. */
    private final @Nullable DnsForwarder forwarder;

    private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);
    private final Semaphore forwarded = new Semaphore(MAX_FORWARDED);
    private volatile DnsZone zone = DnsZone.EMPTY;

    private DnsServer(String name, UdpSocket udp, ServerSocketChannel tcp, @Nullable DnsForwarder forwarder) {
        this.tcp = tcp;
        this.forwarder = forwarder;
        loop = new UdpLoop("dns " + name, udp, this::answer);
    }

    static DnsServer start(NetworkNamespace namespace, @Nullable DnsForwarder forwarder) throws IOException {
        ServerSocketChannel tcp = namespace.call(ServerSocketChannel::open);
        try {
            tcp.bind(new InetSocketAddress("0.0.0.0", ServiceAddresses.NAME_PORT), MAX_CONNECTIONS);
            var udp = UdpSocket.open(namespace, ServiceAddresses.NAME_PORT);
            var server = new DnsServer(namespace.name(), udp, tcp, forwarder);
            server.loop.start();
            Thread.ofVirtual().name("dns tcp " + namespace.name()).start(server::accept);
            return server;
        } catch (IOException e) {
            tcp.close();
            throw e;
        }
    }

    void zone(DnsZone value) {
        zone = value;
    }

    private void answer(UdpSocket socket, UdpSocket.Packet packet) throws IOException {
        Optional<DnsMessage> query = DnsMessage.parse(packet.bytes());
        if (query.isEmpty()) {
            return;
        }
        byte[] known = answer(query.get());
        if (known != null) {
            socket.send(known, 0, packet.local(), packet.from(), packet.fromPort());
        } else if (forwarder != null && forwarded.tryAcquire()) {
            // When all are busy the question is dropped: a resolver asks again.
            Thread.ofVirtual().start(() -> forward(forwarder, query.get(), socket, packet));
        }
    }

    private void forward(DnsForwarder to, DnsMessage query, UdpSocket socket, UdpSocket.Packet packet) {
        try {
            byte[] answer = to.udp(packet.bytes()).orElseGet(() -> query.empty(DnsMessage.SERVER_FAILURE));
            socket.send(answer, 0, packet.local(), packet.from(), packet.fromPort());
        } catch (IOException e) {
            LOG.debug("a forwarded answer was not sent", e);
        } finally {
            forwarded.release();
        }
    }

    /** The answer from what we know; null if others are to be asked. */
    private byte @Nullable [] answer(DnsMessage query) {
        DnsZone known = zone;
        Optional<Integer> address = known.address(query.name());
        if (address.isPresent()) {
            boolean wanted = query.type() == DnsMessage.A || query.type() == DnsMessage.ANY;
            return wanted ? query.address(address.get()) : query.empty(DnsMessage.NO_ERROR);
        }
        Optional<String> pointer = query.type() == DnsMessage.PTR ? known.pointer(query.name()) : Optional.empty();
        if (pointer.isPresent()) {
            return query.name(pointer.get());
        }
        // Where guests may not go out, other names lead nowhere: saying so at once spares them their timeouts.
        return forwarder == null || known.isOurs(query.name()) ? query.empty(DnsMessage.NO_SUCH_NAME) : null;
    }

    private void accept() {
        while (tcp.isOpen()) {
            try {
                SocketChannel connection = tcp.accept();
                if (connections.tryAcquire()) {
                    Thread.ofVirtual().start(() -> serve(connection));
                } else {
                    connection.close();
                }
            } catch (IOException e) {
                if (tcp.isOpen()) { // out of descriptors, say: they come back
                    LOG.warn("a connection was not accepted", e);
                    LockSupport.parkNanos(ACCEPT_PAUSE_NANOS);
                }
            }
        }
    }

    /** Over TCP each message follows its length (RFC 1035, 4.2.2). */
    private void serve(SocketChannel channel) {
        try (channel) {
            channel.socket().setSoTimeout(TCP_PATIENCE_MILLIS);
            var in = new DataInputStream(channel.socket().getInputStream());
            var out = new DataOutputStream(channel.socket().getOutputStream());
            while (true) {
                var message = new byte[in.readUnsignedShort()];
                in.readFully(message);
                Optional<DnsMessage> query = DnsMessage.parse(message);
                if (query.isEmpty()) {
                    return;
                }
                byte[] answer = answer(query.get());
                if (answer == null && forwarder != null) {
                    answer = forwarder.tcp(message).orElseGet(() -> query.get().empty(DnsMessage.SERVER_FAILURE));
                }
                if (answer == null) {
                    return;
                }
                out.writeShort(answer.length);
                out.write(answer);
                out.flush();
            }
        } catch (IOException e) {
            LOG.debug("a connection ended", e);
        } finally {
            connections.release();
        }
    }

    @Override
    public void close() {
        try {
            tcp.close();
        } catch (IOException e) {
            LOG.debug("the listener did not close", e);
        }
        loop.close();
    }
}
