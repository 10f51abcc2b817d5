package jarrah.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a {@link ScriptedOrigin} answers: a status, fields, a body, and the places where it stops or breaks off. Immutable;
 * each method returns a changed copy.
 *
 * <p>{@code Content-Length} is written unless {@link #chunked}, {@link #untilClose} or a field of that name says
 * otherwise; nothing else is added, no {@code Date} either.
 */
public final class Reply {
    /** One thing to do with the connection. */
    sealed interface Step {
        record Send(byte[] bytes) implements Step {}

        record Hold(Gate gate) implements Step {}

        record Close(boolean reset) implements Step {}
    }

    private enum Framing {
        LENGTH,
        CHUNKED,
        UNTIL_CLOSE
    }

    /** Something that happens before a byte of the body. */
    private record Event(int bodyOffset, Step step) {}

    private final int status;
    private final List<RawMessage.Field> fields;
    private final byte[] body;
    private final Framing framing;
    private final List<Event> events;
    private final List<Step> raw;

    private Reply(
            int status,
            List<RawMessage.Field> fields,
            byte[] body,
            Framing framing,
            List<Event> events,
            List<Step> raw) {
        this.status = status;
        this.fields = fields;
        this.body = body;
        this.framing = framing;
        this.events = events;
        this.raw = raw;
    }

    /** An answer without a body so far. */
    public static Reply of(int status) {
        return new Reply(status, List.of(), new byte[0], Framing.LENGTH, List.of(), List.of());
    }

    /** A 200 with that text as its body. */
    public static Reply ok(String text) {
        return of(200).body(text);
    }

    /** Exactly these bytes, one for each character (ISO 8859-1); then the connection goes on as if they were a response. */
    public static Reply raw(String bytes) {
        return raw(new Step.Send(bytes.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Exactly these bytes; then the connection is closed. */
    public static Reply rawThenClose(String bytes) {
        return raw(new Step.Send(bytes.getBytes(StandardCharsets.ISO_8859_1)), new Step.Close(false));
    }

    /** No answer: the connection is closed. */
    public static Reply hangUp() {
        return raw(new Step.Close(false));
    }

    private static Reply raw(Step... steps) {
        return new Reply(0, List.of(), new byte[0], Framing.LENGTH, List.of(), List.of(steps));
    }

    public Reply header(String name, String value) {
        var more = new ArrayList<>(fields);
        more.add(new RawMessage.Field(name, value));
        return new Reply(status, List.copyOf(more), body, framing, events, raw);
    }

    /** The text in UTF-8. */
    public Reply body(String text) {
        return body(text.getBytes(StandardCharsets.UTF_8));
    }

    public Reply body(byte[] bytes) {
        return new Reply(status, fields, bytes, framing, events, raw);
    }

    /** Sends the body in chunks: one for each stretch between holds. */
    public Reply chunked() {
        return new Reply(status, fields, body, Framing.CHUNKED, events, raw);
    }

    /** Announces no length and closes the connection at the end of the body. */
    public Reply untilClose() {
        return new Reply(status, fields, body, Framing.UNTIL_CLOSE, events, raw);
    }

    /** Stops at the gate before that byte of the body, all before it having been sent. */
    public Reply holdBefore(int bodyOffset, Gate gate) {
        return event(bodyOffset, new Step.Hold(gate));
    }

    /** Stops at the gate before the first byte of the head. */
    public Reply holdHead(Gate gate) {
        return event(-1, new Step.Hold(gate));
    }

    /** Closes the connection before that byte of the body. */
    public Reply closeBefore(int bodyOffset) {
        return event(bodyOffset, new Step.Close(false));
    }

    /** Resets the connection before that byte of the body. */
    public Reply resetBefore(int bodyOffset) {
        return event(bodyOffset, new Step.Close(true));
    }

    /** Closes the connection after the whole answer, without saying so in the head. */
    public Reply thenClose() {
        return event(Integer.MAX_VALUE, new Step.Close(false));
    }

    private Reply event(int bodyOffset, Step step) {
        var more = new ArrayList<>(events);
        more.add(new Event(bodyOffset, step));
        more.sort((a, b) -> Integer.compare(a.bodyOffset(), b.bodyOffset()));
        return new Reply(status, fields, body, framing, List.copyOf(more), raw);
    }

    /** What to do, in order, in answer to a request of that method. */
    List<Step> steps(String method) {
        if (!raw.isEmpty()) {
            return raw;
        }
        var steps = new ArrayList<Step>();
        boolean bodiless = method.equals("HEAD") || status < 200 || status == 204 || status == 304;
        for (Event event : events) {
            if (event.bodyOffset() < 0) {
                steps.add(event.step());
            }
        }
        steps.add(new Step.Send(head().getBytes(StandardCharsets.ISO_8859_1)));
        if (!bodiless) {
            addBody(steps);
        }
        for (Event event : events) {
            if (event.bodyOffset() == Integer.MAX_VALUE) {
                steps.add(event.step());
            }
        }
        if (framing == Framing.UNTIL_CLOSE) {
            steps.add(new Step.Close(false));
        }
        return steps;
    }

    private void addBody(List<Step> steps) {
        int sent = 0;
        for (Event event : events) {
            if (event.bodyOffset() < 0 || event.bodyOffset() == Integer.MAX_VALUE) {
                continue;
            }
            int end = Math.min(event.bodyOffset(), body.length);
            addStretch(steps, sent, end);
            sent = end;
            steps.add(event.step());
        }
        addStretch(steps, sent, body.length);
        if (framing == Framing.CHUNKED) {
            steps.add(new Step.Send("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1)));
        }
    }

    private void addStretch(List<Step> steps, int from, int to) {
        if (to <= from) {
            return;
        }
        var bytes = new ByteArrayOutputStream();
        boolean chunk = framing == Framing.CHUNKED;
        if (chunk) {
            bytes.writeBytes((Integer.toHexString(to - from) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        }
        bytes.write(body, from, to - from);
        if (chunk) {
            bytes.writeBytes("\r\n".getBytes(StandardCharsets.ISO_8859_1));
        }
        steps.add(new Step.Send(bytes.toByteArray()));
    }

    private String head() {
        var head = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\n");
        boolean framed = status < 200 || status == 204 || status == 304;
        for (RawMessage.Field field : fields) {
            head.append(field.name()).append(": ").append(field.value()).append("\r\n");
            framed |= field.name().equalsIgnoreCase("Content-Length");
        }
        if (framing == Framing.CHUNKED) {
            head.append("Transfer-Encoding: chunked\r\n");
        } else if (framing == Framing.LENGTH && !framed) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        return head.append("\r\n").toString();
    }
}
