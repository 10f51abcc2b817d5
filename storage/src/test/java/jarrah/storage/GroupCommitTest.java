package jarrah.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batches, what is seen while they are synced, and what happens when the disk fails or is full. */
@Timeout(60)
final class GroupCommitTest {
    /** A store whose syncs wait for a permit. */
    private static final class SlowStore implements GroupCommit.Store {
        final ConcurrentSkipListMap<byte[], byte[]> entries =
                new ConcurrentSkipListMap<>(java.util.Arrays::compareUnsigned);
        final Semaphore permits = new Semaphore(0);
        final Semaphore syncing = new Semaphore(0);
        volatile boolean failing;
        volatile long usable = Long.MAX_VALUE;
        final AtomicInteger writes = new AtomicInteger();

        @Override
        public byte @Nullable [] get(byte[] key) {
            return entries.get(key);
        }

        @Override
        public List<Kv.Entry> scan(byte[] from, byte @Nullable [] to, int limit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write(Overlay changes) throws Exception {
            syncing.release();
            permits.acquire();
            writes.incrementAndGet();
            if (failing) {
                throw new IOException("Input/output error");
            }
            changes.forEach((key, value) -> {
                if (value == null) {
                    entries.remove(key);
                } else {
                    entries.put(key, value);
                }
            });
        }

        @Override
        public void rest() {}

        @Override
        public long usableBytes() {
            return usable;
        }
    }

    private final SlowStore store = new SlowStore();
    private final GroupCommit commits = new GroupCommit(store, 1_000, "test-writer");

    @AfterEach
    void close() {
        store.permits.release(1_000);
        commits.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private String append(String text) {
        return commits.transact(tx -> {
            byte[] former = tx.get(bytes("log"));
            String next = (former == null ? "" : new String(former, UTF_8)) + text;
            tx.put(bytes("log"), bytes(next));
            return next;
        });
    }

    @Test
    void nothingIsVisibleAndNobodyReturnsBeforeTheSync() throws Exception {
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> call = pool.submit(() -> append("a"));
            store.syncing.acquire();
            assertThat(call.isDone()).isFalse();
            assertThat(store.entries).isEmpty();
            store.permits.release();
            assertThat(call.get(10, TimeUnit.SECONDS)).isEqualTo("a");
            assertThat(store.entries).hasSize(1);
        }
    }

    @Test
    void transactionsThatComeDuringASyncShareTheNextOneAndSeeEachOther() throws Exception {
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> first = pool.submit(() -> append("a"));
            store.syncing.acquire();
            var later = new ArrayList<Future<String>>();
            for (int i = 0; i < 20; i++) {
                later.add(pool.submit(() -> append("b")));
            }
            awaitQueue(20);
            store.permits.release(2);
            first.get(10, TimeUnit.SECONDS);
            for (Future<String> call : later) {
                call.get(10, TimeUnit.SECONDS);
            }
            assertThat(store.writes).hasValue(2);
            assertThat(store.entries.get(bytes("log"))).isEqualTo(bytes("a" + "b".repeat(20)));
        }
    }

    private void awaitQueue(int length) {
        while (commits.waiting() < length) {
            Thread.onSpinWait();
        }
    }

    @Test
    void anExceptionInOneBodyLeavesTheOthersOfItsBatchAlone() throws Exception {
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> first = pool.submit(() -> append("a"));
            store.syncing.acquire();
            Future<String> failing = pool.submit(() -> commits.transact(tx -> {
                tx.put(bytes("log"), bytes("spoilt"));
                throw new IllegalArgumentException("mine");
            }));
            awaitQueue(1);
            Future<String> good = pool.submit(() -> append("b"));
            awaitQueue(2);
            store.permits.release(2);
            first.get(10, TimeUnit.SECONDS);
            assertThat(good.get(10, TimeUnit.SECONDS)).isEqualTo("ab");
            assertThatThrownBy(failing::get).hasCauseInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void afterAFailedSyncItIsReadOnlyAndSaysSo() {
        store.permits.release(10);
        append("a");
        store.failing = true;
        assertThatThrownBy(() -> append("b"))
                .isInstanceOf(KvException.ReadOnly.class)
                .hasMessageContaining("Input/output error");
        store.failing = false;
        int writes = store.writes.get();
        assertThatThrownBy(() -> append("c")).isInstanceOf(KvException.ReadOnly.class);
        assertThat(store.writes).as("a failed sync is never tried again").hasValue(writes);
        String read = commits.transact(tx -> new String(java.util.Objects.requireNonNull(tx.get(bytes("log"))), UTF_8));
        assertThat(read).isEqualTo("a");
    }

    @Test
    void aFullDiskRefusesAdditionsAcceptsRemovalsAndRecovers() {
        store.permits.release(10);
        append("a");
        store.usable = 900;
        assertThatThrownBy(() -> append("b")).isInstanceOf(KvException.DiskFull.class);
        commits.transact(tx -> {
            tx.delete(bytes("log"));
            tx.put(bytes("freed"), bytes("1"));
            return "";
        });
        assertThat(store.entries.get(bytes("log"))).isNull();
        store.usable = 2_000;
        append("c");
        assertThat(store.entries.get(bytes("log"))).isEqualTo(bytes("c"));
    }

    @Test
    void theLastOfTheReserveIsKeptFromRemovalsToo() {
        store.permits.release(10);
        append("a");
        store.usable = 249;
        assertThatThrownBy(() -> commits.transact(tx -> {
                    tx.delete(bytes("log"));
                    return "";
                }))
                .isInstanceOf(KvException.DiskFull.class);
    }

    @Test
    void anInterruptedCallerStillLearnsTheResult() throws Exception {
        var interrupted = new CountDownLatch(1);
        Thread caller = Thread.ofVirtual().start(() -> {
            append("a");
            if (Thread.currentThread().isInterrupted()) {
                interrupted.countDown();
            }
        });
        store.syncing.acquire();
        caller.interrupt();
        store.permits.release();
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(store.entries).hasSize(1);
    }
}
