package jarrah.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A client that sends exactly the bytes that it is told to, and reads what comes back: for hostile input, pipelining and
 * anything that a well-mannered client library would not do. Owned by one thread.
 *
 * <p>Every read has a deadline; reaching it throws {@link java.io.UncheckedIOException}, as all I/O failures do.
 */
public final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final RawReader reader;

    private RawClient(Socket socket, Duration deadline) throws IOException {
        this.socket = socket;
        this.reader = new RawReader(socket, deadline);
    }

    /** Connects to a port of the loopback address. */
    public static RawClient connect(int port) {
        return connect(port, Deadlines.STEP);
    }

    /** Connects to a port of the loopback address, with a deadline for each read. */
    public static RawClient connect(int port, Duration deadline) {
        return connect(port, deadline, 0);
    }

    /** Connects with a receive buffer of about that many bytes, 0 for the system's choice: a small one stalls the server early. */
    public static RawClient connect(int port, Duration deadline, int receiveBufferBytes) {
        return connect(new Socket(), port, deadline, receiveBufferBytes);
    }

    /** Connects from that address of this machine, such as 127.0.0.2. */
    public static RawClient connectFrom(String address, int port, Duration deadline) {
        var socket = new Socket();
        try {
            socket.bind(new InetSocketAddress(address, 0));
            return connect(socket, port, deadline, 0);
        } catch (IOException e) {
            throw RawReader.unchecked(e);
        }
    }

    private static RawClient connect(Socket socket, int port, Duration deadline, int receiveBufferBytes) {
        try {
            if (receiveBufferBytes > 0) {
                socket.setReceiveBufferSize(receiveBufferBytes);
            }
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) deadline.toMillis());
            socket.setTcpNoDelay(true);
            return new RawClient(socket, deadline);
        } catch (IOException e) {
            throw RawReader.unchecked(e);
        }
    }

    /** Sends the text, one byte for each character (ISO 8859-1). */
    public RawClient send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawClient send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            return this;
        } catch (IOException e) {
            throw RawReader.unchecked(e);
        }
    }

    /** Sends a GET for that target with {@code Host: localhost} and further lines such as {@code "Range: bytes=0-1"}. */
    public RawClient get(String target, String... fieldLines) {
        return request("GET", target, fieldLines);
    }

    /** Sends a request without a body, with {@code Host: localhost} unless a line gives another. */
    public RawClient request(String method, String target, String... fieldLines) {
        var text = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
        boolean host = false;
        for (String line : fieldLines) {
            host |= line.regionMatches(true, 0, "host:", 0, 5);
            text.append(line).append("\r\n");
        }
        if (!host) {
            text.append("Host: localhost\r\n");
        }
        return send(text.append("\r\n").toString());
    }

    /** The next response, its body read whole; of any status, 1xx included. */
    public RawMessage read() {
        return read(false);
    }

    /** The next response to a HEAD: a head without a body. */
    public RawMessage readHead() {
        return read(true);
    }

    private RawMessage read(boolean headOnly) {
        try {
            RawMessage head = reader.head();
            if (head == null) {
                throw new EOFException("the server closed the connection without an answer");
            }
            int status = head.status();
            return headOnly || status < 200 || status == 204 || status == 304 ? head : reader.withBody(head, true);
        } catch (IOException e) {
            throw RawReader.unchecked(e);
        }
    }

    /** Exactly that many bytes of what comes next. */
    public byte[] readBytes(long count) {
        try {
            return reader.exactly(count);
        } catch (IOException e) {
            throw RawReader.unchecked(e);
        }
    }

    /** Everything up to the end of the connection. */
    public byte[] readToEnd() {
        try {
            return reader.toEnd();
        } catch (IOException e) {
            throw RawReader.unchecked(e);
        }
    }

    /** Waits for the server to close or reset the connection; false if it sent further bytes first. */
    public boolean closedByServer() {
        try {
            return reader.toEnd().length == 0;
        } catch (java.net.SocketTimeoutException e) {
            throw RawReader.unchecked(e);
        } catch (IOException e) {
            return true; // a reset is an end as well
        }
    }

    /** Ends the sending side; what the server sends can still be read. */
    public RawClient finishSending() {
        try {
            socket.shutdownOutput();
            return this;
        } catch (IOException e) {
            throw RawReader.unchecked(e);
        }
    }

    /** Cuts the connection with a reset, as a client does that crashed. */
    public void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw RawReader.unchecked(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw RawReader.unchecked(e);
        }
    }
}
