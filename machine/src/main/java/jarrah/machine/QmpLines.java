package jarrah.machine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Cuts what QEMU sends into lines of a bounded length. Owned by the thread that reads. */
final class QmpLines {
    private final ReadableByteChannel in;
    private final int maxBytes;
    private final ByteBuffer buffer = ByteBuffer.allocate(16 << 10).flip();

    QmpLines(ReadableByteChannel in, int maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    /**
     * The next line without its end; null at the end of the stream, where half a line is dropped.
     *
     * @throws IOException if a line is longer than the bound
     */
    @Nullable
    String next() throws IOException {
        var line = new ByteArrayOutputStream();
        while (true) {
            while (buffer.hasRemaining()) {
                byte b = buffer.get();
                if (b == '\n') {
                    return line.toString(StandardCharsets.UTF_8);
                }
                if (line.size() == maxBytes) {
                    throw new IOException("QEMU sent a line of more than " + maxBytes + " bytes");
                }
                line.write(b);
            }
            buffer.clear();
            int read = in.read(buffer);
            buffer.flip();
            if (read < 0) {
                return null;
            }
        }
    }
}
