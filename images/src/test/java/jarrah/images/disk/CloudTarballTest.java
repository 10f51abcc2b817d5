package jarrah.images.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives of the years of Eucalyptus, honest and other. */
final class CloudTarballTest {
    private static final long ENOUGH = 10 << 20;

    @TempDir
    Path temp;

    private Path archive;
    private Path target;

    /** Fills an archive. */
    private interface Content {
        void put(TarArchiveOutputStream tar) throws IOException;
    }

    @BeforeEach
    void names() {
        archive = temp.resolve("precise-server-cloudimg-amd64.tar.gz");
        target = temp.resolve("target");
    }

    @Test
    void thePartsAreFoundByTheirNames() throws Exception {
        byte[] disk = new byte[300_000];
        Arrays.fill(disk, 200_000, 200_100, (byte) 7);
        pack(tar -> {
            file(tar, "precise-server-cloudimg-amd64.img", disk);
            file(tar, "precise-server-cloudimg-amd64-vmlinuz-virtual", new byte[] {1});
            file(tar, "precise-server-cloudimg-amd64-loader", new byte[] {2});
            file(tar, "README.files", new byte[] {3});
        });

        CloudTarball parts = CloudTarball.unpack(archive, target, ENOUGH);

        assertThat(parts.machineImage()).hasBinaryContent(disk);
        assertThat(parts.kernel().orElseThrow()).hasBinaryContent(new byte[] {1});
        assertThat(parts.ramdisk().orElseThrow()).hasBinaryContent(new byte[] {2});
        try (var files = Files.list(target)) {
            assertThat(files).hasSize(3);
        }
    }

    @Test
    void anInitrdGoesBeforeTheLoader() throws Exception {
        pack(tar -> {
            file(tar, "a/x-loader", new byte[] {2});
            file(tar, "a/x-initrd.img-virtual", new byte[] {4});
            file(tar, "a/x.img", new byte[] {5});
        });

        assertThat(CloudTarball.unpack(archive, target, ENOUGH).ramdisk().orElseThrow())
                .hasBinaryContent(new byte[] {4});
    }

    @Test
    void namesThatLeaveTheDirectoryAreRefused() throws Exception {
        for (String name : new String[] {"../x.img", "a/../../x.img", "/x.img"}) {
            pack(tar -> file(tar, name, new byte[] {1}));

            assertThatThrownBy(() -> CloudTarball.unpack(archive, target, ENOUGH))
                    .hasMessageContaining("name");
        }
        assertThat(temp.resolve("x.img")).doesNotExist();
    }

    @Test
    void linksAreRefused() throws Exception {
        pack(tar -> {
            var link = new TarArchiveEntry("x.img", TarConstants.LF_SYMLINK);
            link.setLinkName("/etc/passwd");
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
        });

        assertThatThrownBy(() -> CloudTarball.unpack(archive, target, ENOUGH)).hasMessageContaining("no plain file");
    }

    @Test
    void moreThanIsAllowedIsNotWritten() throws Exception {
        pack(tar -> file(tar, "x.img", new byte[1 << 20]));

        assertThatThrownBy(() -> CloudTarball.unpack(archive, target, 1 << 19)).hasMessageContaining("larger");

        assertThat(target.resolve("image.raw")).doesNotExist();
    }

    @Test
    void whichOfTwoImagesIsMeantIsNotGuessed() throws Exception {
        pack(tar -> {
            file(tar, "x.img", new byte[] {1});
            file(tar, "y.img", new byte[] {1});
        });

        assertThatThrownBy(() -> CloudTarball.unpack(archive, target, ENOUGH)).hasMessageContaining("two files");
    }

    @Test
    void anArchiveThatWasCutOffIsRefused() throws Exception {
        byte[] disk = new byte[300_000];
        new java.util.Random(3).nextBytes(disk);
        pack(tar -> file(tar, "x.img", disk));
        Files.write(archive, Arrays.copyOf(Files.readAllBytes(archive), 100_000));

        assertThatThrownBy(() -> CloudTarball.unpack(archive, target, ENOUGH)).isInstanceOf(IOException.class);
    }

    @Test
    void anArchiveWithoutImageIsRefused() throws Exception {
        pack(tar -> file(tar, "README", new byte[] {1}));

        assertThatThrownBy(() -> CloudTarball.unpack(archive, target, ENOUGH)).hasMessageContaining("*.img");
    }

    private void pack(Content content) throws IOException {
        try (var tar = new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(archive)))) {
            content.put(tar);
        }
    }

    private static void file(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        var entry = new TarArchiveEntry(name, true);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }
}
