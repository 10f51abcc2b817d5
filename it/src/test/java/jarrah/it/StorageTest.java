package jarrah.it;

import static jarrah.it.SignedClient.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jarrah storage} counts what is there, and finds what is not whole. */
class StorageTest {
    @Test
    void whatIsStoredIsCountedAndFoundWholeUntilABitFlips(@TempDir Path directory) throws Exception {
        Path data = directory.resolve("data");
        try (Region region = Region.start(data)) {
            var client = new SignedClient(region);
            client.send("PUT", "/counted", new byte[0]);
            client.send("PUT", "/counted/small", utf8("12345"));
            client.send("PUT", "/counted/large", new byte[3_000_000]);
            client.send("PUT", "/counted/rare", utf8("123"), "x-amz-storage-class", "STANDARD_IA");

            assertThat(AccountCommands.run(region, "storage", "stats"))
                    .containsPattern("counted +STANDARD +2 +2 +3000005\\n")
                    .containsPattern("counted +STANDARD_IA +1 +1 +3\\n")
                    .contains("blobs on the disk   1, 3000000 bytes");
            assertThat(AccountCommands.run(region, "storage", "verify"))
                    .contains("done: 3 contents, 3000008 bytes, 0 damaged");
            assertThat(AccountCommands.run(region, "storage", "verify", "--deep"))
                    .contains("0 damaged");
            assertThat(AccountCommands.run(region, "storage", "scrub"))
                    .contains("done: 1 contents, 3000000 bytes, 0 damaged");

            flip(largest(data.resolve("blobs")), 1_000_000);
            Shell.Outcome deep = AccountCommands.attempt(region, "storage", "verify", "--deep");
            assertThat(deep.exit()).isEqualTo(3);
            assertThat(deep.output()).contains("DAMAGED counted/large").contains("1 damaged");
            Shell.Outcome scrub = AccountCommands.attempt(region, "storage", "scrub", "--json");
            assertThat(scrub.exit()).isEqualTo(3);
            assertThat(scrub.output()).contains("{\"damaged\":{\"subject\":\"blob ");

            Files.delete(largest(data.resolve("blobs")));
            Shell.Outcome gone = AccountCommands.attempt(region, "storage", "verify");
            assertThat(gone.exit()).isEqualTo(3);
            assertThat(gone.output()).contains("DAMAGED counted/large: its bytes are gone");
        }
    }

    private static Path largest(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
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
