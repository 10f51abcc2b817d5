package jarrah.http;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * Calls origins: plain blocking code, meant for virtual threads. Safe for many threads.
 *
 * <p>Connections are kept and used again. One that turns out to be dead before any byte of a response came is replaced
 * by a fresh one, once, if the request may be repeated (RFC 9110, 9.2.2: its method is idempotent) and its body is at
 * hand.
 */
public final class HttpClient implements AutoCloseable {
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

    private final ScheduledThreadPoolExecutor timer;
    private final ClientPool pool;

    /** Receives the interim responses (1xx) of a request, on the calling thread. */
    @FunctionalInterface
    public interface Interim {
        /** One interim response, such as 103 with its Link fields. */
        void received(int status, Headers headers);
    }

    public HttpClient(HttpClientConfig config) {
        timer = new ScheduledThreadPoolExecutor(
                1,
                Thread.ofPlatform().daemon().name("http-client-timer").factory(),
                new ThreadPoolExecutor.DiscardPolicy());
        timer.setRemoveOnCancelPolicy(true);
        pool = new ClientPool(config, timer);
    }

    /** As {@link #execute(ClientRequest, Interim)}, interim responses passed over. */
    public ClientResponse execute(ClientRequest request) throws IOException {
        return execute(request, (_, _) -> {});
    }

    /**
     * Sends a request, and waits for the head of its final response.
     *
     * @throws SocketTimeoutException if a deadline passed: for a connection, for the first byte, between bytes
     * @throws IOException if the origin cannot be reached, breaks off, or answers in a way that cannot be trusted
     * @throws IllegalArgumentException if the method, the target or a field could not stand in a request
     */
    public ClientResponse execute(ClientRequest request, Interim interim) throws IOException {
        byte[] head = RequestWriter.head(request);
        boolean repeatable =
                IDEMPOTENT.contains(request.method()) && !(request.body() instanceof ClientRequest.Content.Stream);
        ClientConnection connection = pool.acquire(request.origin(), !repeatable);
        boolean pooled = connection.used();
        try {
            return exchange(connection, request, head, interim);
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            if (!pooled || !repeatable || connection.answering()) {
                throw e;
            }
        }
        return exchange(pool.acquireFresh(request.origin()), request, head, interim);
    }

    private ClientResponse exchange(ClientConnection connection, ClientRequest request, byte[] head, Interim interim)
            throws IOException {
        boolean handedOver = false;
        try {
            ResponseStart start = connection.exchange(request, head, interim);
            var response = new StreamedResponse(
                    connection, pool, start, request.method().equals("HEAD"));
            handedOver = true;
            return response;
        } finally {
            if (!handedOver) {
                pool.drop(connection);
            }
        }
    }

    /** How many connections are open, in use and unused. */
    public int openConnections() {
        return pool.open();
    }

    /** Closes every connection; requests that run fail. */
    @Override
    public void close() {
        pool.close();
        timer.shutdownNow();
    }
}
