package jarrah.images.tiny;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** A metadata service for one instance, on loopback, as far as the tiny image asks. */
final class MetadataStub implements AutoCloseable {
    private static final String TOKEN = "AQAEAExampleToken==";

    private final HttpServer server;
    private final boolean tokens;
    private final Map<String, String> tree = new ConcurrentHashMap<>();
    final List<String> asked = new CopyOnWriteArrayList<>();

    /** @param tokens whether it is of version 2 and refuses who has no token; else of version 1 and knows none */
    MetadataStub(boolean tokens) throws IOException {
        this.tokens = tokens;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    /** @param path below {@code /latest/} */
    MetadataStub with(String path, String value) {
        tree.put(path, value);
        return this;
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath().substring(1);
            asked.add(exchange.getRequestMethod() + " " + path);
            boolean known = TOKEN.equals(exchange.getRequestHeaders().getFirst("X-aws-ec2-metadata-token"));
            if (tokens
                    && path.equals("latest/api/token")
                    && exchange.getRequestMethod().equals("PUT")) {
                send(exchange, 200, TOKEN);
            } else if (tokens && !known) {
                send(exchange, 401, "");
            } else {
                String value = tree.get(path.replace("latest/", ""));
                send(exchange, value == null ? 404 : 200, value == null ? "" : value);
            }
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
