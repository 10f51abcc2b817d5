package jarrah.s3.jobs;

import jarrah.aws.AwsException;
import jarrah.s3.remote.RemoteBuckets;
import jarrah.s3.settings.Replication;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings.Kind;
import jarrah.s3.store.Protection;
import jarrah.s3.store.ReplicationState.Status;
import jarrah.s3.store.Replications;
import jarrah.s3.store.Replications.Replica;
import jarrah.s3.store.Replications.Task;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies new versions, delete markers and changed tags, ACLs and locks to the buckets that a replication configuration names
 * ("Replicating objects within and across Regions"); those at other endpoints are {@link
 * RemoteReplicator}'s. What cannot be copied is {@code FAILED} at once; while the disk takes
 * no writes, everything waits and is tried again. What waits is in the store, so a start goes on where the last run ended.
 */
public final class Replicator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Replicator.class);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofMinutes(5);
    private static final int PAGE = 100;

    private final S3Store store;
    private final Replications replications;
    private final Clock clock;
    private final Gate gate;
    private final RemoteBuckets remotes;
    private final Repeating repeating = new Repeating("s3-replication", PAUSE, this::runOnce);
    private Instant notBefore = Instant.MIN;
    private Duration nextRetry = FIRST_RETRY;

    /** What replication asks of the rest of the house. */
    public interface Gate {
        /** Whether the destination takes copies made in the name of the configuration's role. */
        boolean allows(Bucket source, Bucket destination, String role, StoredObject version);

        /** How a copy is encrypted, unless a client's key seals the version: then the copy is what the version is. */
        Optional<Protection> protection(Bucket destination, StoredObject version, Replication.Rule rule);
    }

    /**
     * @param remotes which destinations lie elsewhere: what goes there is moved to queues of their own
     */
    public Replicator(S3Store store, Clock clock, Gate gate, RemoteBuckets remotes) {
        this.store = store;
        this.clock = clock;
        this.gate = gate;
        this.remotes = remotes;
        replications = store.replications();
    }

    /** Starts to replicate, on a virtual thread, until closed. */
    public Replicator start() {
        repeating.start();
        return this;
    }

    /** Carries out every task that waits, once. */
    public synchronized void runOnce() {
        if (clock.instant().isBefore(notBefore)) {
            return;
        }
        long after = 0;
        List<Task> page;
        do {
            page = replications.list(after, PAGE);
            for (Task task : page) {
                after = task.number();
                if (repeating.ends()) {
                    return;
                }
                try {
                    carryOut(task);
                } catch (S3Exception.Unavailable unavailable) {
                    notBefore = clock.instant().plus(nextRetry);
                    LOG.warn("Replication goes on in {} s: {}", nextRetry.toSeconds(), unavailable.getMessage());
                    Duration next = nextRetry.multipliedBy(2);
                    nextRetry = next.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : next;
                    return;
                }
            }
        } while (page.size() == PAGE);
        nextRetry = FIRST_RETRY;
    }

    private void carryOut(Task task) {
        StoredObject version = replications.source(task).orElse(null);
        if (version == null || version.replication().isEmpty()) {
            replications.drop(task);
            return;
        }
        boolean all = true;
        var elsewhere = new ArrayList<String>();
        String account = store.buckets().get(task.bucket()).accountId();
        for (String destination : version.replication().get().destinations()) {
            if (remotes.find(destination, account).isPresent()) {
                elsewhere.add(destination);
            } else {
                all &= replicate(task, version, destination);
            }
        }
        if (elsewhere.isEmpty()) {
            replications.finish(task, version, all ? Status.COMPLETED : Status.FAILED);
        } else {
            store.remoteQueue().forward(task, elsewhere, !all);
        }
    }

    private boolean replicate(Task task, StoredObject version, String destination) {
        String why;
        try {
            Optional<Replication> rules = store.settings().get(task.bucket(), Kind.REPLICATION, Replication::read);
            Replication.Rule rule =
                    rules.flatMap(all -> all.rule(version, destination)).orElse(null);
            if (rules.isEmpty() || rule == null) {
                why = "no rule names it any more";
            } else {
                Bucket source = store.buckets().get(task.bucket());
                Bucket to = store.buckets().get(destination);
                boolean known = rule.account().map(to.accountId()::equals).orElse(true);
                if (known && gate.allows(source, to, rules.get().role(), version)) {
                    replications.replicate(task.bucket(), version, replica(rule, to, version));
                    return true;
                }
                why = known ? "its policy does not allow it" : "it belongs to another account";
            }
        } catch (S3Exception.Unavailable waits) {
            throw waits;
        } catch (AwsException refused) {
            why = String.valueOf(refused.getMessage());
        }
        LOG.warn("{}/{} was not replicated to {}: {}", task.bucket(), task.key(), destination, why);
        return false;
    }

    private Replica replica(Replication.Rule rule, Bucket to, StoredObject version) {
        return new Replica(
                to.name(),
                rule.ownedByDestination() ? Optional.of(to.ownerId()) : Optional.empty(),
                rule.storageClass(),
                gate.protection(to, version, rule));
    }

    /** Ends after the task that it is at; the rest waits in the store. */
    @Override
    public void close() {
        repeating.close();
    }
}
