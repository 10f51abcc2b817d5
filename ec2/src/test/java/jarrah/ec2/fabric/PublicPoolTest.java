package jarrah.ec2.fabric;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which public addresses a server takes, and what it leaves in the run directory. */
class PublicPoolTest {
    @TempDir
    Path run;

    @Test
    void locksOfServersThatAreGoneAreRemovedAndAHeldOneIsNotTakenAgain() throws IOException {
        Files.createFile(run.resolve("pool-198.18.7.0.lock"));
        Files.createFile(run.resolve("notes"));
        var names = FabricNames.of(run.resolve("network"));
        try (PublicPool first = PublicPool.take(names, run, Optional.empty());
                PublicPool second = PublicPool.take(names, run, Optional.empty())) {
            assertThat(first.range()).isNotEqualTo(second.range());
            assertThat(pools())
                    .containsExactlyInAnyOrder(
                            "pool-" + Ipv4Range.format(first.range().base()) + ".lock",
                            "pool-" + Ipv4Range.format(second.range().base()) + ".lock");
        }
        assertThat(run.resolve("notes")).exists();
    }

    private List<String> pools() throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("pool-"))
                    .toList();
        }
    }
}
