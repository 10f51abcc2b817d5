package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** rclone as Debian has it, with the configuration that the server wrote. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RcloneTest {
    private final Region region;
    private final Shell shell;

    RcloneTest(@TempDir Path directory) throws IOException {
        Shell.require("rclone", "RcloneTest");
        region = Region.start(directory.resolve("data"));
        shell = new Shell(region, directory);
    }

    @AfterAll
    void stop() {
        region.close();
    }

    @Test
    void syncBothWaysEndsWithEqualTrees() throws Exception {
        shell.run("""
                mkdir -p tree/sub/deep
                for i in $(seq 1 40); do head -c $((i * 997)) /dev/urandom > "tree/sub/file $i"; done
                head -c 15000000 /dev/urandom > tree/sub/deep/large
                rclone mkdir jarrah:rclone-tree
                rclone sync --s3-upload-cutoff 8M --s3-chunk-size 5M tree jarrah:rclone-tree/t
                rclone check tree jarrah:rclone-tree/t
                rm "tree/sub/file 7"; echo changed > "tree/sub/file 8"
                rclone sync tree jarrah:rclone-tree/t
                rclone check tree jarrah:rclone-tree/t
                rclone sync jarrah:rclone-tree/t back
                diff -r tree back
                """);
        assertThat(shell.run("rclone size jarrah:rclone-tree")).contains("Total objects: 40");
        assertThat(shell.run("rclone lsf jarrah:rclone-tree/t/sub"))
                .contains("deep/")
                .doesNotContain("file 7\n");
        shell.run("rclone copyto jarrah:rclone-tree/t/sub/deep/large jarrah:rclone-tree/copy");
        shell.run("rclone moveto jarrah:rclone-tree/copy jarrah:rclone-tree/moved");
        shell.run("rclone cat jarrah:rclone-tree/moved | cmp - tree/sub/deep/large");
        shell.run("rclone purge jarrah:rclone-tree");
        assertThat(shell.run("rclone lsd jarrah:")).doesNotContain("rclone-tree");
    }
}
