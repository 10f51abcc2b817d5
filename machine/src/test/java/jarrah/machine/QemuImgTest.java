package jarrah.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks made, copied and read by the real qemu-img; strangers' headers are read by ourselves first. */
final class QemuImgTest {
    private static final long MEBIBYTE = 1 << 20;

    @TempDir
    Path temp;

    private final QemuImg img = new QemuImg();

    @BeforeEach
    void needQemuImg() throws IOException {
        Programs.need(QemuImgTest.class, "qemu-img", "prlimit");
    }

    @Test
    void anOverlayNamesItsBackingFileWithItsFormat() throws Exception {
        Path base = raw("base.raw", 4);
        Path overlay = temp.resolve("overlay.qcow2");

        img.overlay(overlay, base, MachineSpec.DiskFormat.RAW, OptionalLong.of(8 * MEBIBYTE));

        QemuImg.Info info = img.info(overlay, MachineSpec.DiskFormat.QCOW2);
        assertThat(info.backing()).contains(base.toString());
        assertThat(info.backingFormat()).contains("raw");
        assertThat(info.virtualBytes()).isEqualTo(8 * MEBIBYTE);
        assertThat(Qcow2Header.read(overlay).refersElsewhere()).isTrue();
    }

    @Test
    void thereAndBackAgainIsTheSameDisk() throws Exception {
        Path base = raw("base.raw", 4);
        Path qcow2 = temp.resolve("a.qcow2");
        Path back = temp.resolve("back.raw");

        img.convert(base, MachineSpec.DiskFormat.RAW, qcow2, MachineSpec.DiskFormat.QCOW2, CopyProgress.NONE);
        img.convert(qcow2, MachineSpec.DiskFormat.QCOW2, back, MachineSpec.DiskFormat.RAW, CopyProgress.NONE);

        assertThat(Files.mismatch(base, back)).isEqualTo(-1);
        assertThat(Qcow2Header.read(qcow2)).isEqualTo(new Qcow2Header(3, 4 * MEBIBYTE, false, false));
        assertThat(img.info(back, MachineSpec.DiskFormat.RAW).actualBytes()).isLessThan(2 * MEBIBYTE);
    }

    @Test
    void aRawDiskWhoseGuestWroteAnotherFormatsHeaderIsStillRaw() throws Exception {
        Path secret = raw("secret.raw", 1);
        Path evil = temp.resolve("evil.raw");
        img.overlay(evil, secret, MachineSpec.DiskFormat.RAW, OptionalLong.empty());

        Path copy = temp.resolve("copy.raw");
        img.convert(evil, MachineSpec.DiskFormat.RAW, copy, MachineSpec.DiskFormat.RAW, CopyProgress.NONE);

        assertThat(img.info(evil, MachineSpec.DiskFormat.RAW).format()).isEqualTo("raw");
        assertThat(Files.readAllBytes(copy)).startsWith(Files.readAllBytes(evil)); // padded to whole sectors
    }

    @Test
    void aFailedCopyLeavesNoFile() throws Exception {
        Path target = temp.resolve("copy.raw");

        assertThatThrownBy(() -> img.convert(
                        raw("base.raw", 1),
                        MachineSpec.DiskFormat.QCOW2,
                        target,
                        MachineSpec.DiskFormat.RAW,
                        CopyProgress.NONE))
                .hasMessageContaining("Image is not in qcow2 format");

        assertThat(target).doesNotExist();
    }

    @Test
    void theLastPercentageCounts() {
        assertThat(QemuImg.percent("    (0.00/100%)\r    (12.99/100%)\r    (13.01/100%)\r"))
                .isEqualTo(13);
        assertThat(QemuImg.percent("4/100%)\r    (100.00/100%)\r\n")).isEqualTo(100);
        assertThat(QemuImg.percent("")).isZero();
    }

    @Test
    void aCommandThatIsWatchedCanBeEnded() {
        var told = new ArrayList<String>();
        var command = new LimitedCommand(List.of("sh", "-c", "echo begun; exec sleep 600"), Duration.ofMinutes(10))
                .watch(lately -> {
                    told.add(lately);
                    if (lately.equals("begun\n")) {
                        throw new IOException("enough");
                    }
                });
        assertThatThrownBy(command::run).isInstanceOf(IOException.class).hasMessage("enough");
        assertThat(told).last().isEqualTo("begun\n");
    }

    @Test
    void aDiskGrows() throws Exception {
        Path disk = temp.resolve("a.qcow2");
        img.create(disk, MachineSpec.DiskFormat.QCOW2, MEBIBYTE);

        img.grow(disk, MachineSpec.DiskFormat.QCOW2, 3 * MEBIBYTE);

        assertThat(Qcow2Header.read(disk).virtualBytes()).isEqualTo(3 * MEBIBYTE);
    }

    @Test
    void strangersMayNotNameFilesOfTheHost() throws Exception {
        Path base = raw("base.raw", 1);
        Path backed = temp.resolve("backed.qcow2");
        img.overlay(backed, base, MachineSpec.DiskFormat.RAW, OptionalLong.empty());
        Path beside = temp.resolve("beside.qcow2");
        made("-o", "data_file=" + temp.resolve("data.raw"), beside.toString(), "1M");
        Path own = temp.resolve("own.qcow2");
        img.create(own, MachineSpec.DiskFormat.QCOW2, MEBIBYTE);

        assertThatThrownBy(() -> Qcow2Header.read(backed).requireSelfContained())
                .hasMessageContaining("another file");
        assertThatThrownBy(() -> Qcow2Header.read(beside).requireSelfContained())
                .hasMessageContaining("another file");
        Qcow2Header.read(own).requireSelfContained();
    }

    @Test
    void encryptedDisksAreRefused() throws Exception {
        Path locked = temp.resolve("locked.qcow2");
        made(
                "--object",
                "secret,id=s,data=0123456789",
                "-o",
                "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10",
                locked.toString(),
                "1M");

        assertThatThrownBy(() -> Qcow2Header.read(locked).requireSelfContained())
                .hasMessageContaining("encrypted");
    }

    @Test
    void noHeaderOfAnyBytesDoesWorseThanToBeRefused() throws Exception {
        Path disk = temp.resolve("a.qcow2");
        img.create(disk, MachineSpec.DiskFormat.QCOW2, MEBIBYTE);
        byte[] good = Files.readAllBytes(disk);
        Path bad = temp.resolve("bad.qcow2");
        for (int seed = 0; seed < 500; seed++) {
            var random = new Random(seed);
            byte[] bytes = java.util.Arrays.copyOf(good, random.nextInt(600) + 1);
            for (int i = 0; i < 8; i++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Files.write(bad, bytes);
            try {
                Qcow2Header.read(bad);
            } catch (IOException e) {
                assertThat(e.getMessage()).as("seed %d", seed).contains("qcow2");
            }
        }
    }

    private Path raw(String name, int mebibytes) throws IOException {
        byte[] data = new byte[(int) MEBIBYTE / 2];
        new Random(1).nextBytes(data);
        Path file = temp.resolve(name);
        try (var disk = new RandomAccessFile(file.toFile(), "rw")) {
            disk.setLength(mebibytes * MEBIBYTE);
            disk.write(data);
        }
        return file;
    }

    private static void made(String... words) throws Exception {
        var command = new java.util.ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qcow2"));
        command.addAll(List.of(words));
        new LimitedCommand(command, java.time.Duration.ofMinutes(1)).succeed();
    }
}
