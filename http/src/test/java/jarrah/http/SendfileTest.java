package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.Deadlines;
import jarrah.testkit.RawClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SendfileTest {
    private static final int SIZE = 40 * 1024 * 1024 + 12_345;

    @TempDir
    Path directory;

    private FileChannel file(byte[] content) throws IOException {
        var channel = FileChannel.open(
                directory.resolve("file"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        channel.write(ByteBuffer.wrap(content));
        return channel;
    }

    private static byte[] content(int size) {
        byte[] content = new byte[size];
        new Random(42).nextBytes(content);
        return content;
    }

    private static long crc(byte[] bytes, int offset, int length) {
        var crc = new CRC32();
        crc.update(bytes, offset, length);
        return crc.getValue();
    }

    @Test
    void everyByteOfABigFileArrives() throws Exception {
        byte[] content = content(SIZE);
        var released = new Semaphore(0);
        try (var file = file(content);
                var server = HttpServer.start(
                        HttpServerConfig.of("127.0.0.1", 0),
                        exchange -> {
                            if (exchange.request().target().equals("/send")) {
                                exchange.send(
                                        ResponseHead.of(200),
                                        new Body.FilePart(file, 17, SIZE - 100, released::release));
                            } else {
                                boolean known = exchange.request().target().equals("/known");
                                try (var body = exchange.stream(ResponseHead.of(200), known ? SIZE - 100 : -1)) {
                                    body.transfer(file, 17, 1_000);
                                    body.transfer(file, 1_017, SIZE - 1_100);
                                }
                            }
                        },
                        null);
                var client = RawClient.connect(server.port())) {
            long expected = crc(content, 17, SIZE - 100);
            for (String target : new String[] {"/send", "/known", "/chunked", "/send"}) {
                byte[] body = client.get(target).read().body();
                assertThat(body).as(target).hasSize(SIZE - 100);
                assertThat(crc(body, 0, body.length)).as(target).isEqualTo(expected);
            }
            assertThat(released.tryAcquire(2, 10, TimeUnit.SECONDS)).isTrue();
            assertThat(released.availablePermits()).isZero();
            assertThat(file.isOpen()).isTrue();
        }
    }

    @Test
    void theFileIsReleasedOnceWhenTheClientIsGone() throws Exception {
        var released = new Semaphore(0);
        try (var file = file(content(SIZE));
                var server = HttpServer.start(
                        HttpServerConfig.of("127.0.0.1", 0),
                        exchange -> exchange.send(
                                ResponseHead.of(200), new Body.FilePart(file, 0, SIZE, released::release)),
                        null)) {
            for (int i = 0; i < 5; i++) {
                var client = RawClient.connect(server.port(), Deadlines.STEP, 8 * 1024);
                client.get("/").readBytes(10_000L * i);
                client.reset();
            }
            assertThat(released.tryAcquire(5, 10, TimeUnit.SECONDS)).isTrue();
            assertThat(released.availablePermits()).isZero();
        }
    }

    @Test
    void theFileIsReleasedOnceForAHeadAndForAnEmptyPart() throws Exception {
        var released = new Semaphore(0);
        try (var file = file(content(100));
                var server = HttpServer.start(
                        HttpServerConfig.of("127.0.0.1", 0),
                        exchange -> exchange.send(
                                ResponseHead.of(200),
                                new Body.FilePart(
                                        file,
                                        0,
                                        exchange.request().target().equals("/empty") ? 0 : 100,
                                        released::release)),
                        null);
                var client = RawClient.connect(server.port())) {
            assertThat(client.request("HEAD", "/").readHead().first("Content-Length"))
                    .isEqualTo("100");
            assertThat(client.get("/empty").read().body()).isEmpty();
            assertThat(client.get("/").read().body()).hasSize(100);
            assertThat(released.tryAcquire(3, 10, TimeUnit.SECONDS)).isTrue();
            assertThat(released.availablePermits()).isZero();
        }
    }

    /** A file that shrank under us must not leave the client waiting for bytes that do not exist. */
    @Test
    void aFileShorterThanPromisedCutsTheConnection() throws Exception {
        var released = new Semaphore(0);
        try (var file = file(content(1_000));
                var server = HttpServer.start(
                        HttpServerConfig.of("127.0.0.1", 0),
                        exchange -> exchange.send(
                                ResponseHead.of(200), new Body.FilePart(file, 0, 2_000, released::release)),
                        null);
                var client = RawClient.connect(server.port())) {
            byte[] all = client.get("/").readToEnd();
            assertThat(all.length).isLessThan(2_000);
            assertThat(released.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
