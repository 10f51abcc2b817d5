package jarrah.http;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultFileRegion;
import java.nio.channels.FileChannel;

/** A body that is too big for one write: handed to the socket a slice at a time. Owned by the event loop. */
sealed interface BodySlices {
    /** Bytes that were not handed out yet. */
    long left();

    /** The next slice: a message for the channel. */
    Object next(ByteBufAllocator allocator);

    /** Runs once, after the last slice was sent or when none will be. */
    void release();

    /** A part of a file, each slice one sendfile. */
    final class OfFile implements BodySlices {
        /** So much the kernel copies between two looks at the other connections: some 0.3 ms. */
        static final int SLICE_BYTES = 1024 * 1024;

        private final FileChannel channel;
        private final Runnable released;
        private long position;
        private long left;

        OfFile(Body.FilePart part) {
            channel = part.channel();
            released = part.released();
            position = part.position();
            left = part.length();
        }

        @Override
        public long left() {
            return left;
        }

        @Override
        public Object next(ByteBufAllocator allocator) {
            long size = Math.min(SLICE_BYTES, left);
            var region = new SharedFileRegion(channel, position, size);
            position += size;
            left -= size;
            return region;
        }

        @Override
        public void release() {
            released.run();
        }
    }

    /** Bytes on the heap, each slice copied into direct memory only when the last one has left. */
    final class OfArray implements BodySlices {
        private static final int SLICE_BYTES = 256 * 1024;

        private final byte[] bytes;
        private int position;

        OfArray(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long left() {
            return (long) bytes.length - position;
        }

        @Override
        public Object next(ByteBufAllocator allocator) {
            int size = Math.min(SLICE_BYTES, bytes.length - position);
            var slice = allocator.directBuffer(size).writeBytes(bytes, position, size);
            position += size;
            return slice;
        }

        @Override
        public void release() {}
    }

    /** A file region that leaves its file open: the file belongs to whoever gave it. */
    final class SharedFileRegion extends DefaultFileRegion {
        SharedFileRegion(FileChannel channel, long position, long length) {
            super(channel, position, length);
        }

        @Override
        protected void deallocate() {}
    }
}
