package jarrah.accelerator;

import jarrah.accelerator.store.CacheStore;
import jarrah.accelerator.store.Content;
import jarrah.accelerator.store.Draft;
import jarrah.accelerator.store.Entry;
import jarrah.http.Body;
import jarrah.http.ByteRange;
import jarrah.http.Exchange;
import jarrah.http.ResponseBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Sends answers: from the store at once, from the store with waiting, from a body that is arriving. */
final class Delivery {
    private static final ByteRange EMPTY_PLACE = new ByteRange(0, 0);

    private Delivery() {}

    /** Sends an answer from the store if that needs no waiting; false if it does, and then nothing was sent. */
    static boolean now(Exchange exchange, boolean headOnly, Answer answer, Content content) {
        Body body = body(headOnly, answer.payload(), content);
        if (body == null) {
            return false;
        }
        try {
            exchange.send(answer.head(), body);
        } finally {
            Content.letGo(body);
        }
        return true;
    }

    private static @Nullable Body body(boolean headOnly, Answer.Payload payload, Content content) {
        return switch (payload) {
            case Answer.Payload.Nothing _ -> Body.EMPTY;
            case Answer.Payload.Whole(var length) ->
                headOnly ? new Body.LengthOnly(length) : content.tryBody(0, length);
            case Answer.Payload.Part(var range) -> content.tryBody(range.first(), range.length());
            case Answer.Payload.Several _ -> null;
        };
    }

    /**
     * Sends an answer from the store; may wait for the disk.
     *
     * @return false if the body is gone, evicted or found damaged, and nothing was sent
     */
    static boolean stored(Exchange exchange, boolean headOnly, Answer answer, Entry entry, CacheStore store)
            throws IOException {
        Content content = entry.content();
        if (now(exchange, headOnly, answer, content)) {
            return true;
        }
        if (answer.payload() instanceof Answer.Payload.Several(var parts)) {
            return several(exchange, answer, parts, entry, store);
        }
        ByteRange range = answer.payload() instanceof Answer.Payload.Part(var part) ? part : whole(content.length());
        boolean ready;
        try {
            ready = store.prepare(entry, range.first(), range.length());
        } catch (IOException e) {
            return false;
        }
        if (ready) {
            return now(exchange, headOnly, answer, content);
        }
        stream(exchange, answer, range.length(), target -> content.copyTo(target, range.first(), range.length()));
        return true;
    }

    /** What fills a body. */
    interface Filler {
        void fill(ResponseBody target) throws IOException;
    }

    /** A body is closed once it is whole; one of unknown length would else be ended as if it were. */
    static void stream(Exchange exchange, Answer answer, long length, Filler filler) throws IOException {
        try {
            ResponseBody target = exchange.stream(answer.head(), length);
            filler.fill(target);
            target.close();
        } catch (IOException e) {
            exchange.abort();
            throw e;
        }
    }

    private static ByteRange whole(long length) {
        return length == 0 ? EMPTY_PLACE : new ByteRange(0, length - 1);
    }

    private static boolean several(Exchange exchange, Answer answer, Multipart parts, Entry entry, CacheStore store)
            throws IOException {
        try {
            for (ByteRange range : parts.ranges()) {
                store.prepare(entry, range.first(), range.length());
            }
        } catch (IOException e) {
            return false;
        }
        stream(exchange, answer, parts.length(), target -> {
            for (int i = 0; i < parts.ranges().size(); i++) {
                ByteRange range = parts.ranges().get(i);
                target.write(ByteBuffer.wrap(parts.partHead(i)));
                entry.content().copyTo(target, range.first(), range.length());
            }
            target.write(ByteBuffer.wrap(parts.end()));
        });
        return true;
    }

    /** Sends an answer whose body is arriving; waits for it, and for the client. */
    static void arriving(Exchange exchange, boolean headOnly, Answer answer, Draft.Reader reader) throws IOException {
        switch (answer.payload()) {
            case Answer.Payload.Nothing _ -> exchange.send(answer.head(), Body.EMPTY);
            case Answer.Payload.Several _ -> throw new IllegalStateException("parts of a body that is arriving");
            case Answer.Payload.Part(var range) ->
                stream(
                        exchange,
                        answer,
                        range.length(),
                        target -> reader.copyTo(target, range.first(), range.length()));
            case Answer.Payload.Whole(var length) -> {
                int status = answer.head().status();
                if (headOnly) {
                    exchange.send(answer.head(), new Body.LengthOnly(length));
                } else if (length == 0 || status == 204 || status == 304) {
                    exchange.send(answer.head(), Body.EMPTY);
                } else {
                    stream(exchange, answer, length, target -> reader.copyTo(target, 0, length));
                }
            }
        }
    }
}
