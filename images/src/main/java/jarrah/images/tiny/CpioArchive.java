package jarrah.images.tiny;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a cpio archive of the form {@code newc}, as the kernel takes it for a ramdisk: everything belongs to root, and
 * device nodes need no privilege to be written. The format is in the kernel's {@code driver-api/early-userspace/
 * buffer-format}: a header of hexadecimal numbers, the name, the content, each padded to 4 bytes.
 */
final class CpioArchive implements AutoCloseable {
    private static final int DIRECTORY = 0040755;
    private static final int FILE = 0100644;
    private static final int PROGRAM = 0100755;
    private static final int LINK = 0120777;
    private static final int CHARACTER_DEVICE = 0020600;

    private final OutputStream out;
    private long written;
    private int lastInode;

    CpioArchive(OutputStream out) {
        this.out = out;
    }

    void directory(String name) throws IOException {
        entry(name, DIRECTORY, new byte[0], 0, 0);
    }

    void file(String name, byte[] content) throws IOException {
        entry(name, FILE, content, 0, 0);
    }

    void program(String name, byte[] content) throws IOException {
        entry(name, PROGRAM, content, 0, 0);
    }

    void link(String name, String target) throws IOException {
        entry(name, LINK, target.getBytes(StandardCharsets.UTF_8), 0, 0);
    }

    void characterDevice(String name, int major, int minor) throws IOException {
        entry(name, CHARACTER_DEVICE, new byte[0], major, minor);
    }

    private void entry(String name, int mode, byte[] content, int major, int minor) throws IOException {
        byte[] nameBytes = (name + "\0").getBytes(StandardCharsets.UTF_8);
        int[] fields = {++lastInode, mode, 0, 0, 1, 0, content.length, 0, 0, major, minor, nameBytes.length, 0};
        var header = new StringBuilder("070701");
        for (int field : fields) {
            header.append("%08x".formatted(field));
        }
        write(header.toString().getBytes(StandardCharsets.US_ASCII));
        write(nameBytes);
        pad(4);
        write(content);
        pad(4);
    }

    private void write(byte[] bytes) throws IOException {
        out.write(bytes);
        written += bytes.length;
    }

    private void pad(int multiple) throws IOException {
        write(new byte[(int) ((multiple - written % multiple) % multiple)]);
    }

    /** Ends the archive, at a multiple of 512 bytes so that another may follow it, and closes what it is written to. */
    @Override
    public void close() throws IOException {
        entry("TRAILER!!!", 0, new byte[0], 0, 0);
        pad(512);
        out.close();
    }
}
