package jarrah.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection, or one stream of it in HTTP/2: reads heads, feeds bodies, keeps requests and answers in step. Owned by its event loop, but
 * for the methods that say otherwise.
 *
 * <p>One exchange runs at a time; what the client sends ahead waits in {@link #input}, and reading stops when that is
 * more than {@link #AHEAD_BYTES}. {@link #advance} is the state machine: it goes on as far as the bytes allow.
 */
final class ServerConnection extends ChannelInboundHandlerAdapter {
    private static final IntegerUnixChannelOption IP_TTL = new IntegerUnixChannelOption("IP_TTL", 0, 2); // ip(7)
    private static final Logger LOG = LoggerFactory.getLogger(ServerConnection.class);

    /** Pipelined bytes that may wait while an exchange runs. */
    private static final int AHEAD_BYTES = 64 * 1024;

    /** How long we wait for the rest of a body that nobody will read. */
    private static final long DRAIN_NANOS = 5_000_000_000L;

    /** How long we listen after our last word, so that the client can read it before a reset (RFC 9112, 9.6). */
    private static final long LINGER_NANOS = 2_000_000_000L;

    static final byte[] LINE_END = ascii("\r\n");
    static final byte[] CHUNKED_LINE = ascii("Transfer-Encoding: chunked\r\n");
    static final byte[] LENGTH_NAME = ascii("Content-Length: ");
    static final byte[] CLOSE_LINE = ascii("Connection: close\r\n");
    static final byte[] KEEP_ALIVE_LINE = ascii("Connection: keep-alive\r\n");
    private static final byte[] CONTINUE = ascii("HTTP/1.1 100 Continue\r\n\r\n");

    private final HttpServer server;
    private final HttpServerConfig config;
    private final Channel channel;
    private final EventLoop loop;
    private final InetSocketAddress remote;
    private final InetSocketAddress local;
    private final LoopScratch scratch;
    private final HeadScanner scanner;
    private final Deadline readDeadline;
    private final WriteWatch writeWatch;

    private @Nullable ByteBuf input;
    private @Nullable ServerExchange current;
    private boolean answered;

    /** The current request's body, as long as bytes of it may come; null if there is none or it was received whole. */
    private @Nullable BodyFeed feed;

    private boolean advancing;
    private boolean inRead;
    private boolean headStarted;
    private boolean emptyLineAllowed = true;
    private boolean inputShut;
    private boolean lingering;
    private boolean flushWanted;
    private boolean flushScheduled;
    private boolean reading = true;
    private volatile boolean closing;

    /**
     * A connection that has just been made.
     *
     * @param remote the client
     * @param local what it connected to
     */
    ServerConnection(
            HttpServer server,
            Channel channel,
            InetSocketAddress remote,
            InetSocketAddress local,
            LoopScratch scratch) {
        this.server = server;
        this.config = server.config();
        this.channel = channel;
        this.scratch = scratch;
        loop = channel.eventLoop();
        this.remote = remote;
        this.local = local;
        scanner = HeadScanner.head(config.maxRequestLineBytes(), config.maxHeaderBytes(), config.maxHeaderCount());
        readDeadline = new Deadline(loop, this::readDeadlinePassed);
        writeWatch = new WriteWatch(channel, config.bodyTimeout().toNanos());
        readDeadline.in(config.idleTimeout().toNanos());
    }

    /** See {@link Exchange#hopLimit}. */
    void hopLimit(int hops) {
        if (channel instanceof EpollSocketChannel) {
            channel.config().setOption(IP_TTL, hops);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    // For any thread.

    InetSocketAddress remote() {
        return remote;
    }

    InetSocketAddress local() {
        return local;
    }

    boolean isSecure() {
        return server.isSecure();
    }

    /** What the client speaks, see {@link RequestHead#protocol}. */
    String protocol(ParsedRequest parsed) {
        return channel instanceof Http2StreamChannel ? "HTTP/2.0" : parsed.http10() ? "HTTP/1.0" : "HTTP/1.1";
    }

    Handler handler() {
        return server.handler();
    }

    byte[] serverLine() {
        return server.serverLine();
    }

    boolean closing() {
        return closing || server.stopping();
    }

    boolean inLoop() {
        return loop.inEventLoop();
    }

    ByteBuf allocate(int bytes) {
        return channel.alloc().directBuffer(bytes);
    }

    /** Runs on the loop; false if the loop has ended. */
    boolean execute(Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    void resumeReading() {
        execute(this::advance);
    }

    void sendContinue() {
        execute(() -> {
            ServerExchange exchange = current;
            if (exchange != null && !exchange.committed()) {
                writeSoon(Unpooled.wrappedBuffer(CONTINUE));
            }
        });
    }

    /** Sends the head of an interim response, unless the exchange is over or answered from the loop meanwhile. */
    void sendInterim(ServerExchange exchange, byte[] head) {
        execute(() -> {
            if (current == exchange && !exchange.committedOnLoop()) {
                writeSoon(Unpooled.wrappedBuffer(head));
            }
        });
    }

    // What arrives.

    @Override
    public void channelRead(ChannelHandlerContext ignored, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        inRead = true;
        if (lingering || lostInput()) {
            bytes.release();
            return;
        }
        input = input == null ? bytes : join(input, bytes);
        advance();
    }

    private ByteBuf join(ByteBuf first, ByteBuf second) {
        try {
            if (first.refCnt() == 1 && first.writableBytes() >= second.readableBytes()) {
                return first.writeBytes(second);
            }
            ByteBuf both = channel.alloc().buffer(2 * (first.readableBytes() + second.readableBytes()));
            both.writeBytes(first).writeBytes(second);
            first.release();
            return both;
        } finally {
            second.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ignored) {
        inRead = false;
        if (flushWanted) {
            flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ignored) {
        advance();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ignored, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputShut = true;
            if (lingering) {
                channel.close();
            } else {
                advance();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ignored, Throwable cause) {
        // A client that does not like the certificate, or speaks no TLS, is no trouble of ours.
        Throwable reason = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        if (!(reason instanceof IOException)) {
            LOG.error("a connection failed", cause);
        }
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ignored) {
        readDeadline.stop();
        writeWatch.stop();
        dropInput();
        server.closed(this);
        ServerExchange exchange = current;
        if (exchange != null) {
            current = null;
            if (feed != null) {
                feed.lose(new RequestBody.BodyTruncated("the connection ended within the request's body"));
            }
            if (!answered) {
                exchange.connectionLost();
            }
        }
    }

    private void dropInput() {
        if (input != null) {
            input.release();
            input = null;
        }
    }

    // The state machine.

    /** Goes on as far as what has arrived and what may be sent allow. */
    private void advance() {
        if (advancing || !channel.isActive()) {
            return;
        }
        advancing = true;
        try {
            while (!lingering && step()) {
                // one step more
            }
        } finally {
            advancing = false;
        }
        if (input != null && !input.isReadable()) {
            dropInput();
        }
        if (!lingering) {
            setDeadline();
        }
        setReading();
    }

    private boolean step() {
        ServerExchange exchange = current;
        if (exchange == null) {
            if (inputShut && (input == null || !input.isReadable())) {
                closeGently(true);
                return false;
            }
            return channel.isWritable() && nextHead();
        }
        if (feed != null) {
            feedBody(feed, exchange);
        }
        if (!answered) {
            return false;
        }
        if (exchange.closeAfter()) {
            current = null;
            boolean nothingUnread = feed == null && (input == null || !input.isReadable());
            if (feed != null) {
                feed.lose(new ClosedChannelException());
            }
            closeGently(nothingUnread && exchange.clientCloses());
            return false;
        }
        if (feed != null) {
            return false;
        }
        current = null;
        return true;
    }

    private void feedBody(BodyFeed body, ServerExchange exchange) {
        if (!body.lost()) {
            body.feed(input, inputShut);
        }
        if (body.lost()) {
            exchange.closeAfterwards();
            dropInput();
        } else if (body.ended()) {
            feed = null;
        }
    }

    private boolean lostInput() {
        return feed != null && feed.lost();
    }

    /** Reads a head and starts its exchange; false if it has not arrived whole. */
    private boolean nextHead() {
        ByteBuf in = input;
        if (in == null || !in.isReadable()) {
            if (closing()) {
                closeGently(false);
            }
            return false;
        }
        try {
            if (emptyLineAllowed && !skipEmptyLine(in)) {
                return false;
            }
            emptyLineAllowed = false;
            int length = scanner.find(in);
            if (length < 0) {
                if (inputShut) {
                    closeGently(true);
                }
                return false;
            }
            headStarted = false;
            emptyLineAllowed = true;
            byte[] bytes = scratch.bytes(length);
            in.readBytes(bytes, 0, length);
            start(ParsedRequest.parse(bytes, 0, length));
            return true;
        } catch (BadMessage e) {
            refuse(e.status(), String.valueOf(e.getMessage()));
            return false;
        }
    }

    /** RFC 9112, 2.2: one empty line before a request line is passed over. False if more must arrive to know. */
    private boolean skipEmptyLine(ByteBuf in) {
        int at = in.readerIndex();
        if (in.getByte(at) != '\r') {
            return true;
        }
        if (in.readableBytes() < 2) {
            return false;
        }
        if (in.getByte(at + 1) == '\n') {
            in.skipBytes(2);
            emptyLineAllowed = false;
        }
        return in.isReadable();
    }

    private void start(ParsedRequest parsed) throws BadMessage {
        long length = parsed.bodyLength();
        if (length > config.maxBodyBytes()) {
            throw new BadMessage(413, "the body is longer than " + config.maxBodyBytes() + " bytes");
        }
        InboundBody inbound = length == 0
                ? null
                : new InboundBody(this, length, config.bodyTimeout().toNanos(), parsed.expectsContinue());
        var exchange = new ServerExchange(this, parsed, inbound);
        current = exchange;
        answered = false;
        feed = inbound == null ? null : new BodyFeed(inbound, config);
        if (inbound == null && parsed.expectsContinue()) {
            // botocore waits for a 100 even before an empty body, and mistakes the next answer on the connection if the
            // final one comes first.
            writeSoon(Unpooled.wrappedBuffer(CONTINUE));
        }
        if (inbound == null && triedOnLoop(exchange)) {
            return;
        }
        Thread.startVirtualThread(exchange);
    }

    private boolean triedOnLoop(ServerExchange exchange) {
        LoopHandler handler = server.loopHandler();
        if (handler == null) {
            return false;
        }
        try {
            return handler.tryHandle(exchange);
        } catch (RuntimeException e) {
            exchange.failed(e);
            return true;
        }
    }

    // Answers.

    HeadWriter writer() {
        return scratch.writer();
    }

    /** Sends an answer that is whole in one buffer. */
    void answer(ServerExchange exchange, ByteBuf whole, long bodyBytes) {
        if (exchange.hasListener()) {
            writeSoon(whole).addListener(future -> exchange.complete(bodyBytes, future));
        } else {
            channel.write(whole, channel.voidPromise());
            flushSoon();
            exchange.complete(bodyBytes, (Throwable) null);
        }
        answered(exchange);
    }

    /** Sends an answer whose body is in memory; takes over both references. */
    void answer(ServerExchange exchange, ByteBuf head, ByteBuf body) {
        int size = body.readableBytes();
        channel.write(head, channel.voidPromise());
        writeSoon(body).addListener(future -> exchange.complete(size, future));
        answered(exchange);
    }

    /** Sends an answer slice by slice. */
    void answer(ServerExchange exchange, ByteBuf head, BodySlices body) {
        channel.write(head, channel.voidPromise());
        sendSlice(exchange, body, 0);
    }

    private void sendSlice(ServerExchange exchange, BodySlices body, long sentBefore) {
        long before = body.left();
        ChannelFuture future = writeSoon(body.next(channel.alloc()));
        long sent = sentBefore + before - body.left();
        future.addListener(done -> {
            if (!done.isSuccess()) {
                body.release();
                exchange.complete(sentBefore, done.cause());
                abort(exchange);
            } else if (body.left() == 0) {
                body.release();
                exchange.complete(sent, (Throwable) null);
                answered(exchange);
            } else {
                sendSlice(exchange, body, sent);
            }
        });
    }

    /** The answer has been handed to the channel whole. */
    void answered(ServerExchange exchange) {
        if (current != exchange) {
            return;
        }
        answered = true;
        InboundBody inbound = exchange.inbound();
        if (inbound != null) {
            inbound.discard();
        }
        if (feed != null) {
            feed.stopReading();
        }
        advance();
    }

    /** Cuts the connection if that exchange is still the current one. */
    void abort(ServerExchange exchange) {
        if (current != exchange) {
            return;
        }
        if (exchange.http10()) {
            // Where the end of the connection ends the body, only a reset tells the client that it is not whole.
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        channel.close();
    }

    private void refuse(int status, String message) {
        HeadWriter writer = writer();
        byte[] body = (message + "\n").getBytes(StandardCharsets.UTF_8);
        writer.reset();
        writer.statusLine(status);
        writer.raw(HttpDate.nowLine());
        writer.raw(serverLine());
        writer.field("Content-Type", "text/plain; charset=utf-8");
        writer.raw(LENGTH_NAME);
        writer.number(body.length);
        writer.raw(LINE_END);
        writer.raw(CLOSE_LINE);
        writer.raw(LINE_END);
        writer.raw(body);
        channel.write(allocate(writer.length()).writeBytes(writer.array(), 0, writer.length()), channel.voidPromise());
        closeGently(false);
    }

    /**
     * Ends the connection after what was written, without a reset that could overtake it.
     *
     * @param clientIsDone whether the client will surely send nothing more
     */
    private void closeGently(boolean clientIsDone) {
        lingering = true;
        dropInput();
        readDeadline.clear();
        channel.write(Unpooled.EMPTY_BUFFER).addListener((ChannelFutureListener) future -> {
            boolean done = !future.isSuccess() || clientIsDone || inputShut;
            if (!done && channel instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
                readDeadline.in(LINGER_NANOS);
            } else {
                channel.close();
            }
        });
        flushSoon();
    }

    /** Writes with the next flush, which comes within this turn of the loop. */
    ChannelFuture writeSoon(Object message) {
        ChannelFuture future = channel.write(message);
        flushSoon();
        return future;
    }

    /** Within a read, the read's end flushes; otherwise the tasks already queued may add to the flush first. */
    private void flushSoon() {
        flushWanted = true;
        if (!inRead && !flushScheduled) {
            flushScheduled = true;
            loop.execute(this::scheduledFlush);
        }
    }

    private void scheduledFlush() {
        flushScheduled = false;
        if (flushWanted) {
            flush();
        }
    }

    private void flush() {
        flushWanted = false;
        channel.flush();
        writeWatch.flushed();
    }

    // Deadlines and reading.

    private void setDeadline() {
        if (current != null) {
            headStarted = false;
            if (!answered || feed == null) {
                readDeadline.clear();
            } else if (!readDeadline.isSet()) {
                readDeadline.in(DRAIN_NANOS);
            }
        } else if (input == null) {
            headStarted = false;
            readDeadline.in(config.idleTimeout().toNanos());
        } else if (!headStarted) {
            headStarted = true;
            readDeadline.in(config.headTimeout().toNanos());
        }
    }

    private void readDeadlinePassed() {
        if (current == null && !lingering && headStarted) {
            refuse(
                    408,
                    "the request's head did not come within "
                            + config.headTimeout().toMillis() + " ms");
        } else {
            channel.close();
        }
    }

    private void setReading() {
        if (inputShut) {
            return;
        }
        boolean wanted = lingering || wantsBytes();
        if (wanted != reading) {
            reading = wanted;
            channel.config().setAutoRead(wanted);
        }
    }

    private boolean wantsBytes() {
        if (feed != null) {
            return feed.wantsBytes();
        }
        boolean waiting = current != null || !channel.isWritable();
        return !waiting || input == null || input.readableBytes() < AHEAD_BYTES;
    }

    /** The server stops: an idle connection ends now, another after its answer. */
    void stop() {
        closing = true;
        if (current == null && !lingering) {
            closeGently(true);
        }
    }

    /** The server has waited long enough. */
    void cut() {
        channel.close();
    }
}
