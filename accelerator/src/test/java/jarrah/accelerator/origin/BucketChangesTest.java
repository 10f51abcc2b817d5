package jarrah.accelerator.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.accelerator.origin.BucketChanges.News;
import jarrah.accelerator.origin.Coherence.State;
import jarrah.accelerator.store.Generations;
import jarrah.testkit.ManualClock;
import java.net.ProtocolException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store's answers mean for the copies of its bucket. */
final class BucketChangesTest {
    private static final News NOTHING = new News("c", false, false, List.of());
    private static final News BROKEN = new News("c", true, false, List.of());

    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-23T10:00:00Z"));
    private final AtomicLong nanos = new AtomicLong();
    private final BucketChanges auto = new BucketChanges("bucket b", false, nanos::get, clock);
    private final BucketChanges insisting = new BucketChanges("bucket b", true, nanos::get, clock);

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        clock.advance(time);
    }

    private static void told(BucketChanges changes, News news) {
        changes.told(changes.asking(), news);
    }

    private static Generations copy(BucketChanges changes, String key) {
        return Objects.requireNonNull(changes.generations(key));
    }

    private static State state(BucketChanges changes) {
        return changes.coherence().state();
    }

    @Test
    void aStoreThatTellsIsGoneBy() {
        assertThat(state(auto)).isEqualTo(State.ASKING);
        assertThat(auto.vouches()).isFalse();
        told(auto, BROKEN);
        assertThat(state(auto)).isEqualTo(State.LEASED);
        assertThat(auto.vouches()).isTrue();
        Generations copy = copy(auto, "k");
        assertThat(copy.current()).isTrue();
        told(auto, new News("c", false, false, List.of("other")));
        assertThat(copy.current()).isTrue();
        told(auto, new News("c", false, false, List.of("k")));
        assertThat(copy.current()).isFalse();
        assertThat(copy(auto, "k").current()).isTrue();
        assertThat(auto.coherence().changes()).isEqualTo(2);
    }

    @Test
    void aChangeOfTheBucketAndABrokenSequenceConcernEveryCopy() {
        told(auto, BROKEN);
        Generations one = copy(auto, "k");
        told(auto, new News("c", false, true, List.of()));
        assertThat(one.unchanged()).isFalse();
        Generations other = copy(auto, "k");
        told(auto, BROKEN);
        assertThat(other.unchanged()).isFalse();
    }

    @Test
    void whatWasFetchedBeforeTheFirstWordIsRevalidated() {
        insisting.silent("not yet");
        Generations copy = copy(insisting, "k");
        told(insisting, NOTHING);
        assertThat(copy.unchanged()).isFalse();
    }

    @Test
    void withoutWordsTheLeaseRunsOutAndAnUnbrokenSequenceMakesCopiesGoodAgain() {
        told(auto, BROKEN);
        Generations same = copy(auto, "same");
        Generations changed = copy(auto, "changed");
        auto.silent("cut off");
        assertThat(state(auto)).isEqualTo(State.LEASED);
        pass(Duration.ofSeconds(2));
        assertThat(state(auto)).isEqualTo(State.LOST);
        assertThat(same.current()).isFalse();
        assertThat(auto.coherence().trouble()).isEqualTo("cut off");
        told(auto, new News("c", false, false, List.of("changed")));
        assertThat(same.current()).isTrue();
        assertThat(changed.current()).isFalse();
        assertThat(auto.coherence()).isEqualTo(new Coherence(State.LEASED, 0, 1, 1, null));
    }

    @Test
    void aStoreThatRefusesAtFirstIsOneOfTimeUnlessThatIsForbidden() {
        auto.refused("it is no store that does");
        assertThat(state(auto)).isEqualTo(State.BY_TIME);
        assertThat(auto.generations("k")).isNull();
        insisting.refused("it is no store that does");
        assertThat(state(insisting)).isEqualTo(State.ASKING);
        assertThat(copy(insisting, "k").current()).isFalse();
        told(auto, BROKEN);
        assertThat(copy(auto, "k").current()).as("granted later").isTrue();
    }

    @Test
    void aStoreThatRefusesLaterEndsTheLeaseAtOnceAndIsNeverOneOfTime() {
        told(auto, BROKEN);
        Generations copy = copy(auto, "k");
        auto.refused("s3:ListBucket is not allowed");
        assertThat(state(auto)).isEqualTo(State.LOST);
        assertThat(copy.current()).isFalse();
        assertThat(copy(auto, "k").current()).isFalse();
        assertThat(auto.vouches()).isTrue();
    }

    @Test
    void numbersOfAnotherLifeNeverComeAgain() {
        told(auto, BROKEN);
        var later = new BucketChanges("bucket b", false, nanos::get, clock);
        told(later, BROKEN);
        assertThat(copy(later, "k").sameAs(copy(auto, "k"))).isFalse();
    }

    @Test
    void newsAreRead() throws ProtocolException {
        assertThat(News.parse("cursor a.1-x\nbroken\nbucket\nkey a%20b%2Fc%0A\nkey %C3%BC\n"))
                .isEqualTo(new News("a.1-x", true, true, List.of("a b/c\n", "ü")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "broken\n",
                "cursor a\nnonsense\n",
                "cursor a\nkey %zz\n",
                "<ListBucketResult/>",
                "cursor a\nkey %FF"
            })
    void whatIsNoNewsIsNone(String text) {
        assertThatThrownBy(() -> News.parse(text)).isInstanceOf(ProtocolException.class);
    }
}
