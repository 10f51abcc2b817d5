package jarrah.http;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A request's body on its way from the event loop, which fills it, to the handler's thread, which empties it. Guarded by
 * its lock; the loop never waits: it stops reading from the socket while {@link #isFull}.
 */
final class InboundBody implements RequestBody {
    /** Bytes that may wait before the loop stops reading. */
    private static final int FULL_BYTES = 256 * 1024;

    /** Bytes below which the loop reads again. */
    private static final int LOW_BYTES = 64 * 1024;

    private final ServerConnection connection;
    private final long length;
    private final long timeoutNanos;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final ArrayDeque<ByteBuf> parts = new ArrayDeque<>();
    private int queuedBytes;
    private boolean full;
    private boolean ended;
    private boolean closed;
    private boolean continuePending;
    private @Nullable IOException failure;
    private Headers trailers = Headers.of();

    /**
     * Makes a body that has yet to arrive.
     *
     * @param length as {@link #length()}
     * @param timeoutNanos the longest wait of one read
     * @param continuePending whether the client waits for a 100 before it sends
     */
    InboundBody(ServerConnection connection, long length, long timeoutNanos, boolean continuePending) {
        this.connection = connection;
        this.length = length;
        this.timeoutNanos = timeoutNanos;
        this.continuePending = continuePending;
        this.ended = length == 0;
    }

    // The loop's side.

    /** Takes over a reference to bytes that arrived; they are dropped when nobody will read them. */
    void offer(ByteBuf bytes) {
        lock.lock();
        try {
            if (closed || failure != null) {
                bytes.release();
                return;
            }
            continuePending = false; // a client that does not wait gets no 100
            parts.add(bytes);
            queuedBytes += bytes.readableBytes();
            full = queuedBytes >= FULL_BYTES;
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The body is complete. */
    void end(Headers trailingFields) {
        lock.lock();
        try {
            ended = true;
            continuePending = false;
            trailers = trailingFields;
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /** No more will come; what has arrived is dropped. */
    void fail(IOException cause) {
        lock.lock();
        try {
            if (failure == null && !ended) {
                failure = cause;
                drop();
                arrived.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the loop should stop reading from the socket. */
    boolean isFull() {
        lock.lock();
        try {
            return full;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the connection can be used again: the client has sent the body, or is about to without being asked. */
    boolean willEndUnasked() {
        lock.lock();
        try {
            return failure == null && !continuePending;
        } finally {
            lock.unlock();
        }
    }

    // The handler's side.

    @Override
    public long length() {
        return length;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (!target.hasRemaining()) {
            return 0;
        }
        boolean resume;
        int count;
        lock.lock();
        try {
            if (!awaitBytes()) {
                return -1;
            }
            count = take(target);
            resume = full && queuedBytes <= LOW_BYTES;
            full &= !resume;
        } finally {
            lock.unlock();
        }
        if (resume) {
            connection.resumeReading();
        }
        return count;
    }

    /** Waits until there are bytes; false at the end of the body. */
    private boolean awaitBytes() throws IOException {
        if (continuePending && !closed) {
            continuePending = false;
            connection.sendContinue();
        }
        long left = timeoutNanos;
        while (parts.isEmpty()) {
            if (closed) {
                throw new ClosedChannelException();
            }
            if (failure != null) {
                throw failure;
            }
            if (ended) {
                return false;
            }
            if (left <= 0) {
                failure = new BodyTimeout("nothing came for " + TimeUnit.NANOSECONDS.toMillis(timeoutNanos) + " ms");
                throw failure;
            }
            try {
                left = arrived.awaitNanos(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new java.io.InterruptedIOException("interrupted while reading a request's body");
            }
        }
        return true;
    }

    private int take(ByteBuffer target) {
        int count = 0;
        while (target.hasRemaining()) {
            ByteBuf part = parts.peek();
            if (part == null) {
                break;
            }
            int size = Math.min(part.readableBytes(), target.remaining());
            int limit = target.limit();
            target.limit(target.position() + size);
            part.readBytes(target);
            target.limit(limit);
            count += size;
            if (!part.isReadable()) {
                parts.remove().release();
            }
        }
        queuedBytes -= count;
        return count;
    }

    @Override
    public byte[] readAll(int limitBytes) throws IOException {
        if (length > limitBytes) {
            throw new BodyTooLarge("the body has " + length + " bytes, more than " + limitBytes);
        }
        var bytes = new ByteArrayOutputStream(length >= 0 ? (int) length : 1024);
        var buffer = ByteBuffer.allocate(8 * 1024);
        while (read(buffer) >= 0) {
            if (bytes.size() + buffer.position() > limitBytes) {
                throw new BodyTooLarge("the body has more than " + limitBytes + " bytes");
            }
            bytes.write(buffer.array(), 0, buffer.position());
            buffer.clear();
        }
        return bytes.toByteArray();
    }

    @Override
    public Headers trailers() {
        lock.lock();
        try {
            return parts.isEmpty() ? trailers : Headers.of();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isOpen() {
        lock.lock();
        try {
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** Gives up reading: what was not read is thrown away. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                drop();
                arrived.signal();
            }
        } finally {
            lock.unlock();
        }
        connection.resumeReading();
    }

    private void drop() {
        parts.forEach(ByteBuf::release);
        parts.clear();
        queuedBytes = 0;
        full = false;
    }
}
