package jarrah.images.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our bundles are read by openssl, gzip and GNU tar, the programs that the old tools run. */
class OtherToolsTest {
    @TempDir
    Path directory;

    @Test
    void opensslGzipAndTarOpenADenseAndASparseBundle() throws Exception {
        for (double zeros : new double[] {0, 0.6}) {
            Path place = Files.createDirectory(directory.resolve("bundle-" + zeros));
            Path image = Fixtures.image(place.resolve("in"), 9_000_000, zeros, new SplittableRandom(17));
            BundleSpec spec = Fixtures.spec("image", 2_000_000, true);
            Manifest made = Bundler.bundle(image, spec, new DirectoryParts(place), Progress.NONE);
            assertThat(made.image().parts()).hasSizeGreaterThan(1);
            run(
                    place,
                    "cat image.part.* | openssl enc -d -aes-128-cbc -K "
                            + spec.keys().keyHex() + " -iv "
                            + spec.keys().ivHex() + " > tar.gz && gzip -t tar.gz && gunzip -c tar.gz > t"
                            + " && test \"$(sha1sum < t | cut -d' ' -f1)\" = "
                            + made.image().digest()
                            + " && tar -xf t && test \"$(tar -tf t)\" = image");
            assertThat(Files.mismatch(place.resolve("image"), image)).isEqualTo(-1);
        }
    }

    private static void run(Path place, String command) throws IOException, InterruptedException {
        for (String tool : new String[] {"openssl", "gzip", "tar", "sha1sum"}) {
            Assumptions.assumeTrue(
                    Files.isExecutable(Path.of("/usr/bin", tool)) || Files.isExecutable(Path.of("/bin", tool)),
                    tool + " is not installed");
        }
        Path log = place.resolve("log");
        Process process = new ProcessBuilder("/bin/sh", "-c", command)
                .directory(place.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    }
}
