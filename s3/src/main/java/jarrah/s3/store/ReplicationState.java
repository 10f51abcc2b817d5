package jarrah.s3.store;

import java.util.List;

/**
 * How far the replication of a version is ("Getting replication status information").
 *
 * @param status as {@code x-amz-replication-status} tells it
 * @param destinations names of the buckets that it goes to; empty of a replica
 */
public record ReplicationState(Status status, List<String> destinations) {
    /** What a replica has. */
    static final ReplicationState REPLICA = new ReplicationState(Status.REPLICA, List.of());

    /** The names stand in records and on the wire. */
    public enum Status {
        PENDING,
        COMPLETED,
        FAILED,
        REPLICA
    }

    public ReplicationState {
        destinations = List.copyOf(destinations);
    }

    ReplicationState with(Status next) {
        return new ReplicationState(next, destinations);
    }
}
