package jarrah.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** An open file of a {@link FaultyDisk}; what blobs do not use is refused. */
final class FaultyChannel extends FileChannel {
    private final FaultyDisk disk;
    private final FaultyDisk.Inode inode;
    private long position;

    FaultyChannel(FaultyDisk disk, FaultyDisk.Inode inode) {
        this.disk = disk;
        this.inode = inode;
    }

    /** What the file holds now, for reading. */
    private ByteBuffer bytes() throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        synchronized (disk) {
            disk.requirePower();
            return ByteBuffer.wrap(inode.bytes(), 0, inode.length());
        }
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int read = read(into, position);
        position += Math.max(read, 0);
        return read;
    }

    @Override
    public int read(ByteBuffer into, long at) throws IOException {
        ByteBuffer bytes = bytes();
        if (at >= bytes.limit()) {
            return -1;
        }
        int count = (int) Math.min(into.remaining(), bytes.limit() - at);
        into.put(bytes.slice((int) at, count));
        return count;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        int written = write(from, position);
        position += written;
        return written;
    }

    @Override
    public int write(ByteBuffer from, long at) throws IOException {
        bytes();
        var copied = new byte[from.remaining()];
        from.get(copied);
        return disk.write(inode, copied, at);
    }

    @Override
    public long transferTo(long at, long count, WritableByteChannel target) throws IOException {
        ByteBuffer bytes = bytes();
        if (at >= bytes.limit()) {
            return 0;
        }
        return target.write(bytes.slice((int) at, (int) Math.min(count, bytes.limit() - at)));
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public FileChannel position(long next) {
        position = next;
        return this;
    }

    @Override
    public long size() throws IOException {
        return bytes().limit();
    }

    @Override
    public void force(boolean metaData) throws IOException {
        bytes();
        disk.force(inode);
    }

    @Override
    protected void implCloseChannel() {}

    @Override
    public long read(ByteBuffer[] into, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel truncate(long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long at, long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long at, long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long at, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long at, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }
}
