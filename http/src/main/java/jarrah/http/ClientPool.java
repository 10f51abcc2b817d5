package jarrah.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a client: bounded for each origin and in all, unused ones kept for a while. Guarded by one lock,
 * which is never held over I/O.
 */
final class ClientPool {
    private final HttpClientConfig config;
    private final ScheduledExecutorService timer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();

    /** Unused connections; the one used last is taken first, so that the others can expire. */
    private final Map<HttpOrigin, ArrayDeque<ClientConnection>> idle = new HashMap<>();

    private final Set<ClientConnection> connections = new HashSet<>();

    /** Places taken, by connections and by attempts to connect. */
    private final Map<HttpOrigin, Integer> taken = new HashMap<>();

    private int total;
    private boolean sweeping;
    private boolean closed;

    ClientPool(HttpClientConfig config, ScheduledExecutorService timer) {
        this.config = config;
        this.timer = timer;
    }

    HttpClientConfig config() {
        return config;
    }

    int open() {
        lock.lock();
        try {
            return connections.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * An unused connection, or a new one.
     *
     * @param checked whether an unused one must be looked at first, because the request cannot be sent twice
     */
    ClientConnection acquire(HttpOrigin origin, boolean checked) throws IOException {
        while (true) {
            ClientConnection pooled = reserve(origin, true);
            if (pooled == null) {
                return connect(origin);
            }
            if (!checked || !pooled.isStale()) {
                return pooled;
            }
            drop(pooled);
        }
    }

    /** A new connection. */
    ClientConnection acquireFresh(HttpOrigin origin) throws IOException {
        reserve(origin, false);
        return connect(origin);
    }

    /** Takes an unused connection; null if a place for a new one was reserved instead. */
    private @Nullable ClientConnection reserve(HttpOrigin origin, boolean unusedWelcome) throws IOException {
        var surplus = new ArrayList<ClientConnection>(1);
        long left = config.acquireTimeout().toNanos();
        lock.lock();
        try {
            while (true) {
                if (closed) {
                    throw new IOException("the client is closed");
                }
                ClientConnection unused = unusedWelcome ? takeIdle(origin, surplus) : null;
                if (unused != null) {
                    return unused;
                }
                if (mayOpen(origin, surplus)) {
                    taken.merge(origin, 1, Integer::sum);
                    total++;
                    return null;
                }
                if (left <= 0) {
                    throw new SocketTimeoutException("no connection to " + origin + " became free within "
                            + config.acquireTimeout().toMillis() + " ms");
                }
                left = freed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted while waiting for a connection");
        } finally {
            lock.unlock();
            surplus.forEach(ClientConnection::close);
        }
    }

    private @Nullable ClientConnection takeIdle(HttpOrigin origin, List<ClientConnection> surplus) {
        var unused = idle.get(origin);
        while (unused != null && !unused.isEmpty()) {
            ClientConnection connection = unused.removeFirst();
            if (!expired(connection)) {
                return connection;
            }
            forget(connection);
            surplus.add(connection);
        }
        return null;
    }

    private boolean expired(ClientConnection connection) {
        return System.nanoTime() - connection.idleSinceNanos
                > config.idleTimeout().toNanos();
    }

    /** Whether there is room for one more, if need be in place of an unused one. */
    private boolean mayOpen(HttpOrigin origin, List<ClientConnection> surplus) {
        if (taken.getOrDefault(origin, 0) >= config.maxPerOrigin()) {
            ClientConnection unused = oldest(idle.get(origin));
            if (unused == null) {
                return false;
            }
            forget(unused);
            surplus.add(unused);
        }
        if (total >= config.maxTotal()) {
            for (var unused : idle.values()) {
                ClientConnection connection = oldest(unused);
                if (connection != null) {
                    forget(connection);
                    surplus.add(connection);
                    break;
                }
            }
        }
        return total < config.maxTotal();
    }

    private static @Nullable ClientConnection oldest(@Nullable ArrayDeque<ClientConnection> unused) {
        return unused == null ? null : unused.pollLast();
    }

    private ClientConnection connect(HttpOrigin origin) throws IOException {
        ClientConnection connection = null;
        try {
            connection = new ClientConnection(origin, open(origin), config, timer);
        } finally {
            lock.lock();
            try {
                if (connection == null) {
                    freePlace(origin);
                } else {
                    connections.add(connection);
                }
            } finally {
                lock.unlock();
            }
        }
        if (isClosed()) {
            drop(connection);
            throw new IOException("the client is closed");
        }
        return connection;
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private Socket open(HttpOrigin origin) throws IOException {
        IOException failure = null;
        for (InetAddress address : InetAddress.getAllByName(origin.host())) {
            var socket = new Socket();
            try {
                socket.setTcpNoDelay(true);
                socket.connect(new InetSocketAddress(address, origin.port()), millis());
                return origin.secure() ? secure(socket, origin) : socket;
            } catch (IOException e) {
                socket.close();
                failure = e;
            }
        }
        throw failure == null ? new IOException(origin.host() + " has no address") : failure;
    }

    private int millis() {
        return (int) Math.max(1, config.connectTimeout().toMillis());
    }

    private Socket secure(Socket socket, HttpOrigin origin) throws IOException {
        SSLSocketFactory factory = config.tls() != null
                ? config.tls().getSocketFactory()
                : (SSLSocketFactory) SSLSocketFactory.getDefault();
        var secured = (SSLSocket) factory.createSocket(socket, origin.host(), origin.port(), true);
        var parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate must be the host's
        secured.setSSLParameters(parameters);
        secured.setSoTimeout(millis());
        secured.startHandshake();
        return secured;
    }

    /** Takes back a connection that can carry another request. */
    void release(ClientConnection connection) {
        boolean kept;
        lock.lock();
        try {
            kept = !closed && connections.contains(connection);
            if (kept) {
                connection.idleSinceNanos = System.nanoTime();
                idle.computeIfAbsent(connection.origin(), _ -> new ArrayDeque<>())
                        .addFirst(connection);
                freed.signalAll();
                sweepLater();
            }
        } finally {
            lock.unlock();
        }
        if (!kept) {
            drop(connection);
        }
    }

    /** Closes a connection and frees its place. */
    void drop(ClientConnection connection) {
        connection.close();
        lock.lock();
        try {
            forget(connection);
        } finally {
            lock.unlock();
        }
    }

    private void forget(ClientConnection connection) {
        if (connections.remove(connection)) {
            freePlace(connection.origin());
        }
    }

    private void freePlace(HttpOrigin origin) {
        taken.computeIfPresent(origin, (_, count) -> count == 1 ? null : count - 1);
        total--;
        freed.signalAll();
    }

    private void sweepLater() {
        if (!sweeping) {
            sweeping = true;
            timer.schedule(this::sweep, config.idleTimeout().toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Closes what has been unused for too long; comes again as long as anything is unused. */
    private void sweep() {
        var surplus = new ArrayList<ClientConnection>();
        lock.lock();
        try {
            sweeping = false;
            idle.values().removeIf(unused -> {
                while (!unused.isEmpty() && expired(unused.getLast())) {
                    surplus.add(unused.removeLast());
                }
                return unused.isEmpty();
            });
            surplus.forEach(this::forget);
            if (!idle.isEmpty() && !closed) {
                sweepLater();
            }
        } finally {
            lock.unlock();
        }
        surplus.forEach(ClientConnection::close);
    }

    void close() {
        List<ClientConnection> all;
        lock.lock();
        try {
            closed = true;
            all = List.copyOf(connections);
            idle.clear();
            freed.signalAll();
        } finally {
            lock.unlock();
        }
        all.forEach(this::drop);
    }
}
