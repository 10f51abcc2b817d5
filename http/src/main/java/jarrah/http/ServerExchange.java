package jarrah.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One exchange of a connection. The answer is given by one thread: the event loop, or the virtual thread that
 * {@link #run} is on.
 */
final class ServerExchange implements Exchange, Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ServerExchange.class);

    /** Up to here a body is copied behind its head: cheaper than a second buffer in the system call. */
    private static final int COPIED_BYTES = 4 * 1024;

    private final ServerConnection connection;
    private final ParsedRequest parsed;
    private final RequestHead head;
    private final long startNanos = System.nanoTime();
    private final @Nullable InboundBody inbound;

    private volatile boolean committed;
    private boolean committedOnLoop;
    private volatile boolean closeAfter;
    private volatile boolean aborted;
    private int status;
    private volatile @Nullable ResponseStream stream;

    private @Nullable Consumer<Outcome> listener;
    private @Nullable Outcome outcome;

    ServerExchange(ServerConnection connection, ParsedRequest parsed, @Nullable InboundBody inbound) {
        this.connection = connection;
        this.parsed = parsed;
        this.inbound = inbound;
        this.head = new RequestHead(
                parsed.method(),
                parsed.target(),
                parsed.headers(),
                connection.remote(),
                connection.local(),
                connection.isSecure(),
                connection.protocol(parsed));
        this.closeAfter = !parsed.keepAlive();
    }

    @Override
    public RequestHead request() {
        return head;
    }

    @Override
    public RequestBody body() {
        return inbound != null ? inbound : NoBody.INSTANCE;
    }

    /** The body on its way; null for a request without one. */
    @Nullable
    InboundBody inbound() {
        return inbound;
    }

    @Override
    public boolean committed() {
        return committed;
    }

    /** Whether the connection ends with this exchange. */
    boolean closeAfter() {
        return closeAfter;
    }

    void closeAfterwards() {
        closeAfter = true;
    }

    /** Whether the client itself asked for the connection to end, so that it sends nothing more. */
    boolean clientCloses() {
        return !parsed.keepAlive();
    }

    boolean http10() {
        return parsed.http10();
    }

    // Before the answer.

    @Override
    public synchronized void interim(int code, Headers headers) {
        if (committed || parsed.http10() || code <= 101 || code > 199) {
            return;
        }
        var writer = new HeadWriter();
        writer.statusLine(code);
        for (int i = 0; i < headers.size(); i++) {
            writer.field(headers.name(i), headers.value(i));
        }
        writer.raw(ServerConnection.LINE_END);
        connection.sendInterim(this, writer.toArray());
    }

    /** From now on the answer goes out; an interim response that was handed to the loop before goes out before it. */
    private synchronized void commit() {
        committed = true;
        committedOnLoop = connection.inLoop();
    }

    /** Whether the answer went out at once, so that what was handed to the loop before comes too late. */
    boolean committedOnLoop() {
        return committedOnLoop;
    }

    // The answer as a whole.

    @Override
    public void send(ResponseHead response, Body body) {
        boolean taken = false;
        try {
            if (committed) {
                throw new IllegalStateException("the exchange has its answer already");
            }
            boolean bodiless = isBodiless(response.status());
            if (body instanceof Body.LengthOnly && !bodiless) {
                throw new IllegalArgumentException("a length alone answers a HEAD only");
            }
            boolean onLoop = connection.inLoop();
            HeadWriter writer = onLoop ? connection.writer() : new HeadWriter();
            writeHead(writer, response, body.length(), false);
            commit();
            status = response.status();
            taken = true;
            if (onLoop) {
                sendOnLoop(writer, body, bodiless);
            } else {
                sendFromOutside(writer, body, bodiless);
            }
        } finally {
            if (!taken) {
                release(body);
            }
        }
    }

    private static void release(Body body) {
        if (body instanceof Body.FilePart part) {
            part.released().run();
        }
    }

    private void sendOnLoop(HeadWriter writer, Body body, boolean bodiless) {
        int size = bodiless ? 0 : (int) Math.min(body.length(), COPIED_BYTES + 1);
        boolean copied = size <= COPIED_BYTES && !(body instanceof Body.FilePart && size > 0);
        ByteBuf first = connection.allocate(writer.length() + (copied ? size : 0));
        first.writeBytes(writer.array(), 0, writer.length());
        if (copied && size > 0) {
            switch (body) {
                case Body.Bytes(var bytes) -> first.writeBytes(bytes);
                case Body.Shared(var shared, var offset, var length) -> shared.copyTo(first, offset, length);
                case Body.FilePart _, Body.LengthOnly _ -> throw new AssertionError("not copied");
            }
        }
        if (copied) {
            release(body);
            connection.answer(this, first, size);
        } else {
            answerBig(first, body);
        }
    }

    private void answerBig(ByteBuf first, Body body) {
        switch (body) {
            case Body.Shared(var shared, var offset, var length) ->
                connection.answer(this, first, shared.retainedSlice(offset, length));
            case Body.Bytes(var bytes) -> connection.answer(this, first, new BodySlices.OfArray(bytes));
            case Body.FilePart part -> connection.answer(this, first, new BodySlices.OfFile(part));
            case Body.LengthOnly _ -> throw new AssertionError("has no bytes");
        }
    }

    /** Copies what is small on this thread, and takes the references that the loop will drop. */
    private void sendFromOutside(HeadWriter writer, Body body, boolean bodiless) {
        long size = bodiless ? 0 : body.length();
        boolean copied = size <= COPIED_BYTES && !(body instanceof Body.FilePart && size > 0);
        if (copied && size > 0) {
            switch (body) {
                case Body.Bytes(var bytes) -> writer.raw(bytes);
                case Body.Shared(var shared, var offset, var length) -> {
                    byte[] bytes = new byte[length];
                    shared.copyTo(bytes, 0, offset, length);
                    writer.raw(bytes);
                }
                case Body.FilePart _, Body.LengthOnly _ -> throw new AssertionError("not copied");
            }
        }
        boolean retained = !copied && body instanceof Body.Shared(var shared, var _, var _) && shared.tryRetain();
        boolean accepted = connection.execute(() -> {
            ByteBuf first = connection.allocate(writer.length());
            first.writeBytes(writer.array(), 0, writer.length());
            if (copied) {
                release(body);
                connection.answer(this, first, size);
            } else {
                answerBig(first, body);
                if (retained && body instanceof Body.Shared(var shared, var _, var _)) {
                    shared.release();
                }
            }
        });
        if (!accepted) { // the server has stopped
            release(body);
            if (retained && body instanceof Body.Shared(var shared, var _, var _)) {
                shared.release();
            }
            complete(0, new ClosedChannelException());
        }
    }

    // The answer as a stream.

    @Override
    public ResponseBody stream(ResponseHead response, long length) throws IOException {
        if (committed) {
            throw new IllegalStateException("the exchange has its answer already");
        }
        boolean bodiless = isBodiless(response.status());
        boolean chunked = length < 0 && !parsed.http10() && !bodiless;
        if (length < 0 && !chunked && !bodiless) {
            closeAfter = true; // the end of the connection is the end of the body
        }
        var writer = new HeadWriter();
        writeHead(writer, response, length, chunked);
        commit();
        status = response.status();
        var body = new ResponseStream(connection, this, length, chunked, bodiless);
        stream = body;
        body.start(writer.toArray());
        return body;
    }

    private boolean isBodiless(int code) {
        if (code < 200 || code > 599) {
            throw new IllegalArgumentException("not a final status: " + code);
        }
        return code == 204 || code == 304 || parsed.method().equals("HEAD");
    }

    /** Writes the head with the fields that are the engine's. */
    private void writeHead(HeadWriter writer, ResponseHead response, long length, boolean chunked) {
        writer.reset();
        writer.statusLine(response.status());
        boolean date = false;
        boolean server = false;
        Headers headers = response.headers();
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i);
            switch (name.length()) {
                case 4 -> date |= name.equalsIgnoreCase("Date");
                case 6 -> server |= name.equalsIgnoreCase("Server");
                case 10 -> {
                    if (name.equalsIgnoreCase("Connection")) {
                        closeAfter |= Grammar.listHolds(headers.value(i), "close");
                        continue;
                    }
                }
                case 14 -> {
                    if (name.equalsIgnoreCase("Content-Length")) {
                        continue;
                    }
                }
                case 17 -> {
                    if (name.equalsIgnoreCase("Transfer-Encoding")) {
                        continue;
                    }
                }
                default -> {}
            }
            writer.field(name, headers.value(i));
        }
        if (!date) {
            writer.raw(HttpDate.nowLine());
        }
        if (!server) {
            writer.raw(connection.serverLine());
        }
        writeFraming(writer, response.status(), length, chunked);
    }

    private void writeFraming(HeadWriter writer, int code, long length, boolean chunked) {
        if (chunked) {
            writer.raw(ServerConnection.CHUNKED_LINE);
        } else if (length >= 0 && code != 204 && code != 304) {
            writer.raw(ServerConnection.LENGTH_NAME);
            writer.number(length);
            writer.raw(ServerConnection.LINE_END);
        }
        closeAfter |= connection.closing() || (inbound != null && !inbound.willEndUnasked());
        if (closeAfter) {
            writer.raw(ServerConnection.CLOSE_LINE);
        } else if (parsed.http10()) {
            writer.raw(ServerConnection.KEEP_ALIVE_LINE);
        }
        writer.raw(ServerConnection.LINE_END);
    }

    // The handler's thread.

    /** Runs the handler on this virtual thread, and makes sure that the exchange ends. */
    @Override
    public void run() {
        try {
            connection.handler().handle(this);
            returned();
        } catch (Throwable e) {
            failed(e);
        } finally {
            if (inbound != null) {
                inbound.discard(); // what was not read goes back to the pool, whatever became of the connection
            }
        }
    }

    private void returned() {
        if (aborted) {
            return;
        }
        if (!committed) {
            LOG.error("the handler left {} {} unanswered", head.method(), head.target());
            refuse(500, "the request was not answered");
            return;
        }
        ResponseStream body = stream;
        if (body != null) {
            body.handlerReturned();
        }
    }

    /** Answers for a handler that threw. */
    void failed(Throwable cause) {
        if (aborted) {
            LOG.debug("the handler failed after it cut {} {}", head.method(), head.target(), cause);
            return;
        }
        if (committed) {
            ResponseStream body = stream;
            if (body != null && !body.complete()) {
                body.fail();
            }
            LOG.warn("the handler failed after it answered {} {}", head.method(), head.target(), cause);
            return;
        }
        switch (cause) {
            case RequestBody.BodyTooLarge e -> refuse(413, String.valueOf(e.getMessage()));
            case RequestBody.BodyTimeout e -> refuse(408, String.valueOf(e.getMessage()));
            case RequestBody.BodyMalformed e -> refuse(400, String.valueOf(e.getMessage()));
            case RequestBody.BodyTruncated _ -> abort();
            default -> {
                LOG.error("the handler failed at {} {}", head.method(), head.target(), cause);
                refuse(500, "something went wrong here");
            }
        }
    }

    private void refuse(int code, String message) {
        closeAfter = true;
        send(ResponseHead.of(code, "Content-Type", "text/plain; charset=utf-8"), Body.of(message + "\n"));
    }

    @Override
    public void hopLimit(int hops) {
        connection.hopLimit(hops);
    }

    @Override
    public void abort() {
        aborted = true;
        connection.execute(() -> connection.abort(this));
    }

    // How it ended.

    @Override
    public void onComplete(Consumer<Outcome> consumer) {
        Outcome reached;
        synchronized (this) {
            reached = outcome;
            if (reached == null) {
                listener = listener == null ? consumer : listener.andThen(consumer);
            }
        }
        if (reached != null) {
            consumer.accept(reached);
        }
    }

    synchronized boolean hasListener() {
        return listener != null;
    }

    /** Notes the end; only the first call counts. */
    void complete(long bytesSent, @Nullable Throwable failure) {
        Consumer<Outcome> told;
        Outcome reached;
        synchronized (this) {
            if (outcome != null) {
                return;
            }
            reached = new Outcome(committed ? status : 0, bytesSent, System.nanoTime() - startNanos, failure);
            outcome = reached;
            told = listener;
        }
        if (told != null) {
            try {
                told.accept(reached);
            } catch (RuntimeException e) {
                LOG.error("a listener failed at the end of {} {}", head.method(), head.target(), e);
            }
        }
    }

    /** The connection ended before the answer did. */
    void connectionLost() {
        ResponseStream body = stream;
        complete(body == null ? 0 : body.sentBytes(), new ClosedChannelException());
    }

    void complete(long bytesSent, Future<?> sent) {
        complete(sent.isSuccess() ? bytesSent : 0, sent.isSuccess() ? null : sent.cause());
    }
}
