package jarrah.images.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file is, by its bytes. */
final class DiskImageTest {
    private static final byte[] BOOT_MARK = {0x55, (byte) 0xaa};

    @TempDir
    Path temp;

    @Test
    void aBareFileSystemHasNoPartitions() throws Exception {
        DiskImage ext = DiskImage.inspect(disk(Map.of(1080, new byte[] {0x53, (byte) 0xef})));

        assertThat(ext.format()).isEqualTo(DiskImage.Format.RAW);
        assertThat(ext.partitions()).isEqualTo(DiskImage.Partitions.NONE);
        assertThat(ext.fileSystem()).contains("ext");
        assertThat(ext.diskBytes()).isEqualTo(1 << 20);
        assertThat(DiskImage.inspect(disk(Map.of(0, ascii("XFSB")))).fileSystem())
                .contains("xfs");
        assertThat(DiskImage.inspect(disk(Map.of(65_600, ascii("_BHRfS_M")))).fileSystem())
                .contains("btrfs");
    }

    @Test
    void aPartitionTableIsSeen() throws Exception {
        byte[] entry = {(byte) 0x80, 0, 0, 0, (byte) 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 0, 1, 0};

        assertThat(DiskImage.inspect(disk(Map.of(446, entry, 510, BOOT_MARK))).partitions())
                .isEqualTo(DiskImage.Partitions.MBR);
        assertThat(DiskImage.inspect(disk(Map.of(446, entry, 510, BOOT_MARK, 512, ascii("EFI PART"))))
                        .partitions())
                .isEqualTo(DiskImage.Partitions.GPT);
    }

    @Test
    void aBootSectorOfAFileSystemIsNoPartitionTable() throws Exception {
        assertThat(DiskImage.inspect(disk(Map.of(440, ascii("code code code"), 510, BOOT_MARK)))
                        .partitions())
                .isEqualTo(DiskImage.Partitions.NONE);
    }

    @Test
    void aQcow2FileTellsItsDisksSizeAndMustKeepToItself() throws Exception {
        ByteBuffer header = ByteBuffer.allocate(112);
        header.putInt(0, 0x514649fb)
                .putInt(4, 3)
                .putInt(20, 16)
                .putLong(24, 5L << 30)
                .putInt(100, 104);
        Path file = Files.write(temp.resolve("q"), header.array());

        DiskImage image = DiskImage.inspect(file);

        assertThat(image)
                .isEqualTo(new DiskImage(
                        DiskImage.Format.QCOW2, 5L << 30, DiskImage.Partitions.UNKNOWN, Optional.empty()));
        Files.write(file, header.putLong(8, 104).array());
        assertThatThrownBy(() -> DiskImage.inspect(file)).hasMessageContaining("another file");
    }

    @Test
    void whatIsBehindGzipIsLookedAt() throws Exception {
        byte[] tar = new byte[1024];
        System.arraycopy(ascii("ustar"), 0, tar, 257, 5);

        assertThat(DiskImage.inspect(gzip(tar)).format()).isEqualTo(DiskImage.Format.TAR_GZIP);
        assertThat(DiskImage.inspect(gzip(new byte[1024])).format()).isEqualTo(DiskImage.Format.GZIP);
    }

    @Test
    void volumesAreWholeGibibytes() {
        assertThat(ofBytes(1).volumeGibibytes()).isEqualTo(1);
        assertThat(ofBytes(1L << 30).volumeGibibytes()).isEqualTo(1);
        assertThat(ofBytes((1L << 30) + 1).volumeGibibytes()).isEqualTo(2);
    }

    @Test
    void anEmptyFileIsARawDiskOfNothing() throws Exception {
        assertThat(DiskImage.inspect(Files.createFile(temp.resolve("empty"))).fileSystem())
                .isEmpty();
    }

    private static DiskImage ofBytes(long bytes) {
        return new DiskImage(DiskImage.Format.RAW, bytes, DiskImage.Partitions.NONE, Optional.empty());
    }

    private Path disk(Map<Integer, byte[]> marks) throws IOException {
        Path file = Files.createTempFile(temp, "disk", ".raw");
        try (var disk = new RandomAccessFile(file.toFile(), "rw")) {
            disk.setLength(1 << 20);
            for (Map.Entry<Integer, byte[]> mark : marks.entrySet()) {
                disk.seek(mark.getKey());
                disk.write(mark.getValue());
            }
        }
        return file;
    }

    private Path gzip(byte[] content) throws IOException {
        Path file = Files.createTempFile(temp, "a", ".gz");
        try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(content);
        }
        return file;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
