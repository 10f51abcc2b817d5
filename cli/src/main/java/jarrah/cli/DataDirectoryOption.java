package jarrah.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which server is meant: the one with this data directory. A mix-in of the commands that need it. */
public final class DataDirectoryOption {
    /** The longest path of a unix socket, bytes without the closing NUL (unix(7)). */
    private static final int MAX_SOCKET_PATH = 107;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Data directory of the server (default: JARRAH_DATA, else ~/.jarrah).")
    private @Nullable Path data;

    /** The directory: the option, else {@code JARRAH_DATA}, else {@code ~/.jarrah}; absolute. */
    public Path directory() {
        Path chosen = data;
        if (chosen == null) {
            String variable = System.getenv("JARRAH_DATA");
            chosen = variable == null || variable.isEmpty()
                    ? Path.of(System.getProperty("user.home"), ".jarrah")
                    : Path.of(variable);
        }
        return chosen.toAbsolutePath().normalize();
    }

    /**
     * The admin socket of a data directory: {@code run/admin.sock} inside it, or a name in the temporary directory where
     * that path would be too long for a socket.
     *
     * @param directory absolute and normalised
     */
    public static Path adminSocket(Path directory) {
        Path inside = directory.resolve("run").resolve("admin.sock");
        if (inside.toString().getBytes(StandardCharsets.UTF_8).length <= MAX_SOCKET_PATH) {
            return inside;
        }
        return Path.of(System.getProperty("java.io.tmpdir"))
                .resolve("jarrah-" + Integer.toHexString(directory.hashCode()) + ".sock");
    }
}
