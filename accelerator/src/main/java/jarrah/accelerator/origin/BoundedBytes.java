package jarrah.accelerator.origin;

import jarrah.http.ResponseBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Takes a body into memory, up to a bound. Owned by one thread. */
final class BoundedBytes implements ResponseBody {
    private final int maxBytes;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    BoundedBytes(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** What has come so far. */
    byte[] toByteArray() {
        return bytes.toByteArray();
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int count = source.remaining();
        if (bytes.size() + count > maxBytes) {
            throw new IOException("it is larger than " + maxBytes + " bytes");
        }
        byte[] piece = new byte[count];
        source.get(piece);
        bytes.writeBytes(piece);
        return count;
    }

    @Override
    public void transfer(FileChannel file, long position, long length) throws IOException {
        if (length > maxBytes - bytes.size()) {
            throw new IOException("it is larger than " + maxBytes + " bytes");
        }
        ByteBuffer piece = ByteBuffer.allocate((int) length);
        while (piece.hasRemaining()) {
            if (file.read(piece, position + piece.position()) < 0) {
                throw new IOException("a file is shorter than it was");
            }
        }
        write(piece.flip());
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
