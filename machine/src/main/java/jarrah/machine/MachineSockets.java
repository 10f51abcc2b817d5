package jarrah.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A machine's unix sockets. They lie in a short run directory of the hypervisor and not in the machine's own: the kernel
 * takes 107 bytes of path, and data directories can be long.
 *
 * @param qmp for us; QEMU serves one client at a time
 * @param operator QMP for people and scripts beside us
 * @param console the serial line, both ways
 */
record MachineSockets(Path qmp, Path operator, Path console) {
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

    /** Removes what an earlier process left: QEMU does not remove them when it is killed, and does not bind over files. */
    void delete() throws IOException {
        for (Path socket : List.of(qmp, operator, console)) {
            Files.deleteIfExists(socket);
        }
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
