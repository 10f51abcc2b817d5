package jarrah.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Generations and the races around them. */
@Timeout(60)
final class StoreChangesTest {
    private final ConcurrentHashMap<String, Long> store = new ConcurrentHashMap<>();
    private final StoreChanges changes = new StoreChanges(subject -> store.getOrDefault(subject, 0L));

    @Test
    void aWatchBeginsWithWhatTheStoreHolds() {
        store.put("a", 7L);
        try (var a = changes.watch("a");
                var b = changes.watch("b")) {
            assertThat(a.generation()).isEqualTo(7);
            assertThat(b.generation()).isZero();
        }
    }

    @Test
    void aRaiseIsSeenByAllWatchesAtOnce() {
        try (var one = changes.watch("a");
                var two = changes.watch("a")) {
            changes.raise("a", 3, true);
            assertThat(one.generation()).isEqualTo(3);
            assertThat(two.generation()).isEqualTo(3);
        }
    }

    @Test
    void aPutThatReportsLateDoesNotUndoTheDeleteThatFollowedIt() {
        try (var watch = changes.watch("a")) {
            changes.raise("a", 5, false);
            changes.raise("a", 4, true);
            assertThat(watch.generation()).isZero();
            changes.raise("a", 6, true);
            assertThat(watch.generation()).isEqualTo(6);
        }
    }

    // The store's answer is held back until a change was committed and raised.
    @Test
    void aWatchThatReadTheStoreBeforeAChangeTakesTheRaiseThatOvertookIt() throws Exception {
        var reading = new CountDownLatch(1);
        var raised = new CountDownLatch(1);
        var slow = new StoreChanges(_ -> {
            reading.countDown();
            await(raised);
            return 1;
        });
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var watch = pool.submit(() -> slow.watch("a"));
            await(reading);
            slow.raise("a", 2, true);
            raised.countDown();
            try (var found = watch.get(10, TimeUnit.SECONDS)) {
                assertThat(found.generation()).isEqualTo(2);
            }
        }
    }

    @Test
    void aDeletionThatOvertookTheFirstReadIsNotUndoneByIt() throws Exception {
        var reading = new CountDownLatch(1);
        var raised = new CountDownLatch(1);
        var slow = new StoreChanges(_ -> {
            reading.countDown();
            await(raised);
            return 1;
        });
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var watch = pool.submit(() -> slow.watch("a"));
            await(reading);
            slow.raise("a", 2, false);
            raised.countDown();
            try (var found = watch.get(10, TimeUnit.SECONDS)) {
                assertThat(found.generation()).isZero();
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new AssertionError("nobody came");
            }
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Test
    void aSubjectIsForgottenWhenNobodyHoldsIt() {
        var one = changes.watch("a");
        var two = changes.watch("a");
        one.close();
        assertThat(changes.watched()).isEqualTo(1);
        changes.raise("a", 9, true);
        assertThat(two.generation()).isEqualTo(9);
        two.close();
        assertThat(changes.watched()).isZero();
        changes.raise("a", 10, true);
        store.put("a", 10L);
        try (var again = changes.watch("a")) {
            assertThat(again.generation()).isEqualTo(10);
        }
    }

    @Test
    void afterManyRacingChangesAndWatchesTheLastChangeStands() throws Exception {
        var counter = new AtomicLong();
        for (int round = 0; round < 200; round++) {
            var barrier = new CyclicBarrier(4);
            try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int writer = 0; writer < 2; writer++) {
                    pool.submit(() -> {
                        barrier.await(10, TimeUnit.SECONDS);
                        long sequence;
                        synchronized (counter) { // the transaction
                            sequence = counter.incrementAndGet();
                            store.put("a", sequence);
                        }
                        changes.raise("a", sequence, true);
                        return sequence;
                    });
                }
                var first = pool.submit(() -> watchAt(barrier));
                var second = pool.submit(() -> watchAt(barrier));
                try (var one = first.get(10, TimeUnit.SECONDS);
                        var two = second.get(10, TimeUnit.SECONDS)) {
                    pool.shutdown();
                    assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
                    assertThat(one.generation()).isEqualTo(counter.get());
                    assertThat(two.generation()).isEqualTo(counter.get());
                }
            }
        }
    }

    private StoreChanges.Watch watchAt(CyclicBarrier barrier) throws Exception {
        barrier.await(10, TimeUnit.SECONDS);
        return changes.watch("a");
    }
}
