package jarrah.s3.store;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far the replication of a version is ("Getting replication status information").
 *
 * @param status as {@code x-amz-replication-status} tells it
 * @param destinations names of the buckets that it goes to; empty of a replica
 * @param remotes by the name of a destination at another endpoint, the version id that the replica has there; the id is
 *     {@code null}, in letters, where that bucket keeps no versions
 */
public record ReplicationState(Status status, List<String> destinations, Map<String, String> remotes) {
    /** What a replica has. */
    static final ReplicationState REPLICA = new ReplicationState(Status.REPLICA, List.of(), Map.of());

    /** The names stand in records and on the wire. */
    public enum Status {
        PENDING,
        COMPLETED,
        FAILED,
        REPLICA
    }

    public ReplicationState {
        destinations = List.copyOf(destinations);
        remotes = Map.copyOf(remotes);
    }

    ReplicationState with(Status next) {
        return new ReplicationState(next, destinations, remotes);
    }

    /** The same, with what a destination at another endpoint calls the replica. */
    ReplicationState with(String destination, String remoteVersion) {
        var next = new TreeMap<>(remotes);
        next.put(destination, remoteVersion);
        return new ReplicationState(status, destinations, next);
    }
}
