package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second workflow, as its example script plays it. */
class AcceleratedBucketTest {
    private static final Path EXAMPLES =
            Path.of("..", "examples").toAbsolutePath().normalize();

    @Test
    void theExampleProvesEveryStep(@TempDir Path directory) throws Exception {
        Shell.require("s3cmd", "AcceleratedBucketTest");
        Shell.require("curl", "AcceleratedBucketTest");
        String config = EXAMPLES.resolve("accelerated-bucket.yaml").toString();
        try (Region region = Region.start(directory.resolve("data"), "--config", config)) {
            String output = new Shell(region, directory)
                    .run(
                            EXAMPLES.resolve("accelerated-bucket.sh").toString(),
                            Map.of(
                                    "JARRAH_DATA", region.data().toString(),
                                    "ACCELERATOR", region.accelerator(),
                                    "OPERATIONS", region.operations()));
            Files.writeString(Path.of("target", "accelerated-bucket.txt"), output);
            assertThat(output).contains("All of it holds.").doesNotContain("FAILED");
            assertThat(output.lines().filter(line -> line.contains("proved:"))).hasSize(13);
        }
    }
}
