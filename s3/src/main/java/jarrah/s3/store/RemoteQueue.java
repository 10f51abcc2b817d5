package jarrah.s3.store;

import jarrah.s3.store.ReplicationState.Status;
import jarrah.s3.store.Replications.Task;
import jarrah.storage.Kv;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Versions that are to be replicated to buckets of other endpoints: a queue for each destination, so that one that cannot be
 * reached holds nobody up. A task is moved here from {@link Replications} once the destinations in this store are done; the
 * tasks for one version have its number in all queues, and the last of them to end settles the version's status.
 *
 * <pre>
 * remote task  1, what a task has, 1 if another destination failed, "" | "?" | id of the upload that was begun there
 * </pre>
 */
public final class RemoteQueue {
    /** An upload may have been begun whose id is not known yet. */
    private static final String UNKNOWN = "?";

    private final Backing backing;

    RemoteQueue(Backing backing) {
        this.backing = backing;
    }

    /**
     * A version that waits to be replicated elsewhere.
     *
     * @param destination name of the bucket there
     * @param failed whether another destination of the same task failed
     * @param upload how far a multipart upload to there is
     */
    public record RemoteTask(Task task, String destination, boolean failed, Begun upload) {}

    /** What is known of a multipart upload at the destination. */
    public sealed interface Begun {
        /** None was begun. */
        record Not() implements Begun {}

        /** One is about to be begun, or was and its id is lost. */
        record Unknown() implements Begun {}

        /** One was begun. */
        record Upload(String id) implements Begun {}
    }

    /**
     * Moves a task to the queues of destinations elsewhere.
     *
     * @param failed whether a destination in this store failed
     */
    public void forward(Task task, List<String> destinations, boolean failed) {
        backing.transact(tx -> {
            tx.delete(Keys.replication(task.number()));
            for (String destination : destinations) {
                put(tx, new RemoteTask(task, destination, failed, new Begun.Not()));
            }
            return true;
        });
    }

    private static void put(Kv.Tx tx, RemoteTask task) {
        byte[] record = Replications.write(new RecordWriter(1), task.task())
                .octet(task.failed() ? 1 : 0)
                .text(
                        switch (task.upload()) {
                            case Begun.Not() -> "";
                            case Begun.Unknown() -> UNKNOWN;
                            case Begun.Upload(String id) -> id;
                        })
                .toBytes();
        tx.put(key(task), record);
    }

    private static byte[] key(RemoteTask task) {
        return Keys.remote(task.destination(), task.task().number());
    }

    private static RemoteTask read(byte[] key, byte[] record) {
        var in = new RecordReader(record, 1);
        Task task = Replications.read(Keys.letterNumber(key), in);
        boolean failed = in.octet() == 1;
        String upload = in.text();
        Begun begun = switch (upload) {
            case "" -> new Begun.Not();
            case UNKNOWN -> new Begun.Unknown();
            default -> new Begun.Upload(upload);
        };
        return new RemoteTask(task, Keys.remoteDestination(key), failed, begun);
    }

    /** Destinations for which something waits, in order of their names. */
    public List<String> destinations() {
        var found = new ArrayList<String>();
        byte[] from = Keys.all('y');
        byte[] to = Keys.behind(from);
        while (true) {
            List<Kv.Entry> first = backing.scan(from, to, 1);
            if (first.isEmpty()) {
                return found;
            }
            String destination = Keys.remoteDestination(first.getFirst().key());
            found.add(destination);
            from = Keys.behind(Keys.remotes(destination));
        }
    }

    /**
     * Tasks for a destination, the oldest first.
     *
     * @param after only numbers above it; 0 for all
     * @param limit 1 to 1,000
     */
    public List<RemoteTask> list(String destination, long after, int limit) {
        byte[] from = Keys.remote(destination, after + 1);
        return backing.scan(from, Keys.behind(Keys.remotes(destination)), limit).stream()
                .map(entry -> read(entry.key(), entry.value()))
                .toList();
    }

    /** The task as it is now; empty if it has ended. */
    public Optional<RemoteTask> find(RemoteTask task) {
        byte[] record = backing.get(key(task));
        return record == null ? Optional.empty() : Optional.of(read(key(task), record));
    }

    /** A number that no task is above now, and that every task of a later version is above. */
    public long last() {
        return Sequence.last(backing.get(Keys.counter()));
    }

    /** Notes how far an upload is, so that a crash leaves none behind; gives the task as it is then. */
    public RemoteTask note(RemoteTask task, Begun upload) {
        return backing.transact(tx -> {
            byte[] record = tx.get(key(task));
            boolean failed =
                    record == null ? task.failed() : read(key(task), record).failed();
            var next = new RemoteTask(task.task(), task.destination(), failed, upload);
            put(tx, next);
            return next;
        });
    }

    /**
     * Ends a task.
     *
     * @param seen the version as it was replicated; if its tags, ACL or lock changed since, a later task is about it
     * @param succeeded whether the replica is there
     * @param remoteVersion what the destination calls it, if that is known
     */
    public void finish(RemoteTask task, StoredObject seen, boolean succeeded, Optional<String> remoteVersion) {
        long generation = backing.transact(tx -> {
            byte[] record = tx.get(key(task));
            boolean failed =
                    !succeeded || (record != null && read(key(task), record).failed());
            tx.delete(key(task));
            boolean last = true;
            for (String other :
                    seen.replication().map(ReplicationState::destinations).orElse(List.of())) {
                byte[] key = Keys.remote(other, task.task().number());
                byte[] waiting = other.equals(task.destination()) ? null : tx.get(key);
                if (waiting != null) {
                    last = false;
                    RemoteTask sibling = read(key, waiting);
                    if (failed && !sibling.failed()) {
                        put(tx, new RemoteTask(sibling.task(), other, true, sibling.upload()));
                    }
                }
            }
            return settle(tx, task, seen, last, failed, remoteVersion);
        });
        if (generation > 0) {
            backing.changes.raise(
                    Subjects.object(task.task().bucket(), task.task().key()), generation, true);
        }
    }

    private long settle(
            Kv.Tx tx, RemoteTask task, StoredObject seen, boolean last, boolean failed, Optional<String> remote) {
        byte[] record = tx.get(Keys.bucket(task.task().bucket()));
        Bucket bucket = record == null ? null : Records.bucket(task.task().bucket(), record);
        if (bucket == null || bucket.id() != task.task().bucketId()) {
            return 0;
        }
        var tree = new VersionTree(tx, bucket, task.task().key(), backing.now());
        StoredObject there = tree.find(task.task().version());
        if (there == null || there.replication().isEmpty()) {
            return 0;
        }
        ReplicationState state = there.replication().get();
        if (remote.isPresent()) {
            state = state.with(task.destination(), remote.get());
        }
        boolean same = there.tags().equals(seen.tags())
                && there.acl().equals(seen.acl())
                && there.lock().equals(seen.lock());
        if (last && same) {
            state = state.with(failed ? Status.FAILED : Status.COMPLETED);
        }
        if (state.equals(there.replication().get())) {
            return 0;
        }
        return tree.replace(there.toBuilder().replication(Optional.of(state)).build());
    }

    /** Forgets a task whose version is gone. */
    public void drop(RemoteTask task) {
        backing.transact(tx -> {
            tx.delete(key(task));
            return true;
        });
    }
}
