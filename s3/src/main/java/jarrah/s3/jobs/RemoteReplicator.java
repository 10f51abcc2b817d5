package jarrah.s3.jobs;

import jarrah.aws.AwsException;
import jarrah.s3.remote.RemoteBucket;
import jarrah.s3.remote.RemoteBuckets;
import jarrah.s3.remote.RemoteCopies;
import jarrah.s3.remote.RemoteException;
import jarrah.s3.settings.Replication;
import jarrah.s3.store.BucketSettings.Kind;
import jarrah.s3.store.RemoteQueue;
import jarrah.s3.store.RemoteQueue.RemoteTask;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies versions to buckets of other endpoints, each destination at its own pace: several keys at a time, the versions of a
 * key in their order. What an endpoint refuses is {@code FAILED}; while it does not answer, or cannot now, everything for it
 * waits and is tried again, after a second at first and after five minutes at last.
 */
public final class RemoteReplicator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteReplicator.class);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofMinutes(5);
    private static final int PAGE = 100;
    /** Keys of a destination that are copied at the same time: each holds a connection and a mebibyte. */
    private static final int LANES = 8;
    /** So many tasks may wait for another time before a run ends, if none went well between. */
    private static final int MAX_FAILURES = 16;

    private final S3Store store;
    private final RemoteQueue queue;
    private final RemoteBuckets remotes;
    private final RemoteCopies copies;
    private final Clock clock;
    private final Repeating repeating = new Repeating("s3-remote-replication", PAUSE, this::dispatch);
    private final Map<String, Pace> paces = new ConcurrentHashMap<>();
    /** Tasks that an earlier attempt, of this process or of one before, may have got far with; destination and number. */
    private final Set<String> attempted = ConcurrentHashMap.newKeySet();

    private final long lastBeforeStart;
    private volatile boolean ends;

    /** How it goes with a destination; the times are the running thread's, of which there is one at a time. */
    private static final class Pace {
        private volatile Instant notBefore = Instant.MIN;
        private Duration nextRetry = FIRST_RETRY;
        private @Nullable Thread running;
    }

    /** A walk through the queue of a destination, by several threads. */
    private static final class Walk {
        private final Set<String> held = ConcurrentHashMap.newKeySet();
        private final AtomicInteger inARow = new AtomicInteger();
        private final AtomicBoolean some = new AtomicBoolean();
        private volatile boolean stopped;
        private volatile String why = "";

        void wentWell() {
            inARow.set(0);
            some.set(true);
        }

        /** The key's later versions wait too; after too many of them everything does. */
        void waits(String key, String reason, boolean all) {
            held.add(key);
            why = reason;
            if (all || inARow.incrementAndGet() >= MAX_FAILURES) {
                stopped = true;
            }
        }
    }

    /**
     * @param remotes closed with this
     */
    public RemoteReplicator(S3Store store, RemoteBuckets remotes, RemoteCopies copies, Clock clock) {
        this.store = store;
        this.remotes = remotes;
        this.clock = clock;
        this.copies = copies;
        queue = store.remoteQueue();
        lastBeforeStart = queue.last();
    }

    /** Starts to replicate, on virtual threads, until closed. */
    public RemoteReplicator start() {
        repeating.start();
        return this;
    }

    /** Carries out what waits and is due, once; returns when no thread runs any more. */
    void runOnce() throws InterruptedException {
        for (Thread each : dispatch()) {
            each.join();
        }
    }

    /** Starts a thread for each destination that something waits for, that is due and that has none. */
    private synchronized List<Thread> dispatch() {
        var started = new ArrayList<Thread>();
        for (String destination : queue.destinations()) {
            Pace pace = paces.computeIfAbsent(destination, _ -> new Pace());
            boolean runs = pace.running != null && pace.running.isAlive();
            if (!ends && !runs && !clock.instant().isBefore(pace.notBefore)) {
                Thread thread = Thread.ofVirtual()
                        .name("s3-remote-replication-" + destination)
                        .start(() -> run(destination, pace));
                pace.running = thread;
                started.add(thread);
            }
        }
        return started;
    }

    private void run(String destination, Pace pace) {
        var walk = new Walk();
        try {
            walk(destination, walk);
        } catch (RuntimeException failed) {
            LOG.error("Replication to {}", destination, failed);
            walk.waits("", String.valueOf(failed.getMessage()), true);
        }
        if (walk.held.isEmpty()) {
            pace.nextRetry = FIRST_RETRY;
        } else if (!ends) {
            Duration retry = walk.some.get() ? FIRST_RETRY : pace.nextRetry;
            Duration next = retry.multipliedBy(2);
            pace.nextRetry = next.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : next;
            pace.notBefore = clock.instant().plus(retry);
            LOG.warn("Replication to {} goes on in {} s: {}", destination, retry.toSeconds(), walk.why);
        }
    }

    private void walk(String destination, Walk walk) {
        long after = 0;
        List<RemoteTask> page;
        do {
            page = queue.list(destination, after, PAGE);
            var byKey = new LinkedHashMap<String, List<RemoteTask>>();
            for (RemoteTask task : page) {
                after = task.task().number();
                byKey.computeIfAbsent(key(task), _ -> new ArrayList<>()).add(task);
            }
            var lanes = new Semaphore(LANES);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                byKey.values().forEach(tasks -> threads.execute(() -> lane(lanes, tasks, walk)));
            }
        } while (page.size() == PAGE && !walk.stopped && !ends);
    }

    private static String key(RemoteTask task) {
        return task.task().bucketId() + "/" + task.task().key();
    }

    /** The versions of one key, in their order. */
    private void lane(Semaphore lanes, List<RemoteTask> tasks, Walk walk) {
        lanes.acquireUninterruptibly();
        try {
            for (RemoteTask task : tasks) {
                if (ends || walk.stopped || walk.held.contains(key(task))) {
                    return;
                }
                carryOut(task, walk);
            }
        } finally {
            lanes.release();
        }
    }

    private void carryOut(RemoteTask task, Walk walk) {
        String name = task.destination() + "/" + task.task().number();
        boolean doubtful = task.task().number() <= lastBeforeStart || !attempted.add(name);
        try {
            carryOut(task, doubtful);
            attempted.remove(name);
            walk.wentWell();
        } catch (RemoteException later) {
            boolean all = later.kind() == RemoteException.Kind.UNREACHABLE;
            walk.waits(key(task), String.valueOf(later.getMessage()), all);
        } catch (S3Exception.Unavailable unavailable) {
            walk.waits(key(task), unavailable.text(), true);
        } catch (RuntimeException failed) {
            LOG.error("{}/{} to {}", task.task().bucket(), task.task().key(), task.destination(), failed);
            walk.waits(key(task), String.valueOf(failed.getMessage()), false);
        }
    }

    /** @throws RemoteException if it is to be tried again */
    private void carryOut(RemoteTask task, boolean doubtful) throws RemoteException {
        StoredObject version = store.replications().source(task.task()).orElse(null);
        if (version == null || version.replication().isEmpty()) {
            // Its bucket may be gone, too: what was begun is given up in the name of nobody's account.
            for (RemoteBucket to : remotes.named(task.destination())) {
                abandon(to, task);
            }
            queue.drop(task);
            return;
        }
        Optional<RemoteBucket> to = Optional.empty();
        String why;
        try {
            var source = store.buckets().get(task.task().bucket());
            Optional<Replication.Rule> rule = store.settings()
                    .get(task.task().bucket(), Kind.REPLICATION, Replication::read)
                    .flatMap(all -> all.rule(version, task.destination()));
            to = remotes.find(task.destination(), source.accountId());
            if (rule.isPresent() && to.isPresent()) {
                RemoteBucket owned = to.get().ownedBy(rule.get().account());
                queue.finish(task, version, true, copies.replicate(owned, task, version, rule.get(), doubtful));
                return;
            }
            why = rule.isEmpty() ? "no rule names it any more" : "no endpoint is named for it any more";
        } catch (RemoteException failed) {
            if (failed.kind() != RemoteException.Kind.REFUSED) {
                throw failed;
            }
            why = String.valueOf(failed.getMessage());
        } catch (S3Exception.Unavailable waits) {
            throw waits;
        } catch (AwsException refused) {
            why = refused.text();
        }
        if (to.isPresent()) {
            abandon(to.get(), task);
        }
        LOG.warn(
                "{}/{} was not replicated to {}: {}",
                task.task().bucket(),
                task.task().key(),
                to.map(RemoteBucket::toString).orElse(task.destination()),
                why);
        queue.finish(task, version, false, Optional.empty());
    }

    private void abandon(RemoteBucket to, RemoteTask task) throws RemoteException {
        try {
            copies.abandon(to, queue.find(task).orElse(task));
        } catch (RemoteException failed) {
            if (failed.kind() != RemoteException.Kind.REFUSED) {
                throw failed;
            }
            LOG.warn("An upload of {} to {} is left there: {}", task.task().key(), to, failed.getMessage());
        }
    }

    /** Breaks off the requests that run; what they were for waits in the store. */
    @Override
    public void close() {
        ends = true;
        repeating.close();
        remotes.close();
        var running = new ArrayList<Thread>();
        synchronized (this) {
            paces.values().forEach(pace -> {
                if (pace.running != null) {
                    running.add(pace.running);
                }
            });
        }
        try {
            for (Thread each : running) {
                each.join();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
