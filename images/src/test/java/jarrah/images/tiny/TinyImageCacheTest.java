package jarrah.images.tiny;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is built once is there at once, and what was built by half is not taken for an image. */
final class TinyImageCacheTest {
    @Test
    void aSecondCallBuildsNothing() throws Exception {
        TinyImage image = TinyImageUnderTest.get();
        List<String> said = new ArrayList<>();

        TinyImage again = TinyImage.build(TinyImageUnderTest.CACHE, said::add);

        assertThat(again).isEqualTo(image);
        assertThat(said).isEmpty();
    }

    @Test
    void thePartsAreSmallAndSparse() throws Exception {
        TinyImage image = TinyImageUnderTest.get();

        assertThat(Files.size(image.ramdisk())).isLessThan(4 << 20);
        assertThat(Files.size(image.rootFileSystem())).isLessThan(80 << 20);
        Path packages = image.kernel().resolveSibling("packages");
        assertThat(Files.readAllLines(packages)).anyMatch(line -> line.startsWith("dropbear-bin "));
    }
}
