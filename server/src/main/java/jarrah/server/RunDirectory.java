package jarrah.server;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where sockets and locks of running things lie: short paths, since a socket's has at most 107 bytes. */
final class RunDirectory {
    private RunDirectory() {}

    /** {@code /run/jarrah} for root, the user's own run directory for others, and under /tmp where there is none. */
    static Path path() {
        if (Files.isWritable(Path.of("/run"))) {
            return Path.of("/run/jarrah");
        }
        String own = System.getenv("XDG_RUNTIME_DIR");
        return own != null && Files.isWritable(Path.of(own))
                ? Path.of(own, "jarrah")
                : Path.of("/tmp", "jarrah-" + System.getProperty("user.name"));
    }
}
