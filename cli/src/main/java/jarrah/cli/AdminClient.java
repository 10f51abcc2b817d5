package jarrah.cli;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls a server's admin API: JSON over HTTP/1.1 on the unix socket in its data directory, one call a connection. */
public final class AdminClient {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAX_ANSWER_BYTES = 16 * 1024 * 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path dataDirectory;

    public AdminClient(Path dataDirectory) {
        this.dataDirectory = dataDirectory;
    }

    /**
     * Calls the server.
     *
     * @param body the request's JSON; an empty object for none
     * @return the answer's JSON
     * @throws CommandFailed if no server runs there, or it refuses; the message is for the person
     */
    public JsonNode call(String method, String path, JsonNode body) {
        return call(method, path, body, PATIENCE);
    }

    /**
     * As {@link #call(String, String, JsonNode)}, for what may take long.
     *
     * @param patience how long to wait for the answer
     */
    public JsonNode call(String method, String path, JsonNode body, Duration patience) {
        Path socket = DataDirectoryOption.adminSocket(dataDirectory);
        if (!Files.exists(socket)) {
            throw nobody();
        }
        byte[] json = JSON.writeValueAsBytes(body);
        String head = method + " " + path + " HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + json.length + "\r\n\r\n";
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            Thread watch = Thread.ofVirtual().start(() -> closeLater(channel, patience));
            channel.connect(UnixDomainSocketAddress.of(socket));
            write(channel, head.getBytes(StandardCharsets.US_ASCII));
            write(channel, json);
            byte[] answer = readAll(channel);
            watch.interrupt();
            return parse(answer);
        } catch (AsynchronousCloseException e) {
            throw new CommandFailed("the server did not answer within " + patience.toSeconds() + " s");
        } catch (IOException e) {
            throw nobody();
        }
    }

    /**
     * Calls for an answer of many lines, each a JSON object, as long as it takes. When we end, the server learns of it.
     *
     * @param line takes each as it comes
     */
    public void lines(String method, String path, JsonNode body, Consumer<JsonNode> line) {
        Path socket = DataDirectoryOption.adminSocket(dataDirectory);
        if (!Files.exists(socket)) {
            throw nobody();
        }
        byte[] json = JSON.writeValueAsBytes(body);
        // To a client of HTTP/1.0 the answer comes as it is, to the end of the connection.
        String head = method + " " + path + " HTTP/1.0\r\nHost: admin\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + json.length + "\r\n\r\n";
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            write(channel, head.getBytes(StandardCharsets.US_ASCII));
            write(channel, json);
            var reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
            String status = reader.readLine();
            for (String field = status; field != null && !field.isEmpty(); ) {
                field = reader.readLine();
            }
            boolean done = false;
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                JsonNode node = JSON.readTree(text);
                if (status == null || !status.contains(" 200 ")) {
                    throw new CommandFailed(node.path("message").asString("the server refused"));
                }
                if (node.has("failed")) {
                    throw new CommandFailed(node.path("failed").path("message").asString("it failed"));
                }
                done |= node.has("done");
                line.accept(node);
            }
            if (!done) {
                throw new CommandFailed("the server stopped before the end");
            }
        } catch (IOException e) {
            throw nobody();
        }
    }

    private CommandFailed nobody() {
        return new CommandFailed("no server is running with data directory " + dataDirectory
                + "; start one with: jarrah up --data " + dataDirectory);
    }

    private static void closeLater(SocketChannel channel, Duration patience) {
        try {
            Thread.sleep(patience);
            channel.close();
        } catch (InterruptedException | IOException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static byte[] readAll(SocketChannel channel) throws IOException {
        var all = new ByteArrayOutputStream();
        var buffer = ByteBuffer.allocate(8_192);
        while (channel.read(buffer) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
            buffer.clear();
            if (all.size() > MAX_ANSWER_BYTES) {
                throw new CommandFailed("the server's answer is too long");
            }
        }
        return all.toByteArray();
    }

    private static JsonNode parse(byte[] answer) {
        String text = new String(answer, StandardCharsets.UTF_8);
        int end = text.indexOf("\r\n\r\n");
        String[] status = text.split(" ", 3);
        if (end < 0 || status.length < 3 || !text.startsWith("HTTP/1.1 ")) {
            throw new CommandFailed("the server's answer cannot be read");
        }
        JsonNode json = JSON.readTree(text.substring(end + 4));
        if (!status[1].equals("200")) {
            throw new CommandFailed(json.path("message").asString("the server refused"));
        }
        return json;
    }
}
