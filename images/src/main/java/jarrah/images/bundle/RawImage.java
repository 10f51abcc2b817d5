package jarrah.images.bundle;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * An image file while it is written, from its beginning to its end. Blocks of zeros become holes. It has another name until
 * it is complete, and nothing stays of it if it never is.
 */
final class RawImage implements AutoCloseable {
    /** The block of the usual file systems: smaller holes save nothing. */
    private static final int BLOCK_BYTES = 4_096;

    private final Path target;
    private final Path temporary;
    private final RandomAccessFile file;
    private final FileChannel channel;
    private long position;
    private boolean complete;

    RawImage(Path target, long size) throws IOException {
        this.target = target.toAbsolutePath();
        Path directory = this.target.getParent();
        if (directory == null) {
            throw new IOException("an image cannot be written to " + target);
        }
        temporary = Files.createTempFile(directory, ".jarrah-image-", ".unbundling");
        boolean opened = false;
        try {
            file = new RandomAccessFile(temporary.toFile(), "rw");
            channel = file.getChannel();
            file.setLength(size);
            opened = true;
        } finally {
            if (!opened) {
                Files.deleteIfExists(temporary);
            }
        }
    }

    /** Bytes written or passed over so far. */
    long position() {
        return position;
    }

    void write(byte[] bytes, int length) throws IOException {
        int start = 0; // Of the run of blocks that are not zero.
        int at = 0;
        while (at < length) {
            // Blocks as the file system sees them, whatever pieces the bytes come in.
            int block = (int) Math.min(length - at, BLOCK_BYTES - (position + at) % BLOCK_BYTES);
            if (Extent.isZero(bytes, at, block)) {
                writeFully(bytes, start, at);
                start = at + block;
            }
            at += block;
        }
        writeFully(bytes, start, length);
        position += length;
    }

    private void writeFully(byte[] bytes, int from, int to) throws IOException {
        var source = ByteBuffer.wrap(bytes, from, to - from);
        while (source.hasRemaining()) {
            channel.write(source, position + source.position());
        }
    }

    /** Leaves a hole. */
    void skip(long length) {
        position += length;
    }

    /** Puts the image on disk and gives it its name; replaces a file of that name. */
    void complete() throws IOException {
        channel.force(true);
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        complete = true;
    }

    @Override
    public void close() throws IOException {
        file.close();
        if (!complete) {
            Files.deleteIfExists(temporary);
        }
    }
}
