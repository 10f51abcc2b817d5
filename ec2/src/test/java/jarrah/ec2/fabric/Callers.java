package jarrah.ec2.fabric;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Connections that tests try out. */
final class Callers {
    /** A connection that is refused or dropped is given up after this; one that is allowed takes about a millisecond. */
    private static final int PATIENCE_MILLIS = 1500;

    private Callers() {}

    /** What a TCP server says to the host; empty if there is no connection. */
    static String ask(String address, int port) {
        return ask(new Socket(), address, port);
    }

    static String ask(Socket socket, String address, int port) {
        try (socket) {
            socket.connect(new InetSocketAddress(address, port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    /** Whether the other end of a connection says a letter again. */
    static boolean echoed(Socket socket, char letter) {
        try {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(letter);
            return socket.getInputStream().read() == letter;
        } catch (IOException e) {
            return false;
        }
    }
}
