package jarrah.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console's log keeps its end, and its bounds. */
final class ConsoleLogTest {
    @TempDir
    Path temp;

    @Test
    void theTailIsTheLastBytes() throws Exception {
        var log = new ConsoleLog(Files.writeString(temp.resolve("console.log"), "abcdef"));

        assertThat(log.tail(4)).asString(StandardCharsets.US_ASCII).isEqualTo("cdef");
        assertThat(log.tail(100)).asString(StandardCharsets.US_ASCII).isEqualTo("abcdef");
    }

    @Test
    void aConsoleThatWasNeverWrittenToIsEmpty() throws Exception {
        assertThat(new ConsoleLog(temp.resolve("console.log")).tail(100)).isEmpty();
    }

    @Test
    void aLogAboveTheBoundIsCutAndTheWriterGoesOnBehindItsEnd() throws Exception {
        Path file = temp.resolve("console.log");
        var log = new ConsoleLog(file);
        try (var qemu = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            qemu.write(new byte[(int) ConsoleLog.MAX_BYTES]);
            qemu.write("the end of before".getBytes(StandardCharsets.US_ASCII));

            log.trim();
            qemu.write(", and after".getBytes(StandardCharsets.US_ASCII));
        }

        assertThat(Files.size(file)).isEqualTo(", and after".length());
        assertThat(log.tail(28)).asString(StandardCharsets.US_ASCII).isEqualTo("the end of before, and after");
        assertThat(log.tail(4 << 20)).hasSizeLessThan((int) ConsoleLog.MAX_BYTES);
    }

    @Test
    void aShortLogIsLeftAlone() throws Exception {
        Path file = Files.writeString(temp.resolve("console.log"), "short");

        new ConsoleLog(file).trim();

        assertThat(file).hasContent("short");
        assertThat(temp.resolve("console.log.1")).doesNotExist();
    }
}
