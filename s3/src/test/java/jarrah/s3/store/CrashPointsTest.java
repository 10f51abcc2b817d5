package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.ACL;
import static jarrah.s3.store.StoreFixture.BUCKET;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.storage.FaultyDisk;
import jarrah.storage.FileBlobs;
import jarrah.storage.MemoryKv;
import jarrah.storage.VerifyMode;
import jarrah.testkit.ManualClock;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * One script of all kinds of writes, cut at each change of the disk and at each transaction, one after the other: what was
 * acknowledged is there, what was under way is there whole or not at all, and a second start finds the same.
 */
final class CrashPointsTest {
    private static final byte[] SMALL = StoreFixture.random(500, 1);
    private static final byte[] LARGE = StoreFixture.random(Limits.SMALL_BYTES + 40_000, 2);
    private static final byte[] OTHER = StoreFixture.random(Limits.SMALL_BYTES + 1, 3);

    /** A step, and what it makes of the objects. */
    private record Step(Operation operation, UnaryOperator<Map<String, byte[]>> effect) {}

    private interface Operation {
        void on(S3Store store) throws IOException;
    }

    private static Step step(Operation operation, java.util.function.Consumer<Map<String, byte[]>> effect) {
        return new Step(operation, before -> {
            var after = new TreeMap<>(before);
            effect.accept(after);
            return after;
        });
    }

    private static Step put(String key, byte[] bytes) {
        return step(
                store -> store.objects()
                        .put(
                                new NewObject(
                                        BUCKET,
                                        key,
                                        bytes.length,
                                        Metadata.NONE,
                                        ACL,
                                        WriteCondition.NONE,
                                        BodyDigests.NONE),
                                StoreFixture.channel(bytes)),
                objects -> objects.put(key, bytes));
    }

    private static Step multipart(String key, boolean complete) {
        return step(
                store -> {
                    Upload upload = store.multipart()
                            .create(new NewUpload(
                                    BUCKET,
                                    key,
                                    Metadata.NONE,
                                    ACL,
                                    StoreFixture.OWNER,
                                    Optional.empty(),
                                    Optional.empty()));
                    part(store, upload, 1, SMALL);
                    Part taken = part(store, upload, 2, LARGE);
                    if (complete) {
                        store.multipart().complete(StoreFixture.completion(upload, List.of(taken)));
                    } else {
                        store.multipart().abort(BUCKET, key, upload.uploadId());
                    }
                },
                objects -> {
                    if (complete) {
                        objects.put(key, LARGE);
                    }
                });
    }

    private static Part part(S3Store store, Upload upload, int number, byte[] bytes) throws IOException {
        return store.multipart()
                .putPart(
                        BUCKET,
                        upload.key(),
                        upload.uploadId(),
                        number,
                        bytes.length,
                        BodyDigests.NONE,
                        StoreFixture.channel(bytes));
    }

    private static final List<Step> SCRIPT = List.of(
            put("small", SMALL),
            put("large", LARGE),
            put("large", SMALL),
            put("small", OTHER),
            step(
                    store -> store.objects()
                            .copy(new NewCopy(
                                    new CopySource(BUCKET, "small", ReadCondition.NONE),
                                    BUCKET,
                                    "copy",
                                    Optional.of(Metadata.NONE),
                                    ACL,
                                    WriteCondition.NONE,
                                    Optional.empty())),
                    objects -> objects.put("copy", OTHER)),
            multipart("parts", true),
            multipart("small", true),
            multipart("none", false),
            step(
                    store -> store.objects().delete(BUCKET, "large", WriteCondition.NONE),
                    objects -> objects.remove("large")),
            step(
                    store -> store.objects()
                            .deleteAll(
                                    BUCKET,
                                    List.of(
                                            new Objects.Deletion("copy", WriteCondition.NONE),
                                            new Objects.Deletion("parts", WriteCondition.NONE))),
                    objects -> objects.keySet().removeAll(List.of("copy", "parts"))),
            step(store -> store.sweeper().sweepOnce(), _ -> {}),
            put("last", LARGE));

    /** A store that can be crashed and started again. */
    private static final class Machine {
        private final MemoryKv map = new MemoryKv();
        private final FaultyDisk disk = new FaultyDisk();
        private final ManualClock clock = new ManualClock(Instant.parse("2026-11-22T12:00:00Z"));
        private CrashingKv kv = new CrashingKv(map, disk);
        private S3Store store = started();
        private Map<String, byte[]> acknowledged = new TreeMap<>();
        private Map<String, byte[]> underWay = acknowledged;

        Machine() {
            store.buckets().create(StoreFixture.bucket(BUCKET));
        }

        private S3Store started() {
            try {
                kv = new CrashingKv(map, disk);
                return new S3Store(kv, new FileBlobs(disk, StoreFixture.BLOBS, VerifyMode.ALWAYS, 0), clock);
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
        }

        /** False if it crashed. */
        boolean run() throws IOException {
            for (Step step : SCRIPT) {
                underWay = step.effect().apply(acknowledged);
                try {
                    step.operation().on(store);
                } catch (FaultyDisk.Crash _) {
                    return false;
                }
                acknowledged = underWay;
            }
            return true;
        }

        void check(String where, @Nullable Random chance) {
            disk.restart(chance);
            store = started();
            Map<String, byte[]> first = contents();
            assertThat(same(first, acknowledged) || same(first, underWay))
                    .as("%s: %s is neither %s nor %s", where, first.keySet(), acknowledged.keySet(), underWay.keySet())
                    .isTrue();
            disk.restart(null);
            store = started();
            assertThat(same(contents(), first))
                    .as("%s: after another start", where)
                    .isTrue();
        }

        private Map<String, byte[]> contents() {
            var contents = new TreeMap<String, byte[]>();
            store.objects()
                    .list(new Listing.Query(BUCKET, "", "", "", 100))
                    .objects()
                    .forEach(object -> contents.put(object.key(), StoreFixture.get(store, object.key())));
            return contents;
        }

        private static boolean same(Map<String, byte[]> one, Map<String, byte[]> other) {
            return one.keySet().equals(other.keySet())
                    && one.keySet().stream().allMatch(key -> java.util.Arrays.equals(one.get(key), other.get(key)));
        }
    }

    @Test
    void aPowerCutAtEachChangeOfTheDisk() throws Exception {
        var whole = new Machine();
        long from = whole.disk.changes();
        assertThat(whole.run()).isTrue();
        long changes = whole.disk.changes() - from;
        assertThat(changes).isGreaterThan(30);
        for (int change = 1; change <= changes; change++) {
            for (int seed = 0; seed < 4; seed++) {
                var machine = new Machine();
                machine.disk.crashAt(machine.disk.changes() + change);
                assertThat(machine.run()).as("change " + change).isFalse();
                machine.check("change " + change + ", seed " + seed, seed == 0 ? null : new Random(seed));
            }
        }
    }

    @Test
    void aPowerCutBeforeAndAfterEachTransaction() throws Exception {
        for (boolean durable : new boolean[] {false, true}) {
            int transactions = 1;
            for (boolean crashed = true; crashed; transactions++) {
                var machine = new Machine();
                machine.kv.crashIn(transactions, durable);
                crashed = !machine.run();
                machine.check("transaction " + transactions + (durable ? ", just durable" : ", not yet"), null);
            }
            assertThat(transactions).isGreaterThan(25);
        }
    }

    /** A sync that fails: nothing that follows is acknowledged, and what was before is there. */
    @Test
    void aFailureOfEachSync() throws Exception {
        var whole = new Machine();
        long from = whole.disk.syncs();
        assertThat(whole.run()).isTrue();
        long syncs = whole.disk.syncs() - from;
        assertThat(syncs).isGreaterThan(5);
        for (int sync = 1; sync <= syncs; sync++) {
            var machine = new Machine();
            machine.disk.failSyncAt(machine.disk.syncs() + sync);
            Exception refused = null;
            try {
                machine.run();
            } catch (IOException | RuntimeException e) {
                refused = e;
            }
            machine.disk.crashNow();
            machine.check("sync " + sync + " (" + refused + ")", null);
        }
    }
}
