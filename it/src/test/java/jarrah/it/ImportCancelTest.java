package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C during {@code jarrah image import}: the server notices, ends the copy and keeps nothing of it. */
class ImportCancelTest {
    private static List<String> files(Path images) throws Exception {
        try (Stream<Path> all = Files.walk(images)) {
            return all.filter(Files::isRegularFile)
                    .map(path -> images.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    private static Process start(Region region, String... words) throws Exception {
        var command = new ArrayList<>(
                List.of("image", "import", "--data", region.data().toString()));
        command.addAll(List.of(words));
        return new ProcessBuilder(Region.jarrah(command.toArray(String[]::new)))
                .redirectErrorStream(true)
                .start();
    }

    @Test
    void whatWasBegunIsGoneAndTheNextImportWorks(@TempDir Path directory) throws Exception {
        Shell.require("qemu-img", "ImportCancelTest");
        Path large = directory.resolve("large.raw"); // all holes, which still have to be read
        try (var file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(200L << 30);
        }
        Path small = Files.write(directory.resolve("small.raw"), new byte[1 << 20]);
        try (Region region = Region.start(directory.resolve("data"))) {
            Path images = region.data();
            List<String> before = copies(images);
            Process client = start(region, large.toString(), "--name", "image", "--ebs");
            await(() -> copies(images).size() > before.size());
            client.destroy();
            client.waitFor();
            await(() -> copies(images).equals(before));

            Process again = start(region, small.toString(), "--name", "image", "--ebs", "--quiet");
            String said = new String(again.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(again.waitFor()).as(said).isZero();
            assertThat(said).matches("ami-[0-9a-f]{17}\\n");
        }
    }

    private static List<String> copies(Path data) throws Exception {
        return files(data).stream()
                .filter(name -> name.endsWith(".new") || name.endsWith(".qcow2") || name.endsWith(".raw"))
                .toList();
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
