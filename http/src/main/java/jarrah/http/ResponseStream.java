package jarrah.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An answer's body while the handler writes it. One thread writes; the event loop reports back under the lock what has
 * left. A client that takes nothing is found out by the connection, whose end ends every wait here.
 *
 * <p>A body of unknown length gets its last chunk only when the handler has returned: {@code close()} in a
 * try-with-resources also runs when the handler failed, and must not make half an answer look whole.
 */
final class ResponseStream implements ResponseBody {
    /** Bytes on their way to the kernel beyond which the handler waits. */
    private static final int IN_FLIGHT_BYTES = 256 * 1024;

    /** As {@link #IN_FLIGHT_BYTES}, for files, of which nothing is held in memory. */
    private static final int IN_FLIGHT_FILE_BYTES = 2 * BodySlices.OfFile.SLICE_BYTES;

    private static final int PIECE_BYTES = 64 * 1024;
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

    private final ServerConnection connection;
    private final ServerExchange exchange;
    private final long length;
    private final boolean chunked;
    private final boolean bodiless;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    private long inFlight;
    private long sent;
    private @Nullable Throwable failure;

    private long written;
    private boolean closed;
    private boolean complete;

    ResponseStream(
            ServerConnection connection, ServerExchange exchange, long length, boolean chunked, boolean bodiless) {
        this.connection = connection;
        this.exchange = exchange;
        this.length = length;
        this.chunked = chunked;
        this.bodiless = bodiless;
    }

    /** Sends the head. */
    void start(byte[] head) throws IOException {
        submit(Unpooled.wrappedBuffer(head), 0);
    }

    /** Whether the whole body has been handed over. */
    boolean complete() {
        return complete;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int size = source.remaining();
        reserve(size);
        if (bodiless) {
            source.position(source.limit());
            return size;
        }
        while (source.hasRemaining()) {
            int piece = Math.min(PIECE_BYTES, source.remaining());
            awaitRoom(IN_FLIGHT_BYTES);
            ByteBuf buffer = connection.allocate(piece + 16);
            if (chunked) {
                writeChunkSize(buffer, piece);
            }
            buffer.writeBytes(source.slice(source.position(), piece));
            source.position(source.position() + piece);
            if (chunked) {
                buffer.writeByte('\r').writeByte('\n');
            }
            submit(buffer, piece);
        }
        return size;
    }

    @Override
    public void transfer(FileChannel file, long position, long count) throws IOException {
        reserve(count);
        if (bodiless || count == 0) {
            return;
        }
        if (chunked) {
            ByteBuf size = connection.allocate(20);
            writeChunkSize(size, count);
            submit(size, 0);
        }
        for (long done = 0; done < count; ) {
            long slice = Math.min(BodySlices.OfFile.SLICE_BYTES, count - done);
            awaitRoom(IN_FLIGHT_FILE_BYTES);
            submit(new BodySlices.SharedFileRegion(file, position + done, slice), slice);
            done += slice;
        }
        if (chunked) {
            submit(Unpooled.wrappedBuffer(ServerConnection.LINE_END), 0);
        }
        awaitRoom(1); // the file may be closed after this
    }

    private static void writeChunkSize(ByteBuf buffer, long size) {
        buffer.writeCharSequence(Long.toHexString(size), StandardCharsets.US_ASCII);
        buffer.writeByte('\r').writeByte('\n');
    }

    private void reserve(long count) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (length >= 0 && count > length - written) {
            fail();
            throw new IOException("more than the declared " + length + " bytes");
        }
        written += count;
    }

    /** Waits until fewer bytes are on their way than that. */
    private void awaitRoom(long limit) throws IOException {
        lock.lock();
        try {
            while (failure == null && inFlight >= limit) {
                left.await();
            }
            if (failure != null) {
                throw new IOException("the client is gone", failure);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail();
            throw new java.io.InterruptedIOException("interrupted while answering");
        } finally {
            lock.unlock();
        }
    }

    private void submit(Object message, long bytes) throws IOException {
        lock.lock();
        try {
            inFlight += bytes;
        } finally {
            lock.unlock();
        }
        if (!connection.execute(
                () -> connection.writeSoon(message).addListener(future -> sent((ChannelFuture) future, bytes)))) {
            io.netty.util.ReferenceCountUtil.release(message);
            throw new ClosedChannelException();
        }
    }

    private void sent(ChannelFuture future, long bytes) {
        lock.lock();
        try {
            inFlight -= bytes;
            if (future.isSuccess()) {
                sent += bytes;
            } else if (failure == null) {
                failure = future.cause();
            }
            left.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        if (bodiless || (length >= 0 && written == length)) {
            finish(null);
        } else if (length >= 0) {
            fail();
            throw new IOException("only " + written + " of the declared " + length + " bytes were written");
        }
    }

    /** The handler returned without an exception: an answer of unknown length is whole now. */
    void handlerReturned() {
        if (complete) {
            return;
        }
        if (!closed) {
            fail();
        } else if (length < 0) {
            finish(chunked ? LAST_CHUNK : null);
        }
    }

    private void finish(byte @Nullable [] last) {
        complete = true;
        connection.execute(() -> {
            ByteBuf end = last == null ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(last);
            connection.writeSoon(end).addListener(future -> exchange.complete(sentBytes(), future.cause()));
            connection.answered(exchange);
        });
    }

    /** Bytes of the body that the kernel has taken. */
    long sentBytes() {
        lock.lock();
        try {
            return sent;
        } finally {
            lock.unlock();
        }
    }

    /** Cuts the connection, so that the client sees that the body is not whole. */
    void fail() {
        closed = true;
        complete = true;
        connection.execute(() -> {
            exchange.complete(sentBytes(), new IOException("the answer was cut short"));
            connection.abort(exchange);
        });
    }
}
