package jarrah.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP origin on the loopback address that answers as a test tells it, stops where told, and keeps every request.
 *
 * <p>Answers are scripted per target: the replies given to {@link #answer} are used in turn, and the last one again and
 * again. A target without a script gets a 599. Guarded by one lock; each connection runs on a virtual thread.
 */
public final class ScriptedOrigin implements AutoCloseable {
    private final ServerSocket server;
    private final Thread accepting;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Deque<Function<RawMessage, Reply>>> scripts = new HashMap<>();
    private final List<RawMessage> requests = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();
    private @Nullable Function<RawMessage, Reply> fallback;
    private int connections;
    private int open;

    private ScriptedOrigin(ServerSocket server) {
        this.server = server;
        this.accepting = Thread.ofVirtual().name("scripted-origin").unstarted(this::accept);
    }

    /** Listens on a free port of the loopback address. */
    public static ScriptedOrigin start() {
        try {
            var origin = new ScriptedOrigin(new ServerSocket(0, 1024, InetAddress.getByName("127.0.0.1")));
            origin.accepting.start();
            return origin;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    /** For example {@code http://127.0.0.1:34567}, without a slash at the end. */
    public String url() {
        return "http://127.0.0.1:" + port();
    }

    /** The answers for that target (path and query, as sent), one after the other; the last one stays. Replaces its script. */
    public ScriptedOrigin answer(String target, Reply... replies) {
        var script = new ArrayDeque<Function<RawMessage, Reply>>();
        for (Reply reply : replies) {
            script.add(_ -> reply);
        }
        return script(target, script);
    }

    /** Computes the answers for that target from the request. Replaces its script. */
    public ScriptedOrigin answer(String target, Function<RawMessage, Reply> reply) {
        return script(target, new ArrayDeque<>(List.of(reply)));
    }

    /** Answers what has no script of its own. */
    public ScriptedOrigin otherwise(Function<RawMessage, Reply> reply) {
        lock.lock();
        try {
            fallback = reply;
            return this;
        } finally {
            lock.unlock();
        }
    }

    private ScriptedOrigin script(String target, Deque<Function<RawMessage, Reply>> script) {
        lock.lock();
        try {
            scripts.put(target, script);
            return this;
        } finally {
            lock.unlock();
        }
    }

    /** The requests so far, in the order in which they were complete. */
    public List<RawMessage> requests() {
        lock.lock();
        try {
            return List.copyOf(requests);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until that many requests have come, and returns all. */
    public List<RawMessage> awaitRequests(int count) {
        await("requests", () -> requests.size() >= count);
        return requests();
    }

    /** How many connections have been accepted. */
    public int connections() {
        lock.lock();
        try {
            return connections;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until exactly that many connections are open. */
    public void awaitOpenConnections(int count) {
        await("open connections", () -> open == count);
    }

    private void await(String what, java.util.function.BooleanSupplier condition) {
        long left = Deadlines.STEP.toNanos();
        lock.lock();
        try {
            while (!condition.getAsBoolean()) {
                if (left <= 0) {
                    throw new AssertionError("not that many " + what + ": " + requests.size() + " requests, "
                            + connections + " connections, " + open + " open");
                }
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                lock.lock();
                try {
                    connections++;
                    open++;
                    sockets.add(socket);
                    changed.signalAll();
                } finally {
                    lock.unlock();
                }
                Thread.ofVirtual().name("scripted-origin-connection").start(() -> serve(socket));
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var reader = new RawReader(socket, java.time.Duration.ofMinutes(5));
            while (true) {
                RawMessage head = reader.head();
                if (head == null) {
                    return;
                }
                RawMessage request = reader.withBody(head, false);
                Reply reply = record(request).apply(request);
                for (Reply.Step step : reply.steps(request.method())) {
                    if (!perform(step, socket)) {
                        return;
                    }
                }
            }
        } catch (IOException e) {
            // the client went away, which it may
        } finally {
            lock.lock();
            try {
                open--;
                sockets.remove(socket);
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private static boolean perform(Reply.Step step, Socket socket) throws IOException {
        switch (step) {
            case Reply.Step.Send(var bytes) -> socket.getOutputStream().write(bytes);
            case Reply.Step.Hold(var gate) -> gate.pass();
            case Reply.Step.Close(var reset) -> {
                if (reset) {
                    socket.setSoLinger(true, 0);
                }
                return false;
            }
        }
        return true;
    }

    private Function<RawMessage, Reply> record(RawMessage request) {
        lock.lock();
        try {
            requests.add(request);
            changed.signalAll();
            var script = scripts.get(request.target());
            if (script == null) {
                return fallback != null
                        ? fallback
                        : _ -> Reply.of(599)
                                .body("no script for " + request.target())
                                .thenClose();
            }
            return script.size() > 1 ? script.removeFirst() : script.getFirst();
        } finally {
            lock.unlock();
        }
    }

    /** Stops listening, and closes every connection: from now on, connections are refused. */
    @Override
    public void close() {
        try {
            server.close();
            // A virtual thread in accept() holds the listening socket open until it has run once more.
            accepting.join();
            lock.lock();
            try {
                for (Socket socket : sockets) {
                    socket.close();
                }
            } finally {
                lock.unlock();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
