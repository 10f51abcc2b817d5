package jarrah.http;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A response whose body is read from its connection as the caller asks for it; see {@link ClientResponse} for threads. */
final class StreamedResponse implements ClientResponse, ReadableByteChannel {
    private static final int DIRECT_PIECE_BYTES = 64 * 1024;

    private final ClientConnection connection;
    private final ClientPool pool;
    private final ResponseStart start;
    private final long framing;
    private final HttpClientConfig config;
    private final @Nullable ChunkedDecoder chunks;
    private final AtomicBoolean released = new AtomicBoolean();
    private volatile boolean closed;
    private long left;
    private boolean ended;
    private @Nullable ByteBuf chunk;

    StreamedResponse(ClientConnection connection, ClientPool pool, ResponseStart start, boolean answersHead)
            throws BadMessage {
        this.connection = connection;
        this.pool = pool;
        this.start = start;
        config = pool.config();
        framing = start.bodyLength(answersHead);
        left = framing;
        chunks = framing == ResponseStart.CHUNKED
                ? new ChunkedDecoder(config.maxHeaderBytes(), config.maxHeaderCount())
                : null;
        if (framing == 0) {
            end(start.keepAlive());
        }
    }

    @Override
    public int status() {
        return start.status();
    }

    @Override
    public Headers headers() {
        return start.headers();
    }

    @Override
    public long bodyLength() {
        return Math.max(framing, -1);
    }

    @Override
    public ReadableByteChannel body() {
        return this;
    }

    @Override
    public Headers trailers() {
        return chunks == null ? Headers.of() : chunks.trailers();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (ended) {
            return -1;
        }
        if (closed) {
            throw new ClosedChannelException();
        }
        if (!target.hasRemaining()) {
            return 0;
        }
        boolean whole = false;
        try {
            int count = chunks != null ? readChunk(chunks, target) : readPlain(target);
            whole = true;
            return count;
        } catch (SocketTimeoutException | RequestBody.BodyTruncated | BadMessage e) {
            throw e;
        } catch (IOException e) {
            if (closed) {
                throw new ClosedChannelException();
            }
            throw truncated("the connection to " + connection.origin() + " broke", e);
        } finally {
            if (!whole) {
                giveBack(false);
            }
        }
    }

    private int readPlain(ByteBuffer target) throws IOException {
        int limit = left >= 0 ? (int) Math.min(left, target.remaining()) : target.remaining();
        ByteBuf input = connection.input();
        int count;
        if (input.isReadable()) {
            count = copy(input, target, limit);
        } else {
            count = receive(target, limit);
        }
        if (count < 0) {
            if (framing == ResponseStart.UNTIL_CLOSE) {
                end(false);
                return -1;
            }
            throw truncated(left + " bytes of " + framing + " did not come", null);
        }
        if (left >= 0) {
            left -= count;
            if (left == 0) {
                end(start.keepAlive());
            }
        }
        return count;
    }

    private int receive(ByteBuffer target, int limit) throws IOException {
        if (target.hasArray()) {
            int count = connection.receive(
                    target.array(), target.arrayOffset() + target.position(), limit, config.betweenBytesTimeout());
            if (count > 0) {
                target.position(target.position() + count);
            }
            return count;
        }
        byte[] piece = new byte[Math.min(limit, DIRECT_PIECE_BYTES)];
        int count = connection.receive(piece, 0, piece.length, config.betweenBytesTimeout());
        if (count > 0) {
            target.put(piece, 0, count);
        }
        return count;
    }

    private int readChunk(ChunkedDecoder decoder, ByteBuffer target) throws IOException {
        while (true) {
            ByteBuf data = chunk;
            if (data == null) {
                data = decoder.next(connection.input());
            }
            if (data != null) {
                int count = copy(data, target, target.remaining());
                if (data.isReadable()) {
                    chunk = data;
                } else {
                    data.release();
                    chunk = null;
                }
                return count;
            }
            if (decoder.ended()) {
                end(start.keepAlive());
                return -1;
            }
            if (!connection.fill(config.betweenBytesTimeout())) {
                throw truncated("the last chunk did not come", null);
            }
        }
    }

    private static int copy(ByteBuf from, ByteBuffer target, int limit) {
        int count = Math.min(limit, from.readableBytes());
        int oldLimit = target.limit();
        target.limit(target.position() + count);
        from.readBytes(target);
        target.limit(oldLimit);
        return count;
    }

    private static RequestBody.BodyTruncated truncated(String message, @Nullable IOException cause) {
        var truncated = new RequestBody.BodyTruncated("the origin's body ended early: " + message);
        if (cause != null) {
            truncated.initCause(cause);
        }
        return truncated;
    }

    private void end(boolean reusable) {
        ended = true;
        giveBack(reusable);
    }

    /** Returns the connection to the pool, or drops it; once. */
    private void giveBack(boolean reusable) {
        if (released.compareAndSet(false, true)) {
            if (reusable && connection.reusable()) {
                pool.release(connection);
            } else {
                pool.drop(connection);
            }
        }
    }

    @Override
    public byte[] readAll(int limitBytes) throws IOException {
        if (framing > limitBytes) {
            throw new RequestBody.BodyTooLarge("the body has " + framing + " bytes, more than " + limitBytes);
        }
        var bytes = new ByteArrayOutputStream(framing > 0 ? (int) framing : 1024);
        var buffer = ByteBuffer.allocate(16 * 1024);
        while (read(buffer) >= 0) {
            if (bytes.size() + buffer.position() > limitBytes) {
                throw new RequestBody.BodyTooLarge("the body has more than " + limitBytes + " bytes");
            }
            bytes.write(buffer.array(), 0, buffer.position());
            buffer.clear();
        }
        return bytes.toByteArray();
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() {
        closed = true;
        giveBack(false);
    }
}
