package jarrah.accelerator;

import jarrah.accelerator.store.Draft;
import jarrah.http.ResponseBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Fills a draft. */
record DraftBody(Draft draft) implements ResponseBody {
    private static final int BUFFER_BYTES = 64 * 1024;

    @Override
    public int write(ByteBuffer source) throws IOException {
        int count = source.remaining();
        draft.append(source);
        return count;
    }

    @Override
    public void transfer(FileChannel file, long position, long length) throws IOException {
        var buffer = ByteBuffer.allocate((int) Math.min(length, BUFFER_BYTES));
        for (long done = 0; done < length; ) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), length - done));
            int count = file.read(buffer, position + done);
            if (count < 0) {
                throw new IOException("a stored object is shorter than it was");
            }
            done += count;
            draft.append(buffer.flip());
        }
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
