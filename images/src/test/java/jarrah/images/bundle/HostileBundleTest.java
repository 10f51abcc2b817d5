package jarrah.images.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts that are not what the manifest says are refused, each with its reason, and nothing is left of them. */
class HostileBundleTest {
    private static final byte[] IMAGE = "an image".repeat(200).getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = new byte[1_024];

    @TempDir
    Path directory;

    @TempDir
    Path target;

    @AfterEach
    void nothingIsLeft() {
        assertThat(target).isEmptyDirectory();
    }

    private void refused(Manifest manifest, Class<? extends Exception> type, String message) {
        refused(manifest, PartSource.directory(directory), Fixtures.CLOUD_KEY, type, message);
    }

    private void refused(
            Manifest manifest, PartSource source, PrivateKey key, Class<? extends Exception> type, String message) {
        assertThatThrownBy(() -> Unbundler.unbundle(manifest, source, key, target.resolve("raw")))
                .isInstanceOf(type)
                .hasMessageContaining(message);
    }

    private Manifest bundle(long size, long partBytes) throws IOException {
        Path image = Fixtures.image(directory.resolve("in"), size, 0, new SplittableRandom(5));
        return Bundler.bundle(
                image, Fixtures.spec("image", partBytes, true), new DirectoryParts(directory), Progress.NONE);
    }

    @Test
    void aFlippedBitIsFoundInItsPart() throws IOException {
        Manifest manifest = bundle(5_000_000, 1_000_000);
        Path part = directory.resolve("image.part.1");
        byte[] bytes = Files.readAllBytes(part);
        bytes[10] ^= 1;
        Files.write(part, bytes);
        refused(manifest, ImageException.WrongPart.class, "image.part.1 is not the one in the manifest");
    }

    @Test
    void aTruncatedPartIsFound() throws IOException {
        Manifest manifest = bundle(5_000_000, 1_000_000);
        Path part = directory.resolve("image.part.2");
        Files.write(part, Arrays.copyOf(Files.readAllBytes(part), 999_984));
        refused(manifest, ImageException.WrongPart.class, "image.part.2 is not the one in the manifest: its 999984");
    }

    @Test
    void aMissingPartIsFound() throws IOException {
        Manifest manifest = bundle(3_000_000, 1_000_000);
        Files.delete(directory.resolve("image.part.1"));
        refused(manifest, ImageException.WrongPart.class, "image.part.1 is missing");
    }

    @Test
    void anEndlessPartIsCutOff() throws IOException {
        Manifest manifest = bundle(1_000, 1_000_000);
        var endless = new InputStream() {
            @Override
            public int read() {
                return 0;
            }
        };
        refused(
                manifest,
                _ -> endless,
                Fixtures.USER_KEY,
                ImageException.WrongPart.class,
                "longer than the manifest's bundled_size");
    }

    @Test
    void aSourceThatBreaksOffReachesTheCaller() throws IOException {
        Manifest manifest = bundle(3_000_000, 1_000_000);
        refused(
                manifest,
                part -> {
                    if (part.index() == 1) {
                        throw new IOException("connection lost");
                    }
                    return Files.newInputStream(directory.resolve(part.fileName()));
                },
                Fixtures.USER_KEY,
                IOException.class,
                "connection lost");
    }

    @Test
    void theWrongKeyHasOneAnswer() throws IOException {
        Manifest manifest = bundle(1_000, 1_000_000);
        refused(
                manifest,
                PartSource.directory(directory),
                Fixtures.OTHER_KEY,
                ImageException.WrongKey.class,
                "the private key does not open this bundle");
        var noKeys = new Manifest.EncryptedKeys("00".repeat(256), "");
        refused(manifest.withCloudKeys(noKeys), ImageException.WrongKey.class, "does not open this bundle");
    }

    @Test
    void badPaddingAndBadCompressionCannotBeToldApart() {
        byte[] tar = Crafted.tar(IMAGE, END);
        BundleKeys keys = BundleKeys.random(new SecureRandom());
        String said = "the parts do not decrypt to a compressed image";
        refused(
                Crafted.ofCiphertext(directory, keys, new byte[64], tar, IMAGE.length),
                ImageException.CorruptImage.class,
                said);
        refused(
                Crafted.ofGzip(directory, "no gzip at all".getBytes(StandardCharsets.US_ASCII), tar, IMAGE.length),
                ImageException.CorruptImage.class,
                said);
        byte[] cut = Crafted.gzip(tar);
        refused(
                Crafted.ofGzip(directory, Arrays.copyOf(cut, cut.length - 3), tar, IMAGE.length),
                ImageException.CorruptImage.class,
                said);
        byte[] wrongSum = Crafted.gzip(tar);
        wrongSum[wrongSum.length - 8] ^= 1;
        refused(Crafted.ofGzip(directory, wrongSum, tar, IMAGE.length), ImageException.CorruptImage.class, said);
        refused(
                Crafted.ofGzip(directory, Crafted.concat(Crafted.gzip(tar), new byte[5]), tar, IMAGE.length),
                ImageException.CorruptImage.class,
                said);
    }

    @Test
    void severalGzipMembersAreOneStream() throws IOException {
        byte[] tar = Crafted.tar(IMAGE, END);
        byte[] gzip = Crafted.concat(
                Crafted.gzip(Arrays.copyOf(tar, 700)),
                Crafted.gzip(new byte[0]),
                Crafted.gzip(Arrays.copyOfRange(tar, 700, tar.length)));
        Path raw = directory.resolve("raw");
        Unbundler.unbundle(
                Crafted.ofGzip(directory, gzip, tar, IMAGE.length),
                PartSource.directory(directory),
                Fixtures.USER_KEY,
                raw);
        assertThat(raw).hasBinaryContent(IMAGE);
    }

    @Test
    void aBombIsCutOffByItsSize() {
        byte[] tar = Crafted.tar(new byte[30_000_000], END);
        refused(
                Crafted.ofTar(directory, tar, 1_000),
                ImageException.CorruptImage.class,
                "holds an image of 30000000 bytes, the manifest says 1000");
        byte[] zeros = Crafted.tar(IMAGE, new byte[30_000_000]);
        refused(
                Crafted.ofTar(directory, zeros, IMAGE.length),
                ImageException.CorruptImage.class,
                "bytes of zeros at its end");
    }

    @Test
    void aSecondMemberIsRefused() {
        byte[] tar = Crafted.tar(IMAGE, Crafted.tar(IMAGE, END));
        refused(Crafted.ofTar(directory, tar, IMAGE.length), ImageException.CorruptImage.class, "more than one member");
    }

    @Test
    void aLinkInPlaceOfTheImageIsRefused() {
        byte[] tar = Crafted.tar(new byte[0], END);
        tar[156] = '2';
        tar[154] = 0;
        fixSum(tar);
        refused(Crafted.ofTar(directory, tar, 0), ImageException.CorruptImage.class, "no regular file");
    }

    @Test
    void sparseMapsThatLieAreRefused() {
        for (String lie : new String[] {"back", "beyond", "more"}) {
            byte[] tar = Crafted.concat(
                    TarHeader.of("image", 1_000_000, java.util.List.of(new Extent(0, 512), new Extent(65_536, 512))),
                    new byte[1_024],
                    END);
            switch (lie) {
                case "back" -> put(tar, 386 + 24, 100);
                case "beyond" -> put(tar, 386 + 24, 999_900);
                default -> put(tar, 386 + 12, 600);
            }
            fixSum(tar);
            refused(Crafted.ofTar(directory, tar, 1_000_000), ImageException.CorruptImage.class, "sparse map");
        }
    }

    private static void put(byte[] tar, int at, long value) {
        byte[] digits = String.format("%011o", value).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, tar, at, digits.length);
    }

    private static void fixSum(byte[] tar) {
        Arrays.fill(tar, 148, 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += tar[i] & 0xff;
        }
        System.arraycopy(String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII), 0, tar, 148, 8);
    }

    @Test
    void aWrongTarDigestIsFound() {
        byte[] tar = Crafted.tar(IMAGE, END);
        refused(
                Crafted.ofGzip(directory, Crafted.gzip(tar), IMAGE, IMAGE.length),
                ImageException.CorruptImage.class,
                "the manifest says " + Fixtures.sha1(IMAGE));
    }

    @Test
    void anEarlyEndIsFound() {
        byte[] tar = Arrays.copyOf(Crafted.tar(IMAGE, END), 1_000);
        refused(Crafted.ofTar(directory, tar, IMAGE.length), ImageException.CorruptImage.class, "ends early");
        refused(Crafted.ofTar(directory, END, IMAGE.length), ImageException.CorruptImage.class, "is empty");
    }

    @Test
    void anExistingImageStaysAsItIs() throws IOException {
        byte[] tar = Crafted.tar(IMAGE, Crafted.tar(IMAGE, END));
        Path raw = Files.writeString(directory.resolve("kept"), "before");
        assertThatThrownBy(() -> Unbundler.unbundle(
                        Crafted.ofTar(directory, tar, IMAGE.length),
                        PartSource.directory(directory),
                        Fixtures.USER_KEY,
                        raw))
                .isInstanceOf(ImageException.CorruptImage.class);
        assertThat(raw).hasContent("before");
        try (var files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith(".jarrah"));
        }
    }

    @Test
    void theSizeOfAllPartsIsChecked() throws IOException {
        Manifest manifest = bundle(1_000, 1_000_000);
        Manifest.Image image = manifest.image();
        var longer = new Manifest(
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
                        image.bundledSize() + 16,
                        image.forCloud(),
                        image.forUser(),
                        image.parts()),
                "");
        refused(longer, ImageException.CorruptImage.class, "the parts hold");
    }
}
