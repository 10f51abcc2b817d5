package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.ACL;
import static jarrah.s3.store.StoreFixture.BUCKET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What caches elsewhere are told of changes, and when they are told that more happened than is known. */
final class ChangeFeedTest {
    private static final Duration NOW = Duration.ZERO;
    private static final Duration LONG = Duration.ofMinutes(1);

    private final StoreFixture fixture = new StoreFixture();
    private final ChangeFeed feed = fixture.store.feed();

    private String cursor() throws InterruptedException {
        return feed.await(BUCKET, "", null, NOW).cursor();
    }

    @Test
    void whoComesForTheFirstTimeKnowsNothingOfWhatWas() throws InterruptedException {
        ChangeFeed.News first = feed.await(BUCKET, "", null, LONG);
        assertThat(first.broken()).isTrue();
        ChangeFeed.News next = feed.await(BUCKET, "", first.cursor(), NOW);
        assertThat(next).isEqualTo(new ChangeFeed.News(first.cursor(), false, false, java.util.List.of()));
    }

    @Test
    void everyChangeOfObjectsAndOfTheBucketIsTold() throws InterruptedException {
        String cursor = cursor();
        fixture.put("a/b", new byte[] {1});
        fixture.store.objects().setAcl(BUCKET, "a/b", null, ACL);
        fixture.put("c", new byte[] {1});
        ChangeFeed.News news = feed.await(BUCKET, "", cursor, NOW);
        assertThat(news.broken()).isFalse();
        assertThat(news.bucket()).isFalse();
        assertThat(news.keys()).containsExactlyInAnyOrder("a/b", "a/b", "c");
        assertThat(feed.await(BUCKET, "a/", cursor, NOW).keys()).containsOnly("a/b");
        fixture.store.buckets().setAcl(BUCKET, ACL);
        news = feed.await(BUCKET, "other", news.cursor(), NOW);
        assertThat(news.bucket()).as("whatever the prefix").isTrue();
        assertThat(news.keys()).isEmpty();
    }

    @Test
    void whoWaitsIsToldAtOnceAndOnlyOfItsPrefix() throws Exception {
        String cursor = cursor();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<ChangeFeed.News> waits = threads.submit(() -> feed.await(BUCKET, "b", cursor, LONG));
            fixture.put("a", new byte[] {1});
            fixture.put("b", new byte[] {1});
            assertThat(waits.get().keys()).containsExactly("b");
        }
    }

    @Test
    void whoIsTooSlowIsToldThatTheSequenceIsBroken() throws InterruptedException {
        String cursor = cursor();
        for (int i = 0; i < ChangeFeed.MAX_CHANGES; i++) {
            feed.changed(Subjects.object(BUCKET, "k" + i));
        }
        assertThat(feed.await(BUCKET, "", cursor, NOW).keys()).hasSize(ChangeFeed.MAX_CHANGES);
        feed.changed(Subjects.object(BUCKET, "one more"));
        ChangeFeed.News news = feed.await(BUCKET, "", cursor, LONG);
        assertThat(news.broken()).isTrue();
        assertThat(feed.await(BUCKET, "", news.cursor(), NOW).broken()).isFalse();
    }

    @Test
    void longKeysAreForgottenEarlier() throws InterruptedException {
        String cursor = cursor();
        String key = "x".repeat(1_000);
        for (int i = 0; i <= ChangeFeed.KEY_CHARS / 1_000; i++) {
            feed.changed(Subjects.object(BUCKET, key));
        }
        assertThat(feed.await(BUCKET, "", cursor, NOW).broken()).isTrue();
    }

    @Test
    void aCursorOfAnotherLifeIsUnknown() throws InterruptedException {
        String cursor =
                new StoreFixture().store.feed().await(BUCKET, "", null, NOW).cursor();
        cursor();
        for (String unknown : new String[] {cursor, "", ".", "x", "1.2.3", cursor() + "9", "\0"}) {
            assertThat(feed.await(BUCKET, "", unknown, NOW).broken())
                    .as(unknown)
                    .isTrue();
        }
    }

    @Test
    void aBucketThatNobodyAsksAboutIsForgottenAndNothingIsKeptForOthers() throws InterruptedException {
        var nanos = new AtomicLong();
        var quiet = new ChangeFeed(nanos::get);
        quiet.changed(Subjects.bucket("b"));
        assertThat(quiet.followed()).isZero();
        String cursor = quiet.await("b", "", null, NOW).cursor();
        quiet.changed(Subjects.object("b", "k"));
        assertThat(quiet.followed()).isEqualTo(1);
        nanos.addAndGet(Duration.ofMinutes(2).toNanos());
        quiet.changed(Subjects.object("b", "k"));
        assertThat(quiet.followed()).isZero();
        assertThat(quiet.await("b", "", cursor, NOW).broken()).isTrue();
    }

    @Test
    void soManyBucketsAreFollowedAndNotMore() throws InterruptedException {
        var nanos = new AtomicLong();
        var full = new ChangeFeed(nanos::get);
        for (int i = 0; i < ChangeFeed.MAX_BUCKETS; i++) {
            full.await("b" + i, "", null, NOW);
        }
        assertThatThrownBy(() -> full.await("one-more", "", null, NOW)).isInstanceOf(S3Exception.SlowDown.class);
        nanos.addAndGet(Duration.ofMinutes(2).toNanos());
        full.await("one-more", "", null, NOW);
        assertThat(full.followed()).isEqualTo(1);
    }
}
