package jarrah.s3.remote;

import jarrah.s3.store.ByteSink;
import jarrah.s3.store.ObjectReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;

/** A range of an object's bytes, decrypted and verified, to be read: a slice at a time is in memory. Used by one thread. */
final class ObjectSlices implements ReadableByteChannel {
    private static final int SLICE_BYTES = 1 << 20;

    private final ObjectReader reader;
    private final long end;
    private final ByteBuffer slice;
    private long at;

    /** @param reader unlocked; not closed here */
    ObjectSlices(ObjectReader reader, long offset, long length) {
        this.reader = reader;
        this.at = offset;
        this.end = offset + length;
        this.slice = ByteBuffer.allocate((int) Math.min(SLICE_BYTES, length)).limit(0);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (!slice.hasRemaining()) {
            if (at == end) {
                return -1;
            }
            fill();
        }
        int count = Math.min(slice.remaining(), target.remaining());
        target.put(slice.slice(slice.position(), count));
        slice.position(slice.position() + count);
        return count;
    }

    private void fill() throws IOException {
        int count = (int) Math.min(slice.capacity(), end - at);
        slice.clear().limit(count);
        reader.send(at, count, new ByteSink() {
            @Override
            public void write(ByteBuffer bytes) {
                slice.put(bytes);
            }

            @Override
            public void transfer(FileChannel file, long position, long length) throws IOException {
                int before = slice.limit();
                slice.limit(slice.position() + (int) length);
                for (long from = position; slice.hasRemaining(); ) {
                    int read = file.read(slice, from);
                    if (read < 0) {
                        throw new EOFException("a blob ended early");
                    }
                    from += read;
                }
                slice.limit(before);
            }
        });
        slice.flip();
        at += count;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
