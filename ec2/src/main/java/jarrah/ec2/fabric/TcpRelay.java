package jarrah.ec2.fabric;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes connections of a VPC's guests on to one address of the host's network: a peer's API. */
final class TcpRelay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TcpRelay.class);
    private static final long ACCEPT_PAUSE_NANOS = 100_000_000;
    private static final int MAX_CONNECTIONS = 256;
    private static final int BUFFER_BYTES = 32 * 1024;
    private static final int CONNECT_MILLIS = 10_000;

    private final ServerSocketChannel listener;
    private final String host;
    private final int port;
    private final Semaphore places = new Semaphore(MAX_CONNECTIONS);
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    private TcpRelay(ServerSocketChannel listener, String host, int port) {
        this.listener = listener;
        this.host = host;
        this.port = port;
    }

    /** Listens in the namespace; connects from the host's own network, so whatever the host reaches is in reach. */
    static TcpRelay start(NetworkNamespace namespace, InetSocketAddress local, String host, int port)
            throws IOException {
        ServerSocketChannel listener = namespace.call(ServerSocketChannel::open);
        try {
            listener.bind(local, MAX_CONNECTIONS);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        var relay = new TcpRelay(listener, host, port);
        Thread.ofVirtual().name("relay " + namespace.name()).start(relay::accept);
        return relay;
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel guest = listener.accept();
                if (places.tryAcquire()) {
                    open.add(guest);
                    Thread.ofVirtual().start(() -> relay(guest));
                } else {
                    guest.close();
                }
            } catch (IOException e) {
                if (listener.isOpen()) { // out of descriptors, say: they come back
                    LOG.warn("a connection was not accepted", e);
                    LockSupport.parkNanos(ACCEPT_PAUSE_NANOS);
                }
            }
        }
    }

    private void relay(SocketChannel guest) {
        try (guest;
                var peer = SocketChannel.open()) {
            open.add(peer);
            // A guest that was cut off says nothing more: the kernel finds out.
            guest.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            peer.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            peer.socket().connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
            var ways = new AtomicInteger(2);
            Thread back = Thread.ofVirtual().start(() -> copy(peer, guest, ways));
            copy(guest, peer, ways);
            back.join();
            open.remove(peer);
        } catch (IOException e) {
            LOG.debug("the relay to {}:{} failed", host, port, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(guest);
            places.release();
        }
    }

    /** One way; its end is passed on as an end, and the second end, or any failure, closes both. */
    private static void copy(SocketChannel from, SocketChannel to, AtomicInteger ways) {
        try {
            var buffer = ByteBuffer.allocate(BUFFER_BYTES);
            while (from.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
            if (ways.decrementAndGet() > 0) {
                to.shutdownOutput();
            }
        } catch (IOException e) {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("a connection did not close", e);
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            LOG.debug("the listener did not close", e);
        }
        open.forEach(TcpRelay::closeQuietly);
    }
}
