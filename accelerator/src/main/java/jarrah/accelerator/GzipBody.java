package jarrah.accelerator;

import jarrah.accelerator.rules.Compression;
import jarrah.http.ResponseBody;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Compresses a body on its way, see {@link Compression}; what has come is passed on at once, so that a client need not wait
 * for more of it. Owned by the thread that writes, which calls {@link #release} in the end whatever happened.
 */
final class GzipBody implements ResponseBody {
    private static final int BUFFER_BYTES = 32 * 1024;

    private final ResponseBody target;
    private @Nullable GZIPOutputStream compressor;
    private boolean released;

    GzipBody(ResponseBody target) {
        this.target = target;
    }

    /** At the first byte, since the head of a gzip member is written at once. */
    private GZIPOutputStream compressor() throws IOException {
        if (compressor == null) {
            compressor = new GZIPOutputStream(new Target(), BUFFER_BYTES, true);
        }
        return compressor;
    }

    private final class Target extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            if (!released) {
                target.write(ByteBuffer.wrap(bytes, offset, count));
            }
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int count = source.remaining();
        byte[] piece = new byte[Math.min(count, BUFFER_BYTES)];
        while (source.hasRemaining()) {
            int size = Math.min(piece.length, source.remaining());
            source.get(piece, 0, size);
            compressor().write(piece, 0, size);
        }
        if (count > 0) {
            compressor().flush();
        }
        return count;
    }

    @Override
    public void transfer(FileChannel file, long position, long length) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(length, BUFFER_BYTES));
        for (long done = 0; done < length; ) {
            piece.clear().limit((int) Math.min(piece.capacity(), length - done));
            int count = file.read(piece, position + done);
            if (count < 0) {
                throw new IOException("a stored object is shorter than it was");
            }
            done += count;
            piece.flip();
            compressor().write(piece.array(), 0, piece.limit());
        }
        compressor().flush();
    }

    @Override
    public boolean isOpen() {
        return !released;
    }

    @Override
    public void close() throws IOException {
        compressor().close();
        target.close();
    }

    /** Gives the compressor's memory back; what was not closed before is not whole. */
    void release() {
        released = true;
        GZIPOutputStream held = compressor;
        if (held != null) {
            try {
                held.close();
            } catch (IOException e) {
                throw new IllegalStateException(e); // it writes nothing any more
            }
        }
    }
}
