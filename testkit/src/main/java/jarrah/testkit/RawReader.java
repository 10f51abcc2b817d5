package jarrah.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads HTTP/1 messages from a socket the plain way, each within a deadline; owned by one thread. */
final class RawReader {
    private final Socket socket;
    private final InputStream in;
    private final Duration deadline;
    private long endNanos;

    RawReader(Socket socket, Duration deadline) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
        this.deadline = deadline;
    }

    /** The head of the next message with an empty body; null if the connection ended before its first byte. */
    @Nullable
    RawMessage head() throws IOException {
        restart();
        String startLine = line();
        if (startLine == null) {
            return null;
        }
        return new RawMessage(startLine, fields(), new byte[0], List.of());
    }

    /** The message of that head, with the body that its fields announce, or else up to the end of the connection. */
    RawMessage withBody(RawMessage head, boolean untilEndIfUnannounced) throws IOException {
        var body = new ByteArrayOutputStream();
        List<RawMessage.Field> trailers = List.of();
        String coding = head.first("Transfer-Encoding");
        String length = head.first("Content-Length");
        if (coding != null && coding.equalsIgnoreCase("chunked")) {
            trailers = chunks(body);
        } else if (length != null) {
            exactly(Long.parseLong(length), body);
        } else if (untilEndIfUnannounced) {
            body.writeBytes(toEnd());
        }
        return new RawMessage(head.startLine(), head.fields(), body.toByteArray(), trailers);
    }

    private List<RawMessage.Field> chunks(ByteArrayOutputStream body) throws IOException {
        while (true) {
            String line = need(line());
            int end = line.indexOf(';');
            long size = Long.parseLong((end < 0 ? line : line.substring(0, end)).strip(), 16);
            if (size == 0) {
                return fields();
            }
            exactly(size, body);
            if (!need(line()).isEmpty()) {
                throw new IOException("no line end after a chunk");
            }
        }
    }

    private List<RawMessage.Field> fields() throws IOException {
        var fields = new ArrayList<RawMessage.Field>();
        for (String line = need(line()); !line.isEmpty(); line = need(line())) {
            int colon = line.indexOf(':');
            fields.add(new RawMessage.Field(
                    line.substring(0, Math.max(colon, 0)),
                    line.substring(colon + 1).strip()));
        }
        return List.copyOf(fields);
    }

    /** Reads exactly that many bytes. */
    byte[] exactly(long count) throws IOException {
        restart();
        var bytes = new ByteArrayOutputStream();
        exactly(count, bytes);
        return bytes.toByteArray();
    }

    private void exactly(long count, ByteArrayOutputStream into) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        for (long left = count; left > 0; ) {
            arm();
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new EOFException("the connection ended " + left + " bytes short of " + count);
            }
            into.write(buffer, 0, read);
            left -= read;
        }
    }

    /** All bytes up to the end of the connection. */
    byte[] toEnd() throws IOException {
        restart();
        var bytes = new ByteArrayOutputStream();
        byte[] buffer = new byte[64 * 1024];
        while (true) {
            arm();
            int read = in.read(buffer);
            if (read < 0) {
                return bytes.toByteArray();
            }
            bytes.write(buffer, 0, read);
        }
    }

    private @Nullable String line() throws IOException {
        var line = new ByteArrayOutputStream();
        while (true) {
            arm();
            int next = in.read();
            if (next < 0) {
                if (line.size() == 0) {
                    return null;
                }
                throw new EOFException("the connection ended within a line");
            }
            if (next == '\n') {
                String text = line.toString(StandardCharsets.ISO_8859_1);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            line.write(next);
        }
    }

    private static String need(@Nullable String line) throws IOException {
        if (line == null) {
            throw new EOFException("the connection ended within a message");
        }
        return line;
    }

    private void restart() {
        endNanos = System.nanoTime() + deadline.toNanos();
    }

    /** Gives the next read what is left of the deadline. */
    private void arm() throws IOException {
        try {
            if (in.available() > 0) {
                return;
            }
        } catch (IOException e) {
            return; // the read itself will say so
        }
        long leftMillis = (endNanos - System.nanoTime()) / 1_000_000;
        if (leftMillis <= 0) {
            throw new SocketTimeoutException("nothing came within " + deadline);
        }
        socket.setSoTimeout((int) Math.max(1, leftMillis));
    }

    static UncheckedIOException unchecked(IOException e) {
        return new UncheckedIOException(e);
    }
}
