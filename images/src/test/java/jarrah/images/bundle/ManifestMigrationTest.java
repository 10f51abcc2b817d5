package jarrah.images.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A migrated manifest opens with the other cloud's key, over the same parts. */
class ManifestMigrationTest {
    @TempDir
    Path directory;

    private final Manifest original = Fixtures.manifest("euca2ools-3part/image.manifest.xml");

    @Test
    void theOtherCloudCanOpenItAndTheFirstCannot() throws IOException {
        Manifest migrated = ManifestMigration.migrate(
                original, Fixtures.USER_KEY, Optional.of(Fixtures.OTHER_CLOUD), Optional.of("eki-1"), Optional.empty());
        byte[] document = ManifestWriter.signed(migrated, Fixtures.USER_KEY);
        assertThat(ManifestSignature.signer(document, List.of(Fixtures.USER))).isPresent();
        Manifest read = Manifest.parse(document);
        assertThat(read.machine().kernelId()).contains("eki-1");
        assertThat(read.machine().ramdiskId()).isEmpty();
        Path raw = directory.resolve("raw");
        PartSource parts = PartSource.directory(Fixtures.directory("euca2ools-3part"));
        Unbundler.unbundle(read, parts, Fixtures.OTHER_KEY, raw);
        assertThat(Fixtures.sha1(raw)).isEqualTo("1ec601466fc4820432152bbb3d7c6a769b9f402f");
        assertThatThrownBy(() -> Unbundler.unbundle(read, parts, Fixtures.CLOUD_KEY, raw))
                .isInstanceOf(ImageException.WrongKey.class);
    }

    @Test
    void withoutACertificateOnlyTheIdsChange() {
        Manifest migrated = ManifestMigration.migrate(
                original, Fixtures.USER_KEY, Optional.empty(), Optional.of("aki-1"), Optional.of("ari-1"));
        assertThat(migrated.image()).isEqualTo(original.image());
        assertThat(migrated.machine().ramdiskId()).contains("ari-1");
    }

    @Test
    void theWrongUserKeyIsRefused() {
        assertThatThrownBy(() -> ManifestMigration.migrate(
                        original,
                        Fixtures.OTHER_KEY,
                        Optional.of(Fixtures.OTHER_CLOUD),
                        Optional.empty(),
                        Optional.empty()))
                .isInstanceOf(ImageException.WrongKey.class);
    }
}
