package jarrah.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The conversation with QEMU, with a server that says what the test makes it say. */
final class QmpClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final String GREETING = "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n";

    @TempDir
    Path temp;

    private ServerSocketChannel listener;

    /** What QEMU would do on a connection; its end closes it. */
    private interface Script {
        void play(BufferedReader in, SocketChannel out) throws Exception;
    }

    @BeforeEach
    void listen() throws IOException {
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(temp.resolve("q")));
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
    }

    @Test
    void answersFindTheirCallersInWhateverOrder() throws Exception {
        serve((in, out) -> {
            agree(in, out);
            String first = id(in.readLine());
            String second = id(in.readLine());
            say(out, "{\"return\": \"to the second\", \"id\": \"" + second + "\"}\r\n");
            say(out, "{\"return\": \"to the first\", \"id\": \"" + first + "\"}\r\n");
            in.readLine();
        });
        try (var client = connect()) {
            var first = CompletableFuture.supplyAsync(() -> ask(client, "query-status"));
            var second = CompletableFuture.supplyAsync(() -> ask(client, "query-status"));

            assertThat(java.util.Set.of(first.get(10, TimeUnit.SECONDS), second.get(10, TimeUnit.SECONDS)))
                    .containsExactlyInAnyOrder("to the first", "to the second");
        }
    }

    @Test
    void aRefusalCarriesQemusWordsAndClass() throws Exception {
        serve((in, out) -> {
            agree(in, out);
            say(
                    out,
                    "{\"id\": \"" + id(in.readLine())
                            + "\", \"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"Device 'x' not found\"}}\r\n");
            in.readLine();
        });
        try (var client = connect()) {
            assertThatThrownBy(() -> client.execute("device_del", Map.of("id", "x"), PATIENCE))
                    .isInstanceOfSatisfying(
                            QmpException.class, e -> assertThat(e.errorClass()).isEqualTo("DeviceNotFound"))
                    .hasMessage("device_del: Device 'x' not found");
        }
    }

    @Test
    void argumentsArriveAsJson() throws Exception {
        var line = new CompletableFuture<String>();
        serve((in, out) -> {
            agree(in, out);
            String command = in.readLine();
            line.complete(command);
            say(out, "{\"return\": {}, \"id\": \"" + id(command) + "\"}\r\n");
            in.readLine();
        });
        try (var client = connect()) {
            client.execute("blockdev-add", Map.of("file", Map.of("filename", "/a \"b\",c")), PATIENCE);

            assertThat(line.get(10, TimeUnit.SECONDS))
                    .isEqualTo("{\"execute\":\"blockdev-add\",\"id\":\"j2\","
                            + "\"arguments\":{\"file\":{\"filename\":\"/a \\\"b\\\",c\"}}}");
        }
    }

    @Test
    void eventsBetweenAreHeardAndDoNotConfuseAnswers() throws Exception {
        serve((in, out) -> {
            agree(in, out);
            String command = in.readLine();
            say(out, "{\"event\": \"DEVICE_DELETED\", \"data\": {\"path\": \"/machine/x\"}, \"timestamp\": {}}\r\n");
            say(out, "{\"event\": \"DEVICE_DELETED\", \"data\": {\"device\": \"disk-1\"}, \"timestamp\": {}}\r\n");
            say(out, "{\"return\": {}, \"id\": \"" + id(command) + "\"}\r\n");
            in.readLine();
        });
        try (var client = connect()) {
            var gone = client.next(event -> event.is("DEVICE_DELETED", "device", "disk-1"));

            client.execute("device_del", Map.of("id", "disk-1"), PATIENCE);

            assertThat(gone.get(10, TimeUnit.SECONDS).data().path("device").asString(""))
                    .isEqualTo("disk-1");
        }
    }

    @Test
    void noAnswerEndsAtTheDeadlineAndTheConversationGoesOn() throws Exception {
        serve((in, out) -> {
            agree(in, out);
            String ignored = in.readLine();
            String second = in.readLine();
            say(out, "{\"return\": \"late\", \"id\": \"" + id(ignored) + "\"}\r\n");
            say(out, "{\"return\": \"mine\", \"id\": \"" + id(second) + "\"}\r\n");
            in.readLine();
        });
        try (var client = connect()) {
            assertThatThrownBy(() -> client.execute("query-status", Map.of(), SHORT))
                    .hasMessageContaining("no answer from QEMU within 100 ms");

            assertThat(ask(client, "query-status")).isEqualTo("mine");
        }
    }

    @Test
    void theEndOfQemuFailsWhoWaitsAndIsToldOnce() throws Exception {
        serve((in, out) -> {
            agree(in, out);
            in.readLine();
        });
        var closed = new CountDownLatch(1);
        try (var client = connect()) {
            client.onClose(closed::countDown);

            assertThatThrownBy(() -> client.execute("quit", Map.of(), PATIENCE))
                    .hasMessageContaining("QEMU ended the QMP conversation");
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(client.open()).isFalse();
            assertThatThrownBy(() -> client.execute("query-status", Map.of(), PATIENCE))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aLineWithoutEndIsNotTakenIntoMemory() throws Exception {
        serve((in, out) -> {
            agree(in, out);
            byte[] much = new byte[QmpClient.MAX_LINE_BYTES + 1];
            java.util.Arrays.fill(much, (byte) ' ');
            ByteBuffer bytes = ByteBuffer.wrap(much);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            in.readLine();
        });
        try (var client = connect()) {
            assertThatThrownBy(() -> client.execute("query-status", Map.of(), PATIENCE))
                    .hasMessageContaining("a line of more than");
        }
    }

    @Test
    void whoDoesNotGreetIsNotWaitedForLongerThanAllowed() {
        serve((in, out) -> in.readLine());

        assertThatThrownBy(() -> QmpClient.connect(temp.resolve("q"), SHORT)).hasMessageContaining("greeting");
    }

    private void serve(Script script) {
        Thread.ofVirtual().start(() -> {
            try (SocketChannel connection = listener.accept()) {
                var in = new BufferedReader(Channels.newReader(connection, StandardCharsets.UTF_8));
                script.play(in, connection);
            } catch (Exception e) {
                // The client's side of the test fails, with what it sees of this.
            }
        });
    }

    private QmpClient connect() throws IOException {
        return QmpClient.connect(temp.resolve("q"), PATIENCE);
    }

    private static String ask(QmpClient client, String command) {
        try {
            return client.execute(command, Map.of(), PATIENCE).asString("");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void agree(BufferedReader in, SocketChannel out) throws IOException {
        say(out, GREETING);
        String capabilities = in.readLine();
        if (capabilities.contains("qmp_capabilities")) {
            say(out, "{\"return\": {}, \"id\": \"" + id(capabilities) + "\"}\r\n");
        }
    }

    private static String id(String line) {
        int at = line.indexOf("\"id\":\"") + 6;
        return line.substring(at, line.indexOf('"', at));
    }

    private static void say(SocketChannel out, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }
}
