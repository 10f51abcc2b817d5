package jarrah.ec2.compute;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How compute is set up.
 *
 * @param region the region's name
 * @param zones names of the availability zones, at least one
 * @param images directory of unpacked images
 * @param volumes directory of volumes and snapshots
 * @param instances directory of machines, one in it for each
 * @param memoryMebibytes what instances may use together, MiB
 * @param peers other regions, for DescribeRegions and for guests
 */
public record ComputeSettings(
        String region,
        List<String> zones,
        Path images,
        Path volumes,
        Path instances,
        long memoryMebibytes,
        List<Peer> peers) {
    /** How long a guest may take to shut down before it is switched off. AWS gives minutes; so does a slow emulated one. */
    static final Duration STOP_PATIENCE = Duration.ofSeconds(90);
    /** The same for an instance that is terminated: nothing of it is kept. */
    static final Duration TERMINATE_PATIENCE = Duration.ofSeconds(15);
    /** How long a terminated instance can be described, as on AWS. */
    static final Duration TERMINATED_KEPT = Duration.ofHours(1);

    /** Another region: its name, and where its API is. */
    public record Peer(String region, String host, int port) {}
}
