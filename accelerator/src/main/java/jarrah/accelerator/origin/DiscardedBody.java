package jarrah.accelerator.origin;

import jarrah.http.ResponseBody;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Takes a body that nobody wants. */
public final class DiscardedBody implements ResponseBody {
    @Override
    public int write(ByteBuffer source) {
        int count = source.remaining();
        source.position(source.limit());
        return count;
    }

    @Override
    public void transfer(FileChannel file, long position, long length) {}

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
