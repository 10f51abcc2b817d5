package jarrah.accelerator.store;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.storage.StoreChanges;
import jarrah.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long a node goes by what it was told, and what that says of a copy. */
final class LeaseTest {
    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-23T10:00:00Z"));
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // runs over, as it may
    private final Lease lease = new Lease(nanos::get, clock);
    private final Map<String, Long> store = new HashMap<>(Map.of("b", 1L, "o", 2L));
    private final StoreChanges changes = new StoreChanges(subject -> store.getOrDefault(subject, 0L));

    private void pass(long steadyMillis, long dayMillis) {
        nanos.addAndGet(steadyMillis * 1_000_000);
        clock.advance(Duration.ofMillis(dayMillis));
    }

    @Test
    void itIsNotHeldBeforeAnythingWasTold() {
        assertThat(lease.held()).isFalse();
        assertThat(lease.ageMillis()).isEqualTo(-1);
    }

    @ParameterizedTest(name = "{0} ms on the steady clock, {1} ms by the time of day")
    @CsvSource({
        "0, 0, true",
        "1999, 1999, true",
        "2000, 2000, false",
        "0, 2000, false", // the machine was suspended
        "0, -3600000, true", // somebody set the time back
        "2000, -3600000, false",
        "2000, 0, false",
        "3000000000, 3000000000, false"
    })
    void itRunsFromWhenTheStoreWasAskedByBothClocks(long steady, long day, boolean held) {
        lease.renew(lease.now());
        pass(steady, day);
        assertThat(lease.held()).isEqualTo(held);
    }

    @Test
    void anAnswerThatWasLongOnItsWayIsOldWhenItComes() {
        Lease.Moment asked = lease.now();
        pass(1_500, 1_500);
        lease.renew(asked);
        assertThat(lease.held()).isTrue();
        assertThat(lease.ageMillis()).isEqualTo(1_500);
        pass(500, 500);
        assertThat(lease.held()).isFalse();
        Lease.Moment next = lease.now();
        pass(2_500, 2_500);
        lease.renew(next);
        assertThat(lease.held()).as("too late to be of use").isFalse();
    }

    @Test
    void whatTheStoreEndsIsOver() {
        lease.renew(lease.now());
        lease.end();
        assertThat(lease.held()).isFalse();
    }

    @Test
    void aCopyIsServedUnaskedOnlyUnderTheLeaseAndKeptWhileNoChangeIsKnown() {
        try (var copy = Generations.leased(changes.watch("b"), changes.watch("o"), lease)) {
            assertThat(copy.current()).isFalse();
            assertThat(copy.unchanged()).isTrue();
            lease.renew(lease.now());
            assertThat(copy.current()).isTrue();
            pass(2_000, 2_000);
            assertThat(copy.current()).isFalse();
            assertThat(copy.unchanged()).isTrue();
            lease.renew(lease.now());
            assertThat(copy.current()).as("the sequence is unbroken").isTrue();
            changes.raise("o", 3, true);
            assertThat(copy.current()).isFalse();
            assertThat(copy.unchanged()).isFalse();
            assertThat(copy.shareable()).isFalse();
        }
    }

    @Test
    void aFetchIsSharedWithoutALeaseForAsLongAsOneWouldLast() {
        try (var copy = Generations.leased(changes.watch("b"), changes.watch("o"), lease)) {
            pass(1_999, 1_999);
            assertThat(copy.shareable()).isTrue();
            pass(1, 1);
            assertThat(copy.shareable()).isFalse();
            lease.renew(lease.now());
            assertThat(copy.shareable()).isTrue();
            changes.raise("b", 9, true);
            assertThat(copy.shareable()).isFalse();
        }
    }
}
