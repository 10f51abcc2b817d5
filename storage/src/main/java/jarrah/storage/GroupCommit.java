package jarrah.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs transactions one after the other on one platform thread and writes many with one sync.
 *
 * <p>Serializable by construction: a body sees what is committed, under the earlier transactions of its batch, under its
 * own writes, and nothing runs beside it. While a batch is being synced the next one gathers in the queue, so the rate
 * of durable transactions is that of syncs times the number of callers. Callers park, and a virtual thread that parks
 * gives its carrier away: only the writer waits for the disk.
 */
final class GroupCommit implements AutoCloseable {
    /** What is committed, and the way to commit more. */
    interface Store extends Layer {
        /** Makes the changes durable and visible as one; an exception leaves them invisible. */
        void write(Overlay changes) throws Exception;

        /** Called when nothing was written for a second since the last write. */
        void rest();

        /** Bytes free on the disk. */
        long usableBytes();
    }

    /** A batch is written when it has grown so large, bytes; more callers than fit wait for the next. */
    private static final long BATCH_BYTES = 4_000_000;
    /** The most transactions of a batch. */
    private static final int BATCH_TRANSACTIONS = 2_000;
    /** The longest that a body may run. */
    private static final long BODY_NANOS = 2_000_000_000L;
    /** A transaction that removes keys and writes no more than this gives space back, bytes. */
    private static final long SHRINKING_BYTES = 1_024;

    private static final long UNASKED = -1;

    private final Store store;
    private final long reserveBytes;
    private final LinkedBlockingQueue<Call> queue = new LinkedBlockingQueue<>();
    private final Thread writer;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;
    /** Free bytes, asked of the disk once a batch: its transactions are all written after the last was run. */
    private long usable = UNASKED;

    /**
     * @param reserveBytes space on the disk that only transactions which remove something may use, down to a quarter
     *     of it
     */
    GroupCommit(Store store, long reserveBytes, String name) {
        this.store = store;
        this.reserveBytes = reserveBytes;
        writer = Thread.ofPlatform().name(name).daemon(true).start(this::run);
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // the result is what this very body returned: null only if T may be
    <T extends @Nullable Object> T transact(Function<Kv.Tx, T> body) {
        refuseWithinBody();
        var call = new Call(body);
        if (closed) {
            throw new IllegalStateException("The map is closed");
        }
        queue.add(call);
        call.await(writer);
        return (T) call.result();
    }

    /** The number of transactions that wait for the next batch. */
    int waiting() {
        return queue.size();
    }

    /** A body that called its own Kv would wait for itself. */
    void refuseWithinBody() {
        if (Thread.currentThread() == writer) {
            throw new IllegalStateException("A transaction's body must use its Tx, not the Kv");
        }
    }

    private void run() {
        var calls = new ArrayList<Call>();
        boolean rested = true;
        try {
            while (!closed) {
                Call first = rested ? queue.take() : queue.poll(1, TimeUnit.SECONDS);
                rested = first == null;
                if (first == null) {
                    store.rest();
                    continue;
                }
                calls.add(first);
                queue.drainTo(calls, BATCH_TRANSACTIONS - 1);
                for (int done = 0; done < calls.size(); ) {
                    done = commit(calls, done);
                }
                calls.clear();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            closed = true;
            for (Call call; (call = queue.poll()) != null; ) {
                call.finish(null, new IllegalStateException("The map is closed"));
            }
        }
    }

    /** Runs and commits calls from the given one until the batch is full; returns the first one left. */
    private int commit(List<Call> calls, int first) {
        var batch = new Overlay(store);
        usable = UNASKED;
        int next = first;
        while (next < calls.size() && batch.bytes() < BATCH_BYTES) {
            runBody(calls.get(next++), batch);
        }
        Throwable broken = null;
        if (!batch.isEmpty()) {
            try {
                store.write(batch);
            } catch (Throwable thrown) { // whatever it was, we no longer know what is on the disk
                failure = thrown;
                broken = thrown;
            }
        }
        for (int i = first; i < next; i++) {
            calls.get(i).settle(broken);
        }
        return next;
    }

    private void runBody(Call call, Overlay batch) {
        var own = new Overlay(batch);
        long start = System.nanoTime();
        try {
            call.value = call.body.apply(own);
            long nanos = System.nanoTime() - start;
            if (nanos > BODY_NANOS) {
                throw new KvException.TooLarge(
                        "A transaction ran for %,d ms; 2,000 are allowed".formatted(nanos / 1_000_000));
            }
            if (!own.isEmpty()) {
                requireWritable(own);
                batch.absorb(own);
            }
        } catch (Throwable thrown) { // the caller's own, and his to handle
            call.thrown = thrown;
        }
    }

    private void requireWritable(Overlay own) {
        Throwable cause = failure;
        if (cause != null) {
            throw readOnly(cause);
        }
        boolean shrinks = own.removals() > 0 && own.bytes() <= SHRINKING_BYTES;
        if (usable == UNASKED) {
            usable = store.usableBytes();
        }
        if (usable < (shrinks ? reserveBytes / 4 : reserveBytes)) {
            throw new KvException.DiskFull(
                    "%,d bytes are free on the disk and %,d are kept in reserve".formatted(usable, reserveBytes));
        }
    }

    /** Why no changes are taken; empty while they are. */
    Optional<String> trouble() {
        return Optional.ofNullable(failure).map(cause -> readOnly(cause).getMessage());
    }

    private static KvException.ReadOnly readOnly(Throwable cause) {
        return new KvException.ReadOnly(
                "The map takes no changes since a write to its log failed; restart after the disk is repaired: "
                        + cause,
                cause);
    }

    /** Lets the queued transactions finish, then stops the writer. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        var last = new Call(tx -> {
            closed = true;
            return "closed";
        });
        queue.add(last);
        last.await(writer);
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** One caller's transaction; its fields pass from the writer to the caller through {@code done}. */
    private static final class Call {
        final Function<Kv.Tx, ?> body;
        private final Thread caller = Thread.currentThread();
        private volatile boolean done;

        @Nullable
        Object value;

        @Nullable
        Throwable thrown;

        Call(Function<Kv.Tx, ?> body) {
            this.body = body;
        }

        /** The batch is written, or is not: then nobody in it may believe what he read of the others either. */
        void settle(@Nullable Throwable broken) {
            boolean doubtful = broken != null && thrown == null;
            finish(value, doubtful && broken != null ? readOnly(broken) : thrown);
        }

        void finish(@Nullable Object result, @Nullable Throwable problem) {
            value = result;
            thrown = problem;
            done = true;
            LockSupport.unpark(caller);
        }

        // Not interruptible: a caller that left could not tell whether its changes were made.
        void await(Thread writer) {
            boolean interrupted = false;
            while (!done) {
                LockSupport.parkNanos(this, 1_000_000_000L);
                interrupted |= Thread.interrupted();
                if (!done && !writer.isAlive()) {
                    finish(null, new IllegalStateException("The map is closed"));
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        @Nullable
        Object result() {
            if (thrown != null) {
                throw Call.<RuntimeException>asItIs(thrown);
            }
            return value;
        }

        // A body throws only what a Function may throw; the cast is the compiler's, not the machine's.
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        private static <X extends Throwable> X asItIs(Throwable thrown) throws X {
            throw (X) thrown;
        }
    }
}
