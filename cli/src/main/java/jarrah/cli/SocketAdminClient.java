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

/** Calls the server of a data directory: HTTP on the unix socket in it. */
public final class SocketAdminClient implements AdminClient {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path dataDirectory;

    public SocketAdminClient(Path dataDirectory) {
        this.dataDirectory = dataDirectory;
    }

    @Override
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

    @Override
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
            if (status == null || !status.contains(" 200 ")) {
                String refusal = reader.readLine();
                throw AdminClient.refused(JSON.readTree(refusal == null ? "{}" : refusal));
            }
            AdminClient.passOn(reader, line);
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
            throw AdminClient.refused(json);
        }
        return json;
    }
}
