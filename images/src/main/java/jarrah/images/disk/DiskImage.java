package jarrah.images.disk;

import jarrah.machine.Qcow2Header;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * What a file with a disk in it is.
 *
 * @param format how the disk is stored
 * @param diskBytes the disk's size as a guest sees it; for archives unknown, 0
 * @param partitions the partition table; for what is not raw unknown
 * @param fileSystem the file system that a raw disk without partition table is: {@code ext}, {@code xfs}, {@code btrfs},
 *     {@code iso9660}; empty if it is none of these, or is not looked for
 */
public record DiskImage(Format format, long diskBytes, Partitions partitions, Optional<String> fileSystem) {
    /** How a disk is stored in a file. */
    public enum Format {
        RAW,
        /** Self-contained and not encrypted: others are refused. */
        QCOW2,
        /** A gzipped tar archive, as distributions published kernel, loader and image in; see {@link CloudTarball}. */
        TAR_GZIP,
        /** Something else behind gzip, most likely a raw disk. */
        GZIP
    }

    /** How a disk is divided. */
    public enum Partitions {
        NONE,
        MBR,
        GPT,
        UNKNOWN
    }

    private static final long GIBIBYTE = 1L << 30;
    private static final int START_BYTES = 70_000; // the farthest mark, of btrfs, is at 65,600

    /**
     * Looks at a file.
     *
     * @throws IOException if it cannot be read, or is a qcow2 file that names another file or is encrypted
     */
    public static DiskImage inspect(Path file) throws IOException {
        byte[] start = start(file);
        if (Qcow2Header.isAtStartOf(file)) {
            Qcow2Header header = Qcow2Header.read(file);
            header.requireSelfContained();
            return new DiskImage(Format.QCOW2, header.virtualBytes(), Partitions.UNKNOWN, Optional.empty());
        }
        if (start.length > 2 && start[0] == 0x1f && start[1] == (byte) 0x8b) {
            return new DiskImage(inGzip(file), 0, Partitions.UNKNOWN, Optional.empty());
        }
        Partitions partitions = partitions(start);
        Optional<String> fileSystem = partitions == Partitions.NONE ? fileSystem(start) : Optional.empty();
        return new DiskImage(Format.RAW, Files.size(file), partitions, fileSystem);
    }

    /** The size of the volume that this disk fits on: whole GiB, at least 1. */
    public long volumeGibibytes() {
        return Math.max(1, (diskBytes + GIBIBYTE - 1) / GIBIBYTE);
    }

    private static byte[] start(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(START_BYTES);
        }
    }

    private static Format inGzip(Path file) throws IOException {
        try (var in = new GZIPInputStream(Files.newInputStream(file))) {
            return has(in.readNBytes(512), 257, "ustar") ? Format.TAR_GZIP : Format.GZIP;
        } catch (ZipException | java.io.EOFException e) {
            throw new IOException("the file begins like gzip but is damaged: " + e.getMessage(), e);
        }
    }

    private static Partitions partitions(byte[] start) {
        // The header of a GPT is in the second sector, whose size is 512 or 4,096.
        if (has(start, 512, "EFI PART") || has(start, 4096, "EFI PART")) {
            return Partitions.GPT;
        }
        if (start.length < 512 || start[510] != 0x55 || start[511] != (byte) 0xaa) {
            return Partitions.NONE;
        }
        boolean some = false;
        for (int at = 446; at < 510; at += 16) {
            boolean plausible = start[at] == 0 || start[at] == (byte) 0x80;
            if (!plausible) {
                return Partitions.NONE; // a file system's boot sector: code lies here
            }
            some |= start[at + 4] != 0 && number(start, at + 8) > 0 && number(start, at + 12) > 0;
        }
        return some ? Partitions.MBR : Partitions.NONE;
    }

    private static Optional<String> fileSystem(byte[] start) {
        if (start.length > 1082 && start[1080] == 0x53 && start[1081] == (byte) 0xef) {
            return Optional.of("ext");
        }
        if (has(start, 0, "XFSB")) {
            return Optional.of("xfs");
        }
        if (has(start, 65_600, "_BHRfS_M")) {
            return Optional.of("btrfs");
        }
        return has(start, 32_769, "CD001") ? Optional.of("iso9660") : Optional.empty();
    }

    private static boolean has(byte[] bytes, int at, String mark) {
        byte[] wanted = mark.getBytes(StandardCharsets.US_ASCII);
        return bytes.length >= at + wanted.length
                && Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length);
    }

    private static long number(byte[] bytes, int at) {
        return (bytes[at] & 0xffL)
                | (bytes[at + 1] & 0xffL) << 8
                | (bytes[at + 2] & 0xffL) << 16
                | (bytes[at + 3] & 0xffL) << 24;
    }
}
