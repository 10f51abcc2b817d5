package jarrah.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A way to a port of this machine that can be cut: then connections stay, new ones are taken, and nothing gets through, as
 * when packets are lost.
 */
final class Cable implements AutoCloseable {
    private final ServerSocket server;
    private final int port;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition mended = lock.newCondition();
    private boolean cut;
    private long bytesToCut = Long.MAX_VALUE;

    Cable(int port) throws IOException {
        this.port = port;
        server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    void cut() {
        set(true);
    }

    void mend() {
        set(false);
    }

    /** Cuts it once so many bytes have gone towards the port. */
    void cutAfter(long bytes) {
        lock.lock();
        try {
            bytesToCut = bytes;
        } finally {
            lock.unlock();
        }
    }

    boolean isCut() {
        lock.lock();
        try {
            return cut;
        } finally {
            lock.unlock();
        }
    }

    private void passes(int bytes) {
        lock.lock();
        try {
            bytesToCut -= bytes;
            if (bytesToCut <= 0) {
                cut = true;
                bytesToCut = Long.MAX_VALUE;
            }
        } finally {
            lock.unlock();
        }
    }

    private void set(boolean state) {
        lock.lock();
        try {
            cut = state;
            bytesToCut = Long.MAX_VALUE;
            mended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket near = server.accept();
                sockets.add(near);
                Thread.ofVirtual().start(() -> connect(near));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void connect(Socket near) {
        try {
            awaitMended();
            var far = new Socket(InetAddress.getLoopbackAddress(), port);
            sockets.add(far);
            Thread.ofVirtual().start(() -> pump(near, far, true));
            pump(far, near, false);
        } catch (IOException e) {
            end(near); // nobody listens there
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @param there whether the bytes go towards the port */
    private void pump(Socket from, Socket to, boolean there) {
        byte[] buffer = new byte[64 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                awaitMended();
                out.write(buffer, 0, count);
                if (there) {
                    passes(count);
                }
            }
            awaitMended(); // the end of a connection does not get through either
        } catch (IOException e) {
            // an end as well
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(from);
            end(to);
        }
    }

    private void awaitMended() throws InterruptedException {
        lock.lock();
        try {
            while (cut) {
                mended.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void end(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // as good as closed
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        mend();
        Set.copyOf(sockets).forEach(this::end);
    }
}
