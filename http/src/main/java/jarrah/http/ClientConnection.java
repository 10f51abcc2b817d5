package jarrah.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One connection to an origin; used by one request at a time, whose thread owns it. Only {@link #close} is for any thread. */
final class ClientConnection {
    private static final int PIECE_BYTES = 64 * 1024;
    private static final int MAX_STATUS_LINE_BYTES = 8 * 1024;

    /** An origin that sends more of them means no good. */
    private static final int MAX_INTERIM_RESPONSES = 32;

    private final HttpOrigin origin;
    private final Socket socket;
    private final HttpClientConfig config;
    private final ScheduledExecutorService timer;
    private final InputStream in;
    private final OutputStream out;
    private final ByteBuf input = Unpooled.buffer(4 * 1024);
    private final HeadScanner scanner;

    private boolean used;
    private boolean answering;
    private boolean sentWhole;
    private final AtomicLong progress = new AtomicLong();
    private volatile boolean readingSource;
    private int fillBytes = 4 * 1024;
    long idleSinceNanos;

    ClientConnection(HttpOrigin origin, Socket socket, HttpClientConfig config, ScheduledExecutorService timer)
            throws IOException {
        this.origin = origin;
        this.socket = socket;
        this.config = config;
        this.timer = timer;
        in = socket.getInputStream();
        out = socket.getOutputStream();
        scanner = HeadScanner.head(MAX_STATUS_LINE_BYTES, config.maxHeaderBytes(), config.maxHeaderCount());
    }

    HttpOrigin origin() {
        return origin;
    }

    /** Whether it has carried a request before. */
    boolean used() {
        return used;
    }

    /** Whether bytes of the response to the last request came. */
    boolean answering() {
        return answering;
    }

    /** Whether the next request may go here, once the response has been read to its end. */
    boolean reusable() {
        return sentWhole && !input.isReadable() && !socket.isClosed();
    }

    /** Whether the origin has closed an unused connection, or sent what nobody asked for; takes a millisecond. */
    boolean isStale() {
        try {
            socket.setSoTimeout(1);
            in.read();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Sends a request and reads the head of its final response. */
    ResponseStart exchange(ClientRequest request, byte[] head, HttpClient.Interim interim) throws IOException {
        boolean pooled = used;
        used = true;
        answering = false;
        sentWhole = false;
        if (pooled && in.available() > 0) {
            throw new EOFException("the origin sent something that nobody asked for");
        }
        ResponseStart early = send(request, head, interim);
        if (early != null) {
            return early;
        }
        return finalHead(interim);
    }

    // Sending.

    /** Sends all of it, unless the origin answers before its end: then that answer's head. */
    private @Nullable ResponseStart send(ClientRequest request, byte[] head, HttpClient.Interim interim)
            throws IOException {
        if (request.body() instanceof ClientRequest.Content.None) {
            out.write(head);
            sentWhole = true;
            return null;
        }
        Future<?> watch = watchForStalls();
        try {
            out.write(head);
            return switch (request.body()) {
                case ClientRequest.Content.None _ -> null;
                case ClientRequest.Content.Bytes(var bytes) -> sendBytes(bytes, interim);
                case ClientRequest.Content.Stream(var source, var length) -> sendStream(source, length, interim);
            };
        } catch (SourceFailed e) {
            throw e.source;
        } catch (IOException e) {
            return answerDespite(e, interim);
        } finally {
            watch.cancel(false);
        }
    }

    /** The origin may have refused the request and closed: its answer says more than our broken pipe. */
    private ResponseStart answerDespite(IOException failure, HttpClient.Interim interim) throws IOException {
        try {
            return finalHead(interim);
        } catch (IOException e) {
            failure.addSuppressed(e);
            throw failure;
        }
    }

    private @Nullable ResponseStart sendBytes(byte[] bytes, HttpClient.Interim interim) throws IOException {
        for (int at = 0; at < bytes.length; at += PIECE_BYTES) {
            ResponseStart early = earlyAnswer(interim);
            if (early != null) {
                return early;
            }
            out.write(bytes, at, Math.min(PIECE_BYTES, bytes.length - at));
            progress.incrementAndGet();
        }
        sentWhole = true;
        return null;
    }

    private @Nullable ResponseStart sendStream(ReadableByteChannel source, long length, HttpClient.Interim interim)
            throws IOException {
        var buffer = ByteBuffer.allocate(PIECE_BYTES);
        long sent = 0;
        while (readFrom(source, buffer.clear()) >= 0) {
            int size = buffer.position();
            sent += size;
            if (length >= 0 && sent > length) {
                throw new SourceFailed(new IOException("the request's body is longer than its length " + length));
            }
            ResponseStart early = earlyAnswer(interim);
            if (early != null) {
                return early;
            }
            if (size > 0) {
                writePiece(buffer.array(), size, length < 0);
            }
        }
        if (length >= 0 && sent < length) {
            throw new SourceFailed(new EOFException("the request's body ended at " + sent + " of " + length));
        }
        if (length < 0) {
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        sentWhole = true;
        return null;
    }

    private void writePiece(byte[] bytes, int size, boolean chunked) throws IOException {
        if (chunked) {
            out.write((Integer.toHexString(size) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        }
        out.write(bytes, 0, size);
        if (chunked) {
            out.write(ServerConnection.LINE_END);
        }
        progress.incrementAndGet();
    }

    /** Reading from the caller's source: its failure is not the origin's. Waiting for it is no stall. */
    private int readFrom(ReadableByteChannel source, ByteBuffer buffer) throws SourceFailed {
        try {
            readingSource = true;
            return source.read(buffer);
        } catch (IOException e) {
            throw new SourceFailed(e);
        } finally {
            progress.incrementAndGet();
            readingSource = false;
        }
    }

    private static final class SourceFailed extends IOException {
        private final IOException source;

        SourceFailed(IOException source) {
            super(source);
            this.source = source;
        }
    }

    private @Nullable ResponseStart earlyAnswer(HttpClient.Interim interim) throws IOException {
        if (in.available() == 0) {
            return null;
        }
        ResponseStart start = head(config.firstByteTimeout());
        if (start.status() >= 200) {
            return start;
        }
        interim.received(start.status(), start.headers());
        return null;
    }

    /** Blocking writes have no timeout of their own: when nothing moved for too long, the socket is closed. */
    private Future<?> watchForStalls() {
        long period = config.betweenBytesTimeout().toNanos();
        return timer.scheduleWithFixedDelay(
                new Runnable() {
                    private long seen = -1;

                    @Override
                    public void run() {
                        long now = progress.get();
                        if (now == seen && !readingSource) {
                            close();
                        }
                        seen = now;
                    }
                },
                period,
                period,
                TimeUnit.NANOSECONDS);
    }

    // Receiving.

    private ResponseStart finalHead(HttpClient.Interim interim) throws IOException {
        for (int i = 0; i <= MAX_INTERIM_RESPONSES; i++) {
            ResponseStart start = head(config.firstByteTimeout());
            if (start.status() == 101) {
                throw new BadMessage(502, "the origin switched protocols unasked");
            }
            if (start.status() >= 200) {
                return start;
            }
            interim.received(start.status(), start.headers());
        }
        throw new BadMessage(502, "the origin sent more than " + MAX_INTERIM_RESPONSES + " interim responses");
    }

    private ResponseStart head(Duration firstByteTimeout) throws IOException {
        Duration timeout = input.isReadable() ? config.betweenBytesTimeout() : firstByteTimeout;
        while (true) {
            int length = input.isReadable() ? find() : -1;
            if (length >= 0) {
                byte[] bytes = new byte[length];
                input.readBytes(bytes);
                return ResponseStart.parse(bytes, 0, length);
            }
            if (!fill(timeout)) {
                throw new EOFException(
                        answering
                                ? "the origin closed the connection within the response's head"
                                : "the origin closed the connection without an answer");
            }
            answering = true;
            timeout = config.betweenBytesTimeout();
        }
    }

    private int find() throws BadMessage {
        try {
            return scanner.find(input);
        } catch (BadMessage e) {
            throw new BadMessage(502, "the origin's response is malformed: " + e.getMessage());
        }
    }

    /** What was received and not yet read. */
    ByteBuf input() {
        return input;
    }

    /** Receives some bytes; false at the end of the connection. */
    boolean fill(Duration timeout) throws IOException {
        socket.setSoTimeout((int) Math.max(1, Math.min(Integer.MAX_VALUE, timeout.toMillis())));
        input.discardReadBytes();
        int count = input.writeBytes(in, fillBytes);
        if (count == fillBytes && fillBytes < PIECE_BYTES) {
            fillBytes *= 2; // there is more: fewer system calls from now on
        }
        return count > 0;
    }

    /** Receives straight into the caller's array; -1 at the end of the connection. */
    int receive(byte[] target, int offset, int length, Duration timeout) throws IOException {
        socket.setSoTimeout((int) Math.max(1, Math.min(Integer.MAX_VALUE, timeout.toMillis())));
        return in.read(target, offset, length);
    }

    void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // it is closed all the same
        }
    }
}
