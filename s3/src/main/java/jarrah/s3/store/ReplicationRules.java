package jarrah.s3.store;

import java.util.List;

/** What a bucket's replication configuration says of a version. Thread-safe. */
@FunctionalInterface
public interface ReplicationRules {
    /** Nothing is replicated. */
    ReplicationRules NONE = _ -> List.of();

    /** Names of the buckets that a new version or delete marker is to be replicated to, none twice. */
    List<String> destinations(StoredObject version);
}
