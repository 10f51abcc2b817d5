package jarrah.machine;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A machine's unix sockets. They lie in a short run directory of the hypervisor and not in the machine's own: the kernel
 * takes 107 bytes of path, and data directories can be long.
 *
 * @param qmp for us; QEMU serves one client at a time
 * @param operator QMP for people and scripts beside us
 * @param console the serial line, both ways
 */
record MachineSockets(Path qmp, Path operator, Path console) {
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{16}\\.[qoc]");

    /** {@code sun_path} of Linux has 108 bytes with its final zero. */
    static final int MAX_PATH_BYTES = 107;

    /**
     * Named by a hash of the machine's directory, so that the same machine finds the same names and two never share one.
     *
     * @throws IOException if the run directory's own path is too long
     */
    static MachineSockets in(Path runDirectory, Path machineDirectory) throws IOException {
        String name = hash(machineDirectory.toAbsolutePath().normalize().toString());
        Path run = runDirectory.toAbsolutePath().normalize();
        var sockets = new MachineSockets(run.resolve(name + ".q"), run.resolve(name + ".o"), run.resolve(name + ".c"));
        if (sockets.qmp.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
            throw new IOException("the run directory's path is too long for unix sockets: " + run);
        }
        return sockets;
    }

    /** What the machine is called in the run directory: 16 hexadecimal digits. */
    String name() {
        String file = qmp.getFileName().toString();
        return file.substring(0, file.indexOf('.'));
    }

    /** Removes what an earlier process left: QEMU does not remove them when it is killed, and does not bind over files. */
    void delete() throws IOException {
        for (Path socket : List.of(qmp, operator, console)) {
            Files.deleteIfExists(socket);
        }
    }

    /**
     * Removes the sockets in a run directory that nobody listens on and no process was started with: what QEMUs that were
     * killed left. Those of other servers that share the directory are told by the same two signs.
     */
    static void sweep(Path runDirectory) throws IOException {
        if (!Files.isDirectory(runDirectory)) {
            return;
        }
        try (var sockets = Files.newDirectoryStream(
                runDirectory,
                file -> NAME.matcher(file.getFileName().toString()).matches())) {
            for (Path socket : sockets) {
                // A QEMU that is starting has made its socket and does not listen yet: hence the second sign.
                if (refuses(socket) && !named(socket.getFileName().toString())) {
                    Files.deleteIfExists(socket);
                }
            }
        }
    }

    private static boolean refuses(Path socket) throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.configureBlocking(false);
            channel.connect(UnixDomainSocketAddress.of(socket));
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (SocketException e) {
            return false; // removed meanwhile, or too busy to answer
        }
    }

    private static boolean named(String socket) throws IOException {
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    if (Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                            .contains(socket)) {
                        return true;
                    }
                } catch (IOException e) {
                    // it ended meanwhile
                }
            }
        }
        return false;
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
