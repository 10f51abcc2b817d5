package jarrah.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.PromiseNotifier;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stream of HTTP/2 seen as a connection of HTTP/1.1 with one request: frames that arrive become its text, and the text
 * that is answered becomes frames. So there is one reader of heads, as strict for both, and one set of limits and
 * deadlines. Owned by the event loop.
 *
 * <p>What HTTP/2 forbids (RFC 9113, 8.2 and 8.3) and could mean something else as text resets the stream.
 */
final class Http2Stream extends ChannelDuplexHandler {
    /** More than any answer's head has; they are our own. */
    private static final int MAX_HEAD_BYTES = 1 << 20;

    /** So that a slow client is seen to take something within a deadline. */
    private static final int PIECE_BYTES = 16 * 1024;

    private static final Set<String> OF_THE_CONNECTION =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

    private final long patienceNanos;
    private final Deadline stalled;

    // The request.
    private boolean head;
    private boolean chunked;
    private boolean requestEnded;

    // The answer.
    private final HeadScanner scanner = HeadScanner.head(MAX_HEAD_BYTES, MAX_HEAD_BYTES, MAX_HEAD_BYTES);
    private String method = "";
    private @Nullable ByteBuf answer;
    private @Nullable ResponseStart start;
    private @Nullable ChunkedDecoder chunks;
    private long left;
    private boolean answered;
    private @Nullable ChannelFuture lastWrite;
    private int pending;
    private long taken;
    private long takenBefore;

    /**
     * A stream that has just begun.
     *
     * @param patience the longest time in which the client takes nothing of an answer
     */
    Http2Stream(Channel channel, Duration patience) {
        patienceNanos = patience.toNanos();
        stalled = new Deadline(channel.eventLoop(), () -> look(channel));
    }

    // What arrives.

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
        switch (frame) {
            case Http2HeadersFrame headers -> fields(context, headers);
            case Http2DataFrame data -> data(context, data);
            default -> ReferenceCountUtil.release(frame);
        }
    }

    private void fields(ChannelHandlerContext context, Http2HeadersFrame frame) {
        try {
            requestEnded = frame.isEndStream();
            if (!head) {
                head = true;
                context.fireChannelRead(requestHead(frame.headers()));
            } else if (requestEnded) {
                end(context, frame.headers());
            } else {
                throw new Malformed();
            }
        } catch (IllegalArgumentException | Malformed e) {
            reset(context, Http2Error.PROTOCOL_ERROR);
        }
    }

    /** A field that HTTP/2 forbids. */
    private static final class Malformed extends Exception {}

    private ByteBuf requestHead(Http2Headers fields) throws Malformed {
        method = text(fields.method());
        String path = text(fields.path());
        if (fields.path() == null && method.equals("CONNECT")) {
            path = text(fields.authority());
        }
        if (!Grammar.isToken(method) || !isTarget(path)) {
            throw new Malformed();
        }
        var writer = new HeadWriter();
        writer.raw((method + " " + path + " HTTP/1.1\r\nConnection: close\r\n").getBytes(StandardCharsets.ISO_8859_1));
        String host = fields.authority() == null ? null : text(fields.authority());
        if (host != null) {
            writer.field("Host", host);
        }
        var cookies = new StringBuilder();
        boolean length = false;
        for (Map.Entry<CharSequence, CharSequence> field : fields) {
            String name = text(field.getKey());
            String value = text(field.getValue());
            if (name.startsWith(":")) {
                continue;
            }
            if (OF_THE_CONNECTION.contains(name) || (name.equals("te") && !value.equalsIgnoreCase("trailers"))) {
                throw new Malformed();
            }
            if (name.equals("cookie")) { // sent in pieces: RFC 9113, 8.2.3
                cookies.append(cookies.isEmpty() ? "" : "; ").append(value);
            } else if (name.equals("host") && host != null) {
                if (!value.equals(host)) { // RFC 9113, 8.3.1
                    throw new Malformed();
                }
            } else {
                length |= name.equals("content-length");
                writer.field(name, value);
            }
        }
        if (!cookies.isEmpty()) {
            writer.field("cookie", cookies.toString());
        }
        chunked = !requestEnded && !length;
        if (chunked) {
            writer.raw(ServerConnection.CHUNKED_LINE);
        }
        writer.raw(ServerConnection.LINE_END);
        return Unpooled.wrappedBuffer(writer.toArray());
    }

    private static String text(@Nullable CharSequence bytes) {
        return bytes == null ? "" : bytes.toString();
    }

    /** Whether nothing in it ends the request line or a part of it. */
    private static boolean isTarget(String path) {
        return !path.isEmpty() && path.chars().allMatch(c -> c > ' ' && c != 0x7f && c < 0x100);
    }

    private void data(ChannelHandlerContext context, Http2DataFrame frame) {
        requestEnded = frame.isEndStream();
        ByteBuf bytes = frame.content();
        if (bytes.isReadable()) {
            if (chunked) {
                String size = Integer.toHexString(bytes.readableBytes()) + "\r\n";
                context.fireChannelRead(Unpooled.copiedBuffer(size, StandardCharsets.US_ASCII));
                context.fireChannelRead(bytes);
                context.fireChannelRead(Unpooled.wrappedBuffer(ServerConnection.LINE_END));
            } else {
                context.fireChannelRead(bytes);
            }
        } else {
            bytes.release();
        }
        if (requestEnded) {
            try {
                end(context, new DefaultHttp2Headers());
            } catch (Malformed e) {
                throw new AssertionError("no fields are malformed", e);
            }
        }
    }

    private void end(ChannelHandlerContext context, Http2Headers trailers) throws Malformed {
        if (!chunked) {
            context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE); // to find out a body that is too short
            return;
        }
        var writer = new HeadWriter();
        writer.raw(new byte[] {'0', '\r', '\n'});
        for (Map.Entry<CharSequence, CharSequence> field : trailers) {
            String name = text(field.getKey());
            if (name.startsWith(":") || OF_THE_CONNECTION.contains(name)) {
                throw new Malformed();
            }
            writer.field(name, text(field.getValue()));
        }
        writer.raw(ServerConnection.LINE_END);
        context.fireChannelRead(Unpooled.wrappedBuffer(writer.toArray()));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof Http2Exception) {
            context.close(); // the client broke the protocol; the codec tells it
        } else {
            context.fireExceptionCaught(cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        stalled.stop();
        if (answer != null) {
            answer.release();
            answer = null;
        }
        context.fireChannelInactive();
    }

    // What is answered.

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        ByteBuf bytes = (ByteBuf) message;
        ChannelPromise done = promise.unvoid();
        ResponseStart begun = start;
        if (begun != null) {
            body(context, bytes, done);
            return;
        }
        answer = answer == null ? bytes : Unpooled.wrappedBuffer(answer, bytes);
        try {
            ByteBuf all = answer;
            int size = scanner.find(all);
            if (size < 0) {
                afterLastWrite(done);
                return;
            }
            byte[] text = new byte[size];
            all.readBytes(text);
            answer = null;
            head(context, ResponseStart.parse(text, 0, size), all, done);
        } catch (BadMessage e) {
            throw new IllegalStateException("an answer of our own cannot be read", e);
        }
    }

    private void head(ChannelHandlerContext context, ResponseStart response, ByteBuf rest, ChannelPromise done)
            throws BadMessage {
        Http2Headers fields = new DefaultHttp2Headers().status(AsciiString.of(Integer.toString(response.status())));
        response.headers().forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!OF_THE_CONNECTION.contains(lower)) {
                fields.add(new AsciiString(lower), new AsciiString(value));
            }
        });
        if (response.status() < 200) {
            rest.release();
            lastWrite = context.write(new DefaultHttp2HeadersFrame(fields), done);
            return;
        }
        start = response;
        left = response.bodyLength(method.equals("HEAD"));
        if (left == ResponseStart.UNTIL_CLOSE) {
            throw new IllegalStateException("an answer of our own has no end");
        }
        if (left == ResponseStart.CHUNKED) {
            chunks = new ChunkedDecoder(MAX_HEAD_BYTES, MAX_HEAD_BYTES);
        }
        answered = left == 0;
        if (answered || !rest.isReadable()) {
            rest.release();
            lastWrite = context.write(new DefaultHttp2HeadersFrame(fields, answered), done);
            return;
        }
        context.write(new DefaultHttp2HeadersFrame(fields));
        body(context, rest, done);
    }

    private void body(ChannelHandlerContext context, ByteBuf bytes, ChannelPromise done) {
        try {
            ByteBuf waiting = null;
            for (ByteBuf next = piece(bytes); next != null; next = piece(bytes)) {
                if (waiting != null) {
                    send(context, waiting, false, context.newPromise());
                }
                waiting = next;
            }
            boolean last = !answered && (chunks == null ? left == 0 : chunks.ended());
            if (waiting == null && !last) {
                afterLastWrite(done);
                return;
            }
            answered |= last;
            send(context, waiting == null ? Unpooled.EMPTY_BUFFER : waiting, last, done);
        } catch (BadMessage e) {
            throw new IllegalStateException("an answer of our own cannot be read", e);
        } finally {
            bytes.release();
        }
    }

    /** What has no bytes of its own is written when all before it is. */
    private void afterLastWrite(ChannelPromise done) {
        ChannelFuture before = lastWrite;
        if (before == null) {
            done.setSuccess();
        } else {
            PromiseNotifier.cascade(before, done);
        }
    }

    /** Cuts the next bytes of the body off; null if there are none. */
    private @Nullable ByteBuf piece(ByteBuf bytes) throws BadMessage {
        if (chunks != null) {
            return chunks.next(bytes);
        }
        int size = (int) Math.min(Math.min(left, PIECE_BYTES), bytes.readableBytes());
        if (size <= 0) {
            return null;
        }
        left -= size;
        return bytes.readRetainedSlice(size);
    }

    private void send(ChannelHandlerContext context, ByteBuf bytes, boolean last, ChannelPromise done) {
        pending++;
        done.addListener(_ -> {
            pending--;
            taken++;
        });
        lastWrite = context.write(new DefaultHttp2DataFrame(bytes, last), done);
        if (!stalled.isSet()) {
            takenBefore = taken;
            stalled.in(patienceNanos);
        }
    }

    /** A client that leaves its window closed is cut, as one that does not read from its socket. */
    private void look(Channel channel) {
        if (pending == 0) {
            return;
        }
        if (taken == takenBefore) {
            channel.close();
        } else {
            takenBefore = taken;
            stalled.in(patienceNanos);
        }
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        if (!answered) {
            reset(context, Http2Error.INTERNAL_ERROR); // cut short
        } else if (!requestEnded) {
            reset(context, Http2Error.NO_ERROR); // the rest is not needed: RFC 9113, 8.1
        }
        context.close(promise);
    }

    private static void reset(ChannelHandlerContext context, Http2Error error) {
        context.writeAndFlush(new DefaultHttp2ResetFrame(error));
    }
}
