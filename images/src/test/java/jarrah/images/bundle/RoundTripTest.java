package jarrah.images.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes in comes out, and failures leave nothing behind. */
class RoundTripTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void anyImageInAnyPartSizeComesBack(long seed) throws IOException {
        roundTrip(seed, 3_000_000);
    }

    @Tag("long")
    @Test
    void manyImagesComeBack() throws IOException {
        for (long seed = 1_000; seed < 1_200; seed++) {
            roundTrip(seed, 20_000_000);
        }
    }

    private void roundTrip(long seed, int maxSize) throws IOException {
        var random = new SplittableRandom(seed);
        long size = random.nextInt(4) == 0 ? random.nextInt(2_000) : random.nextInt(maxSize);
        Path image = Fixtures.image(directory.resolve("in-" + seed), size, random.nextDouble(), random);
        long partBytes = 1 + random.nextLong(size / 3 + 5_000) + size / 50;
        Path bundle = Files.createDirectory(directory.resolve("bundle-" + seed));
        BundleSpec spec = Fixtures.spec("image", partBytes, random.nextBoolean());
        Manifest made = Bundler.bundle(image, spec, new DirectoryParts(bundle), Progress.NONE);
        byte[] document = ManifestWriter.signed(made, Fixtures.USER_KEY);
        assertThat(ManifestSignature.signer(document, List.of(Fixtures.USER))).isPresent();
        Manifest read = Manifest.parse(document);
        assertThat(read.image()).isEqualTo(made.image());
        Path raw = directory.resolve("out-" + seed);
        Unbundler.unbundle(read, PartSource.directory(bundle), Fixtures.CLOUD_KEY, raw);
        assertThat(Files.mismatch(image, raw)).as("seed " + seed).isEqualTo(-1);
        assertThat(names(bundle)).hasSize(made.image().parts().size());
        assertThat(names(directory)).noneMatch(name -> name.startsWith(".jarrah"));
    }

    private static List<String> names(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void emptyImagesAndEmptyLastPartsAreRead() throws IOException {
        Path image = Files.createFile(directory.resolve("empty"));
        Path bundle = Files.createDirectory(directory.resolve("bundle"));
        Manifest made = Bundler.bundle(
                image, Fixtures.spec("empty", 1_000_000, true), new DirectoryParts(bundle), Progress.NONE);
        // euca2ools ends a ciphertext of exactly N parts with an empty one.
        Files.createFile(bundle.resolve("empty.part.1"));
        Manifest withEmpty = withParts(
                made,
                List.of(
                        made.image().parts().getFirst(),
                        new Manifest.Part(1, "empty.part.1", Fixtures.sha1(new byte[0]))));
        Path raw = directory.resolve("raw");
        Unbundler.unbundle(withEmpty, PartSource.directory(bundle), Fixtures.USER_KEY, raw);
        assertThat(raw).isEmptyFile();
    }

    static Manifest withParts(Manifest manifest, List<Manifest.Part> parts) {
        Manifest.Image image = manifest.image();
        return new Manifest(
                manifest.version(),
                manifest.bundler(),
                manifest.machine(),
                new Manifest.Image(
                        image.name(),
                        image.user(),
                        image.type(),
                        image.kernelName(),
                        image.ancestors(),
                        image.digest(),
                        image.size(),
                        image.bundledSize(),
                        image.forCloud(),
                        image.forUser(),
                        parts),
                manifest.signature());
    }

    @Test
    void partNamesHaveTheDigitsOfTheNumberOfParts() throws IOException {
        Path image = Fixtures.image(directory.resolve("in"), 100_000, 0, new SplittableRandom(7));
        Path bundle = Files.createDirectory(directory.resolve("bundle"));
        Manifest made =
                Bundler.bundle(image, Fixtures.spec("im", 900, true), new DirectoryParts(bundle), Progress.NONE);
        assertThat(made.image().parts().size()).isBetween(11, 999);
        int digits = Integer.toString(made.image().parts().size()).length();
        assertThat(names(bundle).getFirst()).isEqualTo("im.part." + "0".repeat(digits));
        assertThat(FileNames.part("image", 0, 10)).isEqualTo("image.part.00");
        assertThat(FileNames.part("image", 9, 9)).isEqualTo("image.part.9");
    }

    @Test
    void holesAreNeitherStoredNorWritten() throws IOException {
        Path image = directory.resolve("in");
        long size = 64L * 1024 * 1024;
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long at : new long[] {5_000_000, 20_000_000, size - 1}) {
                file.write(java.nio.ByteBuffer.wrap(new byte[] {1}), at);
            }
        }
        var told = new AtomicLong();
        Path bundle = Files.createDirectory(directory.resolve("bundle"));
        Manifest made = Bundler.bundle(
                image,
                Fixtures.spec("image", BundleSpec.PART_BYTES, true),
                new DirectoryParts(bundle),
                (_, total) -> told.set(total));
        assertThat(told.get()).as("bytes of the tar").isLessThan(1_000_000);
        assertThat(made.image().size()).isEqualTo(size);
        Path raw = directory.resolve("raw");
        Unbundler.unbundle(made, PartSource.directory(bundle), Fixtures.USER_KEY, raw);
        assertThat(Files.mismatch(image, raw)).isEqualTo(-1);
    }

    @Test
    void aStreamIsBundledWithoutAFile() throws IOException {
        byte[] bytes = new byte[1_500_000];
        new SplittableRandom(3).nextBytes(bytes);
        Path bundle = Files.createDirectory(directory.resolve("bundle"));
        Manifest made = Bundler.bundle(
                Channels.newChannel(new ByteArrayInputStream(bytes)),
                bytes.length,
                Fixtures.spec("image", 700_000, true),
                new DirectoryParts(bundle),
                Progress.NONE);
        Path raw = directory.resolve("raw");
        Unbundler.unbundle(made, PartSource.directory(bundle), Fixtures.USER_KEY, raw);
        assertThat(raw).hasBinaryContent(bytes);
    }

    @Test
    void aSinkThatFailsEndsTheWorkAndLeavesNothing() throws IOException {
        Path image = Fixtures.image(directory.resolve("in"), 30_000_000, 0, new SplittableRandom(11));
        Path bundle = Files.createDirectory(directory.resolve("bundle"));
        var directoryParts = new DirectoryParts(bundle);
        var full = new PartSink() {
            @Override
            public OutputStream open(int index) throws IOException {
                if (index == 2) {
                    throw new IOException("disk full");
                }
                return directoryParts.open(index);
            }

            @Override
            public void complete(List<Manifest.Part> parts) throws IOException {
                directoryParts.complete(parts);
            }

            @Override
            public void discard() {
                directoryParts.discard();
            }
        };
        assertThatThrownBy(() -> Bundler.bundle(image, Fixtures.spec("image", 1_000_000, true), full, Progress.NONE))
                .isInstanceOf(IOException.class)
                .hasMessage("disk full");
        assertThat(bundle).isEmptyDirectory();
    }

    @Test
    void aStreamThatEndsEarlyIsRefused() throws IOException {
        Path bundle = Files.createDirectory(directory.resolve("bundle"));
        assertThatThrownBy(() -> Bundler.bundle(
                        Channels.newChannel(InputStream.nullInputStream()),
                        1_000,
                        Fixtures.spec("image", 1_000_000, true),
                        new DirectoryParts(bundle),
                        Progress.NONE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("shorter");
        assertThat(bundle).isEmptyDirectory();
    }
}
