package jarrah.ec2.compute;

import java.time.Instant;
import java.util.Optional;

/**
 * A snapshot: a sealed layer that volumes are made from.
 *
 * @param volumeId what it was taken of; {@code vol-ffffffff} for an imported one, as AWS has it
 * @param partitioned whether it begins with a partition table
 * @param state {@code pending}, {@code completed}, {@code error}
 */
public record Snapshot(
        String id,
        String accountId,
        String volumeId,
        int sizeGibibytes,
        boolean partitioned,
        String description,
        String state,
        Optional<String> failure,
        Instant started) {
    /** The volume of a snapshot that was not taken of one. */
    public static final String NO_VOLUME = "vol-ffffffff";
}
