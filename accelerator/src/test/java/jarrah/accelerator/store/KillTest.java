package jarrah.accelerator.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After kill -9 the store is warm, and every body that it serves is the one that was stored. */
final class KillTest {
    @TempDir
    Path directory;

    @Test
    void threeKillsLeaveNoWrongBody() throws Exception {
        kill(3);
    }

    @Test
    @Tag("long")
    void manyKillsLeaveNoWrongBody() throws Exception {
        kill(200);
    }

    private void kill(int times) throws Exception {
        long served = 0;
        for (int round = 0; round < times; round++) {
            Process child = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            ChurningStore.class.getName(),
                            directory.toString(),
                            Integer.toString(round))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                var output = child.inputReader();
                for (int lines = 2 + round % 7; lines > 0; ) {
                    String line = output.readLine();
                    assertThat(line).as("the child's output").isNotNull();
                    lines -= line.equals("churning") ? 1 : 0;
                }
            } finally {
                child.destroyForcibly();
                assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
            }
            served += check();
        }
        assertThat(served).as("warm").isGreaterThan(5L * times);
    }

    private long check() throws Exception {
        long served = 0;
        try (var store = TieredCacheStore.open(4 << 20, 24 << 20, directory, key -> true)) {
            for (int i = 0; i < 1_000; i++) {
                String path = "k" + i;
                for (Entry entry : store.find(StoredEntries.key(path))) {
                    assertThat(StoredEntries.read(store, entry)).isEqualTo(ChurningStore.body(path));
                    served++;
                }
            }
        }
        return served;
    }
}
