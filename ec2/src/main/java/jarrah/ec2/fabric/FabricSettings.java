package jarrah.ec2.fabric;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a region's fabric is set up with.
 *
 * @param directory where the ledger and the key of the metadata service's tokens lie; its path is the fabric's identity,
 *     from which all names are derived, so that servers stand side by side on one host
 * @param runDirectory shared by all servers of the host; locks on public pools lie there
 * @param region the region's name
 * @param peers the other regions whose API guests may reach; at most 100
 * @param egress whether guests may reach the world outside through the host, which must forward
 * @param publicPool an IPv4 /24 for public addresses; empty to choose one of 198.18.0.0/15 and to stay with it
 */
public record FabricSettings(
        Path directory,
        Path runDirectory,
        String region,
        List<Peer> peers,
        boolean egress,
        Optional<String> publicPool) {
    private static final int MAX_PEERS = 100;

    public FabricSettings {
        directory = directory.toAbsolutePath().normalize();
        peers = List.copyOf(peers);
        if (peers.size() > MAX_PEERS) {
            throw new IllegalArgumentException("more than " + MAX_PEERS + " peers");
        }
    }

    /** Where another region's API listens, as seen from this host. */
    public record Peer(String region, String host, int port) {}
}
