package jarrah.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The first bytes of a qcow2 file, read by ourselves: whether it is one, and whether it keeps to itself. The layout is in
 * QEMU's {@code docs/interop/qcow2.txt}; all numbers are big endian.
 *
 * <pre>
 *  0  4  magic "QFI\xfb"
 *  4  4  version, 2 or 3
 *  8  8  offset of the backing file's name, 0 for none
 * 16  4  length of that name, bytes
 * 20  4  cluster bits
 * 24  8  virtual size, bytes
 * 32  4  encryption, 0 for none
 * 72  8  incompatible features (version 3): bit 2 is an external data file
 * 100 4  header length (version 3); extensions follow: type, length, data padded to 8
 * </pre>
 *
 * @param virtualBytes the size that a guest sees
 * @param refersElsewhere whether it names a backing file or a data file
 * @param encrypted whether its data are encrypted
 */
public record Qcow2Header(int version, long virtualBytes, boolean refersElsewhere, boolean encrypted) {
    private static final int MAGIC = 0x514649fb;
    private static final int DATA_FILE_FEATURE = 1 << 2;
    private static final int DATA_FILE_NAME = 0x44415441;
    private static final int BACKING_FORMAT = 0xE2792ACA;
    private static final int VERSION_2_BYTES = 72;
    private static final int MAX_NAME_BYTES = 1023;

    /** Extensions lie in the first cluster, whose default is 64 KiB; more than this of them is nobody's honest file. */
    private static final int READ_BYTES = 64 << 10;

    /** Whether a file begins as qcow2 does; a guest may have written that onto a raw disk, so this alone opens nothing. */
    public static boolean isAtStartOf(Path file) throws IOException {
        ByteBuffer start = start(file, 4);
        return start.remaining() == 4 && start.getInt() == MAGIC;
    }

    /**
     * Reads it.
     *
     * @throws IOException if it is no qcow2 of version 2 or 3, or is cut short
     */
    public static Qcow2Header read(Path file) throws IOException {
        ByteBuffer bytes = start(file, READ_BYTES);
        if (bytes.remaining() < VERSION_2_BYTES || bytes.getInt(0) != MAGIC) {
            throw new IOException("not a qcow2 file");
        }
        int version = bytes.getInt(4);
        if (version != 2 && version != 3) {
            throw new IOException("qcow2 version " + version + " is not known");
        }
        boolean elsewhere = bytes.getLong(8) != 0;
        int extensions = VERSION_2_BYTES;
        if (version == 3) {
            if (bytes.remaining() < 104) {
                throw new IOException("the qcow2 header is cut short");
            }
            elsewhere |= (bytes.getLong(72) & DATA_FILE_FEATURE) != 0;
            extensions = bytes.getInt(100);
        }
        elsewhere |= hasDataFileName(bytes, extensions);
        return new Qcow2Header(version, bytes.getLong(24), elsewhere, bytes.getInt(32) != 0);
    }

    /**
     * For files from strangers: names no other file, and is not encrypted.
     *
     * @throws IOException if it does, with the reason for people to read
     */
    public void requireSelfContained() throws IOException {
        if (refersElsewhere) {
            throw new IOException("the qcow2 file refers to another file; flatten it first (qemu-img convert)");
        }
        if (encrypted) {
            throw new IOException("the qcow2 file is encrypted");
        }
    }

    /** The file that another is an overlay on. */
    record Backing(Path file, MachineSpec.DiskFormat format) {}

    /**
     * What one of our own files is an overlay on; empty for one that is complete. Foreign files are refused before
     * ({@link #requireSelfContained}).
     *
     * @throws IOException if it is no qcow2, or does not say of which format the file below it is
     */
    static Optional<Backing> backingOf(Path file) throws IOException {
        ByteBuffer bytes = start(file, READ_BYTES);
        if (bytes.remaining() < VERSION_2_BYTES || bytes.getInt(0) != MAGIC) {
            throw new IOException("not a qcow2 file");
        }
        long at = bytes.getLong(8);
        int length = bytes.getInt(16);
        if (at == 0) {
            return Optional.empty();
        }
        if (at < VERSION_2_BYTES || length < 1 || length > MAX_NAME_BYTES || at + length > bytes.limit()) {
            throw new IOException("the name of the file below " + file + " is out of place");
        }
        Path below = file.resolveSibling(text(bytes, (int) at, length));
        int extension = bytes.getInt(4) == 2 ? VERSION_2_BYTES : bytes.getInt(100);
        while (extension >= VERSION_2_BYTES && extension + 8 <= bytes.limit()) {
            int bytesOfIt = bytes.getInt(extension + 4);
            if (bytesOfIt < 0 || bytesOfIt > READ_BYTES || bytes.getInt(extension) == 0) {
                break;
            }
            if (bytes.getInt(extension) == BACKING_FORMAT && extension + 8 + bytesOfIt <= bytes.limit()) {
                return switch (text(bytes, extension + 8, bytesOfIt)) {
                    case "raw" -> Optional.of(new Backing(below, MachineSpec.DiskFormat.RAW));
                    case "qcow2" -> Optional.of(new Backing(below, MachineSpec.DiskFormat.QCOW2));
                    default -> throw new IOException(below + " is of a format that no disk here has");
                };
            }
            extension += 8 + (bytesOfIt + 7) / 8 * 8;
        }
        throw new IOException(file + " does not name the format of " + below);
    }

    private static String text(ByteBuffer bytes, int at, int length) {
        byte[] text = new byte[length];
        bytes.get(at, text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private static boolean hasDataFileName(ByteBuffer bytes, int start) throws IOException {
        int at = start;
        while (at >= VERSION_2_BYTES && at + 8 <= bytes.limit()) {
            int type = bytes.getInt(at);
            int length = bytes.getInt(at + 4);
            if (type == 0) {
                return false;
            }
            if (type == DATA_FILE_NAME) {
                return true;
            }
            if (length < 0 || length > READ_BYTES) {
                break;
            }
            at += 8 + (length + 7) / 8 * 8;
        }
        throw new IOException("the qcow2 header's extensions have no end");
    }

    private static ByteBuffer start(Path file, int atMost) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(atMost);
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // until full or at the end
            }
        }
        return bytes.flip();
    }
}
