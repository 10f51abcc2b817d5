package jarrah.images.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bundles that ec2-ami-tools 1.5.3 and euca2ools 3.4 made open to the images that went in. */
class HistoricalBundlesTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "ec2-ami-tools-small/small.img, 7971d75e3a87258785915636a52f3428, 255b06c0b03202c616b4d96d0d4c492e,"
                + " f0badf49f1ac6029e2900b96dd87868286aa9394cb4425a82e0342b2314e6c47",
        "ec2-ami-tools-sparse/sparse.img, 2f3ee72199e47cbc7711079c86d5d793, b7d1215c5f526b024274041c4675b5fc,"
                + " 9eaf29b601171e723d4e0d825a8ad37de59e85922eac68d85ff47fb76a9d2c33",
        "euca2ools-small/small.img, 1c8e79ba2627e9d24c19bcd36a6ef43e, 2a055aaec6e0253c38cdd4dad0449220,"
                + " f0badf49f1ac6029e2900b96dd87868286aa9394cb4425a82e0342b2314e6c47",
        "euca2ools-3part/image, bd9214ceda510292abb79cc818fe06d7, 495a84537641f92baf6464e255f760af,"
                + " 9c2ba8b0b7f9ea0319e3b01ef1b7a08a098baab0c39bd4dbc4cb6e60df539cf3",
        "worked-example/example, 000102030405060708090a0b0c0d0e0f, f0e0d0c0b0a090807060504030201000,"
                + " a1c9664d8d2a7b8bd132759c17cb5c89c43facf5e85c34318ba6f48ff8d43de6"
    })
    void eitherPrivateKeyOpensThem(String bundle, String key, String iv, String sha256) throws IOException {
        String manifestName = bundle + ".manifest.xml";
        Manifest manifest = Fixtures.manifest(manifestName);
        Path parts = Fixtures.directory(manifestName).resolveSibling("");
        for (PrivateKey privateKey : List.of(Fixtures.USER_KEY, Fixtures.CLOUD_KEY)) {
            BundleKeys keys = BundleKeys.recover(manifest, privateKey);
            assertThat(keys.keyHex()).isEqualTo(key);
            assertThat(keys.ivHex()).isEqualTo(iv);
            Path raw = directory.resolve("raw");
            Unbundler.unbundle(manifest, PartSource.directory(parts), privateKey, raw);
            assertThat(Fixtures.sha256(raw)).isEqualTo(sha256);
            assertThat(Files.size(raw)).isEqualTo(manifest.image().size());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ec2-ami-tools-small/small.img",
        "ec2-ami-tools-sparse/sparse.img",
        "ec2-ami-tools-3part-migrated/image",
        "euca2ools-small/small.img",
        "euca2ools-3part/image",
        "worked-example/example"
    })
    void theirSignaturesHold(String bundle) {
        byte[] document = Fixtures.read(bundle + ".manifest.xml");
        assertThat(ManifestSignature.signer(document, List.of(Fixtures.CLOUD, Fixtures.USER)))
                .contains(Fixtures.USER);
        assertThat(ManifestSignature.signer(document, List.of(Fixtures.CLOUD, Fixtures.OTHER_CLOUD)))
                .isEmpty();
    }

    @Test
    void everyFieldIsReadWhereverItStands() {
        Manifest ec2 = Fixtures.manifest("ec2-ami-tools-3part-migrated/image.manifest.xml");
        Manifest euca = Fixtures.manifest("euca2ools-3part/image.manifest.xml");
        assertThat(ec2.machine().kernelId()).contains("aki-11111111");
        assertThat(ec2.machine().ramdiskId()).contains("ari-22222222");
        assertThat(ec2.machine().productCodes()).containsExactly("ABC123", "DEF456");
        assertThat(euca.machine().productCodes()).containsExactly("ABC123", "DEF456");
        assertThat(euca.machine().kernelId()).contains("eki-0A1B2C3D");
        assertThat(euca.machine().blockDeviceMapping())
                .isEqualTo(ec2.machine().blockDeviceMapping())
                .contains(new Manifest.Mapping("ephemeral0", "sdb"));
        assertThat(euca.image().parts())
                .extracting(Manifest.Part::fileName)
                .containsExactly("image.part.00", "image.part.01", "image.part.02");
        assertThat(ec2.bundler()).isEqualTo(new Manifest.Bundler("ec2-ami-tools", "1.5", "3"));
        assertThat(ec2.image().size()).isEqualTo(25_000_000);
        assertThat(ec2.type()).isEqualTo(ImageType.MACHINE);
    }

    /** 24 MB of parts are not kept with the sources. */
    @Test
    void theLargeBundleOpens() throws IOException {
        String place = System.getProperty("jarrah.bundles");
        Assumptions.assumeTrue(place != null, "-Djarrah.bundles=DIR with ec2-ami-tools-3part/ was not given");
        Path parts = Path.of(java.util.Objects.requireNonNull(place), "ec2-ami-tools-3part");
        Manifest manifest = Manifest.parse(Files.readAllBytes(parts.resolve("image.manifest.xml")));
        Path raw = directory.resolve("raw");
        Unbundler.unbundle(manifest, PartSource.directory(parts), Fixtures.USER_KEY, raw);
        assertThat(Fixtures.sha256(raw)).isEqualTo("3d97b96e72f690dcb2f6ea841d9c491ab0409b823ccc5c34270fb5c93b8b962b");
    }
}
