package jarrah.machine;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A conversation with one QEMU over its machine protocol, QMP: JSON objects, one a line, on a unix socket.
 *
 * <p>One virtual thread reads; answers find their callers by id, events go to the listeners, in order, on that thread: a
 * listener must not block and must not wait for an answer. Safe from any thread.
 */
final class QmpClient implements AutoCloseable {
    /** The longest line that is read, bytes. The largest answer we ask for, the list of block nodes, takes some 2 KiB a disk. */
    static final int MAX_LINE_BYTES = 4 << 20;

    private static final Logger log = LoggerFactory.getLogger(QmpClient.class);
    private static final JsonMapper JSON = new JsonMapper();

    private final SocketChannel channel;
    private final CompletableFuture<JsonNode> greeting = new CompletableFuture<>();
    private final CompletableFuture<IOException> closed = new CompletableFuture<>();
    private final Map<String, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final List<Consumer<QmpEvent>> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock writing = new ReentrantLock();
    private final AtomicLong lastId = new AtomicLong();

    private QmpClient(SocketChannel channel) {
        this.channel = channel;
    }

    /**
     * Connects, and agrees on capabilities (none are asked for), after which QEMU takes commands.
     *
     * @throws IOException if nobody listens, or the other side does not greet in time: QEMU serves one client at a time
     */
    static QmpClient connect(Path socket, Duration atMost) throws IOException {
        var client = new QmpClient(SocketChannel.open(StandardProtocolFamily.UNIX));
        Thread.ofVirtual().name("qmp-" + socket.getFileName()).start(() -> client.converse(socket));
        try {
            await(client.greeting, atMost, "greeting");
            client.execute("qmp_capabilities", Map.of(), atMost);
            return client;
        } catch (IOException e) {
            client.close();
            throw e;
        }
    }

    /**
     * Executes a command.
     *
     * @param arguments strings, numbers, booleans, lists and maps of them
     * @return the answer's {@code return} member
     * @throws QmpException if QEMU refuses
     * @throws IOException if there is no answer in time, or the conversation ended; the command may have been executed
     */
    JsonNode execute(String command, Map<String, ?> arguments, Duration atMost) throws IOException {
        String id = "j" + lastId.incrementAndGet();
        var answer = new CompletableFuture<JsonNode>();
        waiting.put(id, answer);
        try {
            var line = JSON.createObjectNode();
            line.put("execute", command).put("id", id).set("arguments", JSON.valueToTree(arguments));
            write(JSON.writeValueAsString(line) + "\n");
            if (closed.isDone()) {
                answer.completeExceptionally(closed.join());
            }
            JsonNode result = await(answer, atMost, command);
            JsonNode error = result.path("error");
            if (error.isObject()) {
                throw new QmpException(
                        command,
                        error.path("class").asString(""),
                        error.path("desc").asString("refused"));
            }
            return result.path("return");
        } finally {
            waiting.remove(id);
        }
    }

    /** Completes with the next event that fits. Ask before sending the command that causes it; cancel it when it is not wanted any more. */
    CompletableFuture<QmpEvent> next(Predicate<QmpEvent> fits) {
        var found = new CompletableFuture<QmpEvent>();
        Consumer<QmpEvent> listener = event -> {
            if (fits.test(event)) {
                found.complete(event);
            }
        };
        listeners.add(listener);
        found.whenComplete((_, _) -> listeners.remove(listener));
        closed.thenAccept(found::completeExceptionally);
        return found;
    }

    void onEvent(Consumer<QmpEvent> listener) {
        listeners.add(listener);
    }

    /** Calls once when the conversation ended, by whichever side; at once if it has. */
    void onClose(Runnable listener) {
        closed.thenRun(listener);
    }

    boolean open() {
        return !closed.isDone();
    }

    /** Ends the conversation; QEMU goes on. */
    @Override
    public void close() {
        end(new IOException("the QMP conversation was closed"));
    }

    private void write(String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
        writing.lock();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } finally {
            writing.unlock();
        }
    }

    private void converse(Path socket) {
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            var lines = new QmpLines(channel, MAX_LINE_BYTES);
            for (String line = lines.next(); line != null; line = lines.next()) {
                take(JSON.readTree(line));
            }
            end(new IOException("QEMU ended the QMP conversation"));
        } catch (IOException e) {
            end(e);
        } catch (JacksonException e) {
            end(new IOException("QEMU sent what is not JSON", e));
        }
    }

    private void take(JsonNode message) {
        if (message.has("QMP")) {
            greeting.complete(message.path("QMP"));
        } else if (message.has("event")) {
            JsonNode data = message.path("data");
            tell(new QmpEvent(message.path("event").asString(""), data.isObject() ? data : JSON.createObjectNode()));
        } else {
            @Nullable
            CompletableFuture<JsonNode> answer = waiting.get(message.path("id").asString(""));
            if (answer != null) {
                answer.complete(message);
            } else {
                log.debug("QMP answer to nobody: {}", message);
            }
        }
    }

    private void tell(QmpEvent event) {
        for (Consumer<QmpEvent> listener : listeners) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                log.error("a listener failed on {}", event.name(), e);
            }
        }
    }

    private void end(IOException why) {
        try {
            channel.close();
        } catch (IOException e) {
            why.addSuppressed(e);
        }
        greeting.completeExceptionally(why);
        if (closed.complete(why)) {
            waiting.values().forEach(answer -> answer.completeExceptionally(why));
        }
    }

    /** Waits for a future of this conversation, and puts its failure into an {@link IOException} of the caller's stack. */
    static <T> T await(CompletableFuture<T> future, Duration atMost, String what) throws IOException {
        try {
            return future.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException(what + ": no answer from QEMU within " + atMost.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(what + ": " + cause.getMessage(), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(what + ": interrupted", e);
        }
    }
}
