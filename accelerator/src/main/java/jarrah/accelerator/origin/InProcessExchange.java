package jarrah.accelerator.origin;

import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Headers;
import jarrah.http.RequestBody;
import jarrah.http.RequestHead;
import jarrah.http.ResponseBody;
import jarrah.http.ResponseHead;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * An exchange without a socket: what a handler answers goes straight to a receiver, on the handler's own thread, files
 * as files. Owned by that thread.
 */
final class InProcessExchange implements Exchange {
    private final RequestHead request;
    private final Origin.Receiver receiver;
    private final List<Consumer<Outcome>> listeners = new ArrayList<>();
    private final long startNanos = System.nanoTime();
    private int status;
    private long sent;
    private boolean open;
    private boolean aborted;

    InProcessExchange(RequestHead request, Origin.Receiver receiver) {
        this.request = request;
        this.receiver = receiver;
    }

    @Override
    public RequestHead request() {
        return request;
    }

    @Override
    public RequestBody body() {
        return new NoBody();
    }

    private ResponseBody begin(ResponseHead head, long length) throws IOException {
        if (status != 0) {
            throw new IllegalStateException("answered already");
        }
        status = head.status();
        return receiver.head(head.status(), head.headers(), length);
    }

    private boolean bodiless() {
        return request.method().equals("HEAD") || status == 204 || status == 304;
    }

    @Override
    public void send(ResponseHead head, Body body) {
        try {
            ResponseBody target = begin(head, body.length());
            if (!bodiless()) {
                write(body, target);
                sent = body.length();
            }
            target.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (body instanceof Body.FilePart part) {
                part.released().run();
            }
        }
    }

    private static void write(Body body, ResponseBody target) throws IOException {
        switch (body) {
            case Body.Bytes(var bytes) -> target.write(ByteBuffer.wrap(bytes));
            case Body.Shared(var bytes, var offset, var size) ->
                target.write(bytes.view().slice(offset, size));
            case Body.FilePart(var channel, var position, var length, var _) ->
                target.transfer(channel, position, length);
            case Body.LengthOnly _ -> throw new IllegalStateException("a length in place of a body");
        }
    }

    @Override
    public ResponseBody stream(ResponseHead head, long length) throws IOException {
        ResponseBody target = begin(head, length);
        open = true;
        return bodiless() ? new Counted(new DiscardedBody(), -1, target) : new Counted(target, length, target);
    }

    @Override
    public boolean committed() {
        return status != 0;
    }

    @Override
    public void abort() {
        aborted = true;
    }

    @Override
    public void onComplete(Consumer<Outcome> listener) {
        listeners.add(listener);
    }

    /** Whether an answer was given to its end. */
    boolean whole() {
        return status != 0 && !open && !aborted;
    }

    void ended() {
        var outcome =
                new Outcome(status, sent, System.nanoTime() - startNanos, whole() ? null : new IOException("cut"));
        listeners.forEach(listener -> listener.accept(outcome));
    }

    /** Counts what is written, and takes a body for whole only if it is as long as it was said to be. */
    private final class Counted implements ResponseBody {
        private final ResponseBody target;
        private final long length;
        private final ResponseBody closed;

        Counted(ResponseBody target, long length, ResponseBody closed) {
            this.target = target;
            this.length = length;
            this.closed = closed;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            int count = target.write(source);
            sent += count;
            return count;
        }

        @Override
        public void transfer(FileChannel file, long position, long count) throws IOException {
            target.transfer(file, position, count);
            sent += count;
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() throws IOException {
            if (open && (length < 0 || sent == length)) {
                open = false;
                closed.close();
            }
        }
    }

    /** The body of a request that has none. */
    private static final class NoBody implements RequestBody {
        @Override
        public long length() {
            return 0;
        }

        @Override
        public int read(ByteBuffer target) {
            return -1;
        }

        @Override
        public byte[] readAll(int limitBytes) {
            return new byte[0];
        }

        @Override
        public Headers trailers() {
            return Headers.of();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
