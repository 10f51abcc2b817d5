package jarrah.ec2.compute;

import jarrah.storage.Kv;
import java.time.Clock;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The tables that several parts of compute write in one transaction. */
final class Records {
    final Kv kv;
    final Clock clock;
    final Table<Instance> instances = new Table<>("instance", Instance.class);
    final Table<Image> images = new Table<>("image", Image.class);
    final Table<Volume> volumes = new Table<>("volume", Volume.class);
    final Table<Snapshot> snapshots = new Table<>("snapshot", Snapshot.class);
    final Table<SecurityGroup> groups = new Table<>("group", SecurityGroup.class);
    final Table<Launched> tokens = new Table<>("token", Launched.class);

    /** What a client token stands for. */
    record Launched(String accountId, String token, String reservationId, String parametersDigest, Instant at) {}

    Records(Kv kv, Clock clock) {
        this.kv = kv;
        this.clock = clock;
    }

    /** Changes an instance if it is there and in this state; null if it is not. */
    @Nullable
    Instance change(String accountId, String id, Instance.@Nullable State expected, UnaryOperator<Instance> change) {
        return kv.transact(tx -> {
            Instance there = instances.get(tx, accountId, id);
            if (there == null || (expected != null && there.state() != expected)) {
                return null;
            }
            Instance changed = change.apply(there);
            instances.put(tx, changed, accountId, id);
            return changed;
        });
    }

    /** Whether an instance that is not terminated is in a group. */
    boolean inGroup(Kv.Tx tx, String groupId) {
        return instances.all(tx).stream()
                .filter(instance -> instance.state() != Instance.State.TERMINATED)
                .anyMatch(instance -> instance.network().groupIds().contains(groupId));
    }
}
