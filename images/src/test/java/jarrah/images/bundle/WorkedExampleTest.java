package jarrah.images.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of which every step is known, made again. */
class WorkedExampleTest {
    @TempDir
    Path directory;

    @Test
    void theTarIsTheSameToTheLastByte() throws IOException {
        byte[] image = Fixtures.read("worked-example/example");
        var in = Channels.newChannel(new ByteArrayInputStream(image));
        var tar = new TarStream("example", image.length, Extent.whole(image.length), (target, _) -> in.read(target));
        byte[] made = new byte[(int) tar.totalBytes()];
        assertThat(tar.read(made)).isEqualTo(20_480);
        assertThat(made).isEqualTo(Fixtures.read("worked-example/example.tar"));
    }

    @Test
    void theSignatureIsTheSame() {
        byte[] signed = Fixtures.read("worked-example/signed-string.bin");
        String signature = ManifestSignature.sign(signed, Fixtures.USER_KEY);
        assertThat(signature).startsWith("3bd6ef51968a971854112ea67415423b").endsWith("617a8cb186d");
        assertThat(signature)
                .isEqualTo(
                        Fixtures.manifest("worked-example/example.manifest.xml").signature());
    }

    @Test
    void theManifestIsWrittenByteForByte() {
        for (String name :
                List.of("worked-example/example", "ec2-ami-tools-small/small.img", "ec2-ami-tools-sparse/sparse.img")) {
            byte[] document = Fixtures.read(name + ".manifest.xml");
            assertThat(new String(
                            ManifestWriter.signed(Manifest.parse(document), Fixtures.USER_KEY), StandardCharsets.UTF_8))
                    .isEqualTo(new String(document, StandardCharsets.UTF_8));
        }
    }

    @Test
    void theSignedBytesAreCutFromTheDocument() {
        String signed = ManifestText.of(Fixtures.read("worked-example/example.manifest.xml"))
                .signed();
        assertThat(signed.getBytes(StandardCharsets.UTF_8))
                .isEqualTo(Fixtures.read("worked-example/signed-string.bin"));
    }

    @Test
    void bundlingItAgainGivesTheSameDigestAndSizes() throws Exception {
        BundleSpec like = Fixtures.spec("example", 4_096, true);
        var spec = new BundleSpec(
                like.name(),
                like.user(),
                like.type(),
                like.machine(),
                like.bundler(),
                like.cloud(),
                like.userCertificate(),
                BundleKeys.of("000102030405060708090a0b0c0d0e0f", "f0e0d0c0b0a090807060504030201000"),
                like.partBytes(),
                like.sparse(),
                List.of());
        Manifest manifest = Bundler.bundle(
                Fixtures.directory("worked-example/example"), spec, new DirectoryParts(directory), Progress.NONE);
        assertThat(manifest.image().digest()).isEqualTo("d32d09956ccc0acc3ef3ef51132083141e23cee8");
        assertThat(manifest.image().size()).isEqualTo(10_000);
        assertThat(manifest.image().parts()).hasSize(3);
        var ciphertext = new ByteArrayOutputStream();
        for (Manifest.Part part : manifest.image().parts()) {
            byte[] bytes = Files.readAllBytes(directory.resolve(part.fileName()));
            assertThat(Fixtures.sha1(bytes)).isEqualTo(part.digest());
            ciphertext.write(bytes);
        }
        assertThat(manifest.image().bundledSize()).isEqualTo(ciphertext.size());
        byte[] gzip = spec.keys().cipher(Cipher.DECRYPT_MODE).doFinal(ciphertext.toByteArray());
        assertThat(new GZIPInputStream(new ByteArrayInputStream(gzip)).readAllBytes())
                .isEqualTo(Fixtures.read("worked-example/example.tar"));
    }

    @Test
    void bothSpellingsOfThePrivateKeyAreRead() throws IOException {
        assertThat(Pem.privateKey(Fixtures.directory("keys/user-pk-pkcs1.pem"))).isEqualTo(Fixtures.USER_KEY);
        assertThat(Optional.of(Fixtures.USER_KEY.getAlgorithm())).contains("RSA");
    }
}
