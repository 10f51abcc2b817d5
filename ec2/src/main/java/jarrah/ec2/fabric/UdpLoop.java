package jarrah.ec2.fabric;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that gives each packet of a socket to a handler, and closes the socket at its end. */
final class UdpLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UdpLoop.class);

    /** Takes a packet; on the loop's thread, so it does not wait. */
    interface Handler {
        void handle(UdpSocket socket, UdpSocket.Packet packet) throws IOException;
    }

    private final UdpSocket socket;
    private final Handler handler;
    private final Thread thread;
    private volatile boolean closing;

    UdpLoop(String name, UdpSocket socket, Handler handler) {
        this.socket = socket;
        this.handler = handler;
        thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try (socket) {
            while (!closing) {
                var packet = socket.receive();
                if (packet.isPresent()) {
                    handle(packet.get());
                }
            }
        } catch (IOException e) {
            LOG.error("{} ended", thread.getName(), e);
        }
    }

    private void handle(UdpSocket.Packet packet) {
        try {
            handler.handle(socket, packet);
        } catch (IOException | RuntimeException e) {
            // A guest that sends nonsense, or that left before its answer: the others go on.
            LOG.debug("{}: a packet was not answered", thread.getName(), e);
        }
    }

    /** Asks the thread to end; returns when it has. */
    @Override
    public void close() {
        closing = true;
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
