package jarrah.accelerator;

import jarrah.http.ResponseBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A client that keeps every byte that it is sent. */
public final class CollectedBody implements ResponseBody {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean open = true;

    @Override
    public synchronized int write(ByteBuffer source) {
        byte[] part = new byte[source.remaining()];
        source.get(part);
        bytes.writeBytes(part);
        notifyAll();
        return part.length;
    }

    @Override
    public void transfer(FileChannel file, long position, long length) throws IOException {
        ByteBuffer part = ByteBuffer.allocate(Math.toIntExact(length));
        while (part.hasRemaining()) {
            if (file.read(part, position + part.position()) < 0) {
                throw new IOException("the file ended early");
            }
        }
        write(part.flip());
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }

    public synchronized byte[] bytes() {
        return bytes.toByteArray();
    }

    /** Waits until that many bytes have come. */
    public synchronized void await(int count) throws InterruptedException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (bytes.size() < count) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError("only " + bytes.size() + " of " + count + " bytes came");
            }
            wait(left);
        }
    }
}
