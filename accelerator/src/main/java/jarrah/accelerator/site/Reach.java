package jarrah.accelerator.site;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How servers are reached.
 *
 * @param connect patience for a connection
 * @param firstByte patience from the end of a request to the first byte of the answer
 * @param betweenBytes the longest silence within an answer
 * @param ca certificates (PEM) to trust in place of the system's
 * @param probe how it is found out whether a server is in service; without, by what requests meet
 */
public record Reach(
        Duration connect, Duration firstByte, Duration betweenBytes, Optional<Path> ca, Optional<Probe> probe) {
    /** 5 s to connect, 60 s to the first byte, 30 s between bytes, the system's certificates, no probe. */
    public static final Reach DEFAULT = new Reach(
            Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(30), Optional.empty(), Optional.empty());

    /**
     * A GET at intervals: a server is out of service after two that fail, and in service again after two that do not.
     *
     * @param path what is asked for; an answer below 400 is a good one
     * @param every the time from one to the next
     * @param timeout for each
     */
    public record Probe(String path, Duration every, Duration timeout) {}
}
