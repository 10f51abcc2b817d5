package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.BUCKET;
import static jarrah.s3.store.StoreFixture.LARGE;
import static jarrah.s3.store.StoreFixture.random;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exactly one of many conditional writers wins; readers see one version or another, never a mixture. */
@Timeout(120)
final class RacingWritersTest {
    private static final int RACERS = 8;

    private final StoreFixture fixture = new StoreFixture();

    /** Something that one racer tries; 412 means that he lost. */
    private interface Attempt {
        void run(int racer) throws Exception;
    }

    private static int winners(Attempt attempt) throws Exception {
        var barrier = new CyclicBarrier(RACERS);
        var running = new ArrayList<Future<Boolean>>();
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < RACERS; i++) {
                int racer = i;
                running.add(pool.submit(() -> {
                    barrier.await(10, TimeUnit.SECONDS);
                    try {
                        attempt.run(racer);
                        return true;
                    } catch (S3Exception.PreconditionFailed _) {
                        return false;
                    }
                }));
            }
        }
        int winners = 0;
        for (Future<Boolean> one : running) {
            winners += one.get(10, TimeUnit.SECONDS) ? 1 : 0;
        }
        return winners;
    }

    @ParameterizedTest
    @ValueSource(ints = {10, LARGE})
    void oneOfManyPutsThatWantTheKeyToBeFreeWins(int size) throws Exception {
        var absent = new WriteCondition(Optional.empty(), Optional.of("*"));
        for (int round = 0; round < 20; round++) {
            String key = "key" + round;
            assertThat(winners(racer -> fixture.put(key, random(size, racer), absent)))
                    .isEqualTo(1);
        }
        fixture.sweepAll();
        assertThat(fixture.disk.files()).as("the losers' files are gone").hasSize(size == LARGE ? 20 : 0);
    }

    @Test
    void oneOfManyPutsWinsInABucketThatKeepsVersionsToo() throws Exception {
        fixture.store.buckets().setVersioning(BUCKET, Versioning.ENABLED);
        var absent = new WriteCondition(Optional.empty(), Optional.of("*"));
        for (int round = 0; round < 20; round++) {
            assertThat(winners(racer -> fixture.put("key", random(10, racer), absent)))
                    .isEqualTo(1);
            var same = new WriteCondition(
                    Optional.of(fixture.store.objects().head(BUCKET, "key").etag()), Optional.empty());
            assertThat(winners(racer -> fixture.put("key", random(10, 100 + racer), same)))
                    .isEqualTo(1);
            fixture.store.objects().delete(BUCKET, "key", WriteCondition.NONE);
        }
        assertThat(fixture.store
                        .objects()
                        .listVersions(new VersionListing.Query(BUCKET, "", "", "", Optional.empty(), 1_000))
                        .versions())
                .hasSize(60);
    }

    @Test
    void oneOfManyPutsThatWantTheSameVersionWins() throws Exception {
        for (int round = 0; round < 20; round++) {
            String etag = fixture.put("key", random(20, 1_000 + round)).etag();
            var same = new WriteCondition(Optional.of(etag), Optional.empty());
            assertThat(winners(racer -> fixture.put("key", random(20, racer), same)))
                    .isEqualTo(1);
        }
    }

    @Test
    void oneOfManyCompletionsThatWantTheKeyToBeFreeWins() throws Exception {
        var absent = new WriteCondition(Optional.empty(), Optional.of("*"));
        var completions = new ArrayList<Completion>();
        for (int i = 0; i < RACERS; i++) {
            Upload upload = fixture.begin("key");
            Part part = fixture.putPart(upload, 1, random(10, i));
            completions.add(new Completion(
                    BUCKET,
                    "key",
                    upload.uploadId(),
                    List.of(StoreFixture.named(part)),
                    absent,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()));
        }
        assertThat(winners(racer -> fixture.store.multipart().complete(completions.get(racer))))
                .isEqualTo(1);
    }

    @Test
    void completionsOfTheSameUploadAllGiveTheSameObject() throws Exception {
        Upload upload = fixture.begin("key");
        Part part = fixture.putPart(upload, 1, random(LARGE, 1));
        var generations = java.util.concurrent.ConcurrentHashMap.newKeySet();
        assertThat(winners(_ ->
                        generations.add(fixture.complete(upload, List.of(part)).generation())))
                .isEqualTo(RACERS);
        assertThat(generations).hasSize(1);
    }

    @Test
    void readersSeeWholeVersionsWhileWritersReplaceThemAndTheSweeperRuns() throws Exception {
        fixture.put("key", filled(0));
        var stop = new AtomicBoolean();
        var begun = new CountDownLatch(4);
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var readers = new ArrayList<Future<Integer>>();
            for (int i = 0; i < 4; i++) {
                readers.add(pool.submit(() -> {
                    int reads = 0;
                    while (!stop.get()) {
                        byte[] bytes = fixture.get("key");
                        for (byte b : bytes) {
                            assertThat(b).isEqualTo(bytes[0]);
                        }
                        if (++reads == 1) {
                            begun.countDown();
                        }
                    }
                    return reads;
                }));
            }
            for (int i = 1; i < 150; i++) {
                fixture.put("key", filled(i));
                fixture.clock.advance(Garbage.GRACE.plusMillis(1));
                fixture.store.sweeper().sweepOnce();
            }
            // A busy machine may give a reader its first turn late.
            assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
            stop.set(true);
            for (Future<Integer> reader : readers) {
                assertThat(reader.get(30, TimeUnit.SECONDS)).isPositive();
            }
        }
    }

    /** Of one byte, small and large in turn. */
    private static byte[] filled(int version) {
        var bytes = new byte[version % 2 == 0 ? LARGE : 100];
        java.util.Arrays.fill(bytes, (byte) version);
        return bytes;
    }
}
