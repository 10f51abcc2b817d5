package jarrah.it;

import static jarrah.it.SignedClient.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.RawMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A flipped bit on the disk is found, and never served. */
class DamageTest {
    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void inABlobItIsAnErrorAndTheOtherObjectsAreServed(@TempDir Path directory) throws Exception {
        byte[] large = random(3_000_000);
        Path data = directory.resolve("data");
        try (Region region = Region.start(data)) {
            var client = new SignedClient(region);
            client.send("PUT", "/damaged", new byte[0]);
            client.send("PUT", "/damaged/large", large);
            client.send("PUT", "/damaged/other", utf8("other"));
            assertThat(region.stop()).isIn(0, 143);
        }
        flip(largest(data.resolve("blobs")), 1_000_000);
        try (Region region = Region.start(data)) {
            var client = new SignedClient(region);
            RawMessage whole = client.send("GET", "/damaged/large", new byte[0], "Range", "bytes=900000-1100000");
            assertThat(whole.status()).isEqualTo(500);
            assertThat(whole.text()).contains("<Code>InternalError</Code>").contains("damaged");
            assertThat(client.send("GET", "/damaged/other", new byte[0]).text()).isEqualTo("other");
            // What lies before the damage is still good.
            assertThat(client.send("GET", "/damaged/large", new byte[0], "Range", "bytes=0-9")
                            .status())
                    .isIn(206, 500);
        }
    }

    @Test
    void inTheRecordsTheStartRefusesOrTheReadFails(@TempDir Path directory) throws Exception {
        Path data = directory.resolve("data");
        try (Region region = Region.start(data)) {
            var client = new SignedClient(region);
            client.send("PUT", "/records", new byte[0]);
            for (int i = 0; i < 200; i++) {
                assertThat(client.send("PUT", "/records/key-" + i, utf8("value of " + i))
                                .status())
                        .isEqualTo(200);
            }
            region.kill();
        }
        Path log = newestLog(data.resolve("kv"));
        flip(log, Files.size(log) / 2);
        Process process = new ProcessBuilder(Region.command(data))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        assertThat(output).contains("storage.accept-loss");
        assertThat(output.lines().filter(line -> line.startsWith("jarrah: "))).hasSize(1);
    }

    private static Path largest(Path directory) throws IOException {
        return files(directory).stream()
                .max(Comparator.comparingLong(DamageTest::size))
                .orElseThrow();
    }

    private static Path newestLog(Path directory) throws IOException {
        return files(directory).stream()
                .filter(file -> file.toString().endsWith(".log"))
                .max(Comparator.comparingLong(DamageTest::size))
                .orElseThrow();
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static long size(Path file) {
        return file.toFile().length();
    }

    private static void flip(Path file, long position) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 4)).rewind();
            channel.write(one, position);
        }
    }
}
