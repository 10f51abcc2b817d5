package jarrah.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.internal.PlatformDependent;
import java.nio.ByteBuffer;

/**
 * Bytes in direct memory that several answers may send at once; the memory is freed when the last holder lets go.
 *
 * <p>The maker holds the first reference. The bytes do not change once shared.
 */
public final class SharedBytes {
    private final ByteBuf buffer;

    /** How many bytes this process may hold outside the Java heap, those of connections among them. */
    public static long mostBytes() {
        return PlatformDependent.maxDirectMemory();
    }

    private SharedBytes(ByteBuf buffer) {
        this.buffer = buffer;
    }

    /** Copies the remaining bytes into direct memory of exactly that size. */
    public static SharedBytes copyOf(ByteBuffer source) {
        int size = Math.max(1, source.remaining()); // Netty's empty buffer counts no references
        ByteBuf buffer = Unpooled.directBuffer(size, size);
        buffer.writeBytes(source);
        return new SharedBytes(buffer);
    }

    public int length() {
        return buffer.writerIndex();
    }

    /** Takes one more reference; false if the memory was freed already. */
    public boolean tryRetain() {
        try {
            buffer.retain();
            return true;
        } catch (io.netty.util.IllegalReferenceCountException e) {
            return false;
        }
    }

    /** Drops one reference; whether that was the last, and the memory is free. */
    public boolean release() {
        return buffer.release();
    }

    /** Whether the last holder has let go. */
    public boolean isFree() {
        return buffer.refCnt() == 0;
    }

    /** A read-only view, valid while the caller holds a reference. */
    public ByteBuffer view() {
        return buffer.nioBuffer().asReadOnlyBuffer();
    }

    /** For the engine: a slice that carries a reference of its own. */
    ByteBuf retainedSlice(int offset, int size) {
        return buffer.retainedSlice(offset, size);
    }

    /** For the engine: copies a part, cheaper than a reference when it is small. */
    void copyTo(ByteBuf target, int offset, int size) {
        target.writeBytes(buffer, offset, size);
    }

    /** For the engine: copies a part into an array. */
    void copyTo(byte[] target, int at, int offset, int size) {
        buffer.getBytes(offset, target, at, size);
    }
}
