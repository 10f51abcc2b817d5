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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random operations and random crashes, compared with a map: what was acknowledged is there, byte for byte; what a crash
 * interrupted is there as a whole or not at all; and the sweeper leaves no file, part or small content behind.
 */
final class StoreModelTest {
    private static final int CRASHES = 10;
    private static final int OPERATIONS = 60;

    private final MemoryKv map = new MemoryKv();
    private final FaultyDisk disk = new FaultyDisk();
    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-22T12:00:00Z"));
    private CrashingKv kv = new CrashingKv(map, disk);
    private S3Store store = open();
    private TreeMap<String, byte[]> model = new TreeMap<>();
    private Random random = new Random();

    private S3Store open() {
        try {
            kv = new CrashingKv(map, disk);
            return new S3Store(kv, new FileBlobs(disk, StoreFixture.BLOBS, VerifyMode.FIRST_READ, 0), clock);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Something a client does, and what it makes of the model when it is acknowledged. */
    private interface Operation {
        void run() throws IOException;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void whatWasAcknowledgedSurvivesCrashes(long seed) throws Exception {
        random = new Random(seed);
        store.buckets().create(StoreFixture.bucket(BUCKET));
        for (int crash = 0; crash < CRASHES; crash++) {
            if (random.nextBoolean()) {
                disk.crashAt(disk.changes() + 1 + random.nextInt(150));
            } else {
                kv.crashIn(1 + random.nextInt(60), random.nextBoolean());
            }
            workUntilCrash();
            disk.restart(random.nextInt(3) == 0 ? null : random);
            store = open();
            settle();
            requireModel();
            requireNothingLeft();
        }
    }

    static List<Long> longSeeds() {
        return new Random(2026).longs(300).boxed().toList();
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("longSeeds")
    void whatWasAcknowledgedSurvivesCrashesInLongCampaigns(long seed) throws Exception {
        whatWasAcknowledgedSurvivesCrashes(seed);
    }

    /** What the interrupted operation may have made of the model. */
    private TreeMap<String, byte[]> doubtful = model;

    private void workUntilCrash() throws IOException {
        for (int i = 0; i < OPERATIONS; i++) {
            doubtful = new TreeMap<>(model);
            try {
                next().run();
            } catch (FaultyDisk.Crash _) {
                return;
            }
            model = doubtful;
            clock.advance(Duration.ofSeconds(random.nextInt(40)));
        }
        disk.crashNow(); // idle when the power went
    }

    private Operation next() {
        return switch (random.nextInt(12)) {
            case 0, 1, 2 -> put(randomKey(), randomBytes(), WriteCondition.NONE);
            case 3 -> put(randomKey(), randomBytes(), new WriteCondition(Optional.empty(), Optional.of("*")));
            case 4, 5 -> delete(randomKey());
            case 6 -> deleteMany(List.of(randomKey(), randomKey(), randomKey()));
            case 7, 8 -> copy(randomKey(), randomKey());
            case 9 -> multipart(randomKey(), true);
            case 10 -> multipart(randomKey(), false);
            default -> store.sweeper()::sweepOnce;
        };
    }

    private String randomKey() {
        return List.of("a", "a/b", "a/c", "a/d/e", "b", "c/", "c//x", "d").get(random.nextInt(8));
    }

    private byte[] randomBytes() {
        int size = random.nextBoolean() ? 1 + random.nextInt(2_000) : Limits.SMALL_BYTES - 50 + random.nextInt(100_000);
        return StoreFixture.random(size, random.nextLong());
    }

    private Operation put(String key, byte[] bytes, WriteCondition condition) {
        return () -> {
            try {
                if (condition.ifNoneMatch().isEmpty() || !model.containsKey(key)) {
                    doubtful.put(key, bytes);
                }
                store.objects()
                        .put(
                                new NewObject(
                                        BUCKET, key, bytes.length, Metadata.NONE, ACL, condition, BodyDigests.NONE),
                                StoreFixture.channel(bytes));
                assertThat(condition.ifNoneMatch().isPresent() && model.containsKey(key))
                        .isFalse();
            } catch (S3Exception.PreconditionFailed _) {
                assertThat(model).containsKey(key);
            }
        };
    }

    private Operation delete(String key) {
        return () -> {
            doubtful.remove(key);
            assertThat(store.objects().delete(BUCKET, key, WriteCondition.NONE).happened())
                    .isEqualTo(model.containsKey(key));
        };
    }

    private Operation deleteMany(List<String> keys) {
        return () -> {
            keys.forEach(doubtful::remove);
            store.objects()
                    .deleteAll(
                            BUCKET,
                            keys.stream()
                                    .map(key -> new Objects.Deletion(key, WriteCondition.NONE))
                                    .toList());
        };
    }

    private Operation copy(String from, String to) {
        return () -> {
            byte[] bytes = model.get(from);
            if (bytes != null) {
                doubtful.put(to, bytes);
            }
            try {
                store.objects()
                        .copy(new NewCopy(
                                new CopySource(BUCKET, from, ReadCondition.NONE),
                                BUCKET,
                                to,
                                Optional.of(Metadata.NONE),
                                ACL,
                                WriteCondition.NONE,
                                Optional.empty()));
                assertThat(bytes).isNotNull();
            } catch (S3Exception.NoSuchKey _) {
                assertThat(bytes).isNull();
            }
        };
    }

    private Operation multipart(String key, boolean complete) {
        byte[] first = randomBytes();
        byte[] second = randomBytes();
        return () -> {
            if (complete) {
                doubtful.put(key, second);
            }
            Upload upload = store.multipart()
                    .create(new NewUpload(
                            BUCKET, key, Metadata.NONE, ACL, StoreFixture.OWNER, Optional.empty(), Optional.empty()));
            putPart(upload, 1, first); // not taken, and its space comes back
            Part part = putPart(upload, 2, second);
            if (complete) {
                store.multipart().complete(StoreFixture.completion(upload, List.of(part)));
            } else {
                store.multipart().abort(BUCKET, key, upload.uploadId());
            }
        };
    }

    private Part putPart(Upload upload, int number, byte[] bytes) throws IOException {
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

    /** Finds out whether the interrupted operation took place. */
    private void settle() {
        if (isModel(doubtful)) {
            model = doubtful;
        }
    }

    private boolean isModel(Map<String, byte[]> candidate) {
        return candidate.keySet().equals(contents().keySet())
                && candidate.entrySet().stream()
                        .allMatch(entry -> Arrays.equals(entry.getValue(), StoreFixture.get(store, entry.getKey())));
    }

    private Map<String, StoredObject> contents() {
        var contents = new TreeMap<String, StoredObject>();
        String after = "";
        while (true) {
            Listing page = store.objects().list(new Listing.Query(BUCKET, "", "", after, 3));
            page.objects().forEach(object -> contents.put(object.key(), object));
            if (page.next().isEmpty()) {
                return contents;
            }
            after = page.next().get();
        }
    }

    private void requireModel() {
        assertThat(contents().keySet()).isEqualTo(model.keySet());
        model.forEach(
                (key, bytes) -> assertThat(StoreFixture.get(store, key)).as(key).isEqualTo(bytes));
        var levels = new ArrayList<String>();
        model.keySet().forEach(key -> {
            int slash = key.indexOf('/');
            if (slash >= 0 && !levels.contains(key.substring(0, slash + 1))) {
                levels.add(key.substring(0, slash + 1));
            }
        });
        assertThat(store.objects()
                        .list(new Listing.Query(BUCKET, "", "/", "", 100))
                        .commonPrefixes())
                .isEqualTo(levels);
    }

    /** The uploads that the crash left in progress are aborted, as their clients would; then nothing is without use. */
    private void requireNothingLeft() {
        store.multipart()
                .listUploads(new Upload.Query(BUCKET, "", "", "", "", 1_000))
                .uploads()
                .forEach(upload -> store.multipart().abort(BUCKET, upload.key(), upload.uploadId()));
        for (int i = 0; i < 3; i++) {
            clock.advance(Duration.ofHours(1));
            store.sweeper().sweepOnce();
        }
        requireModel();
        assertThat(disk.files()).hasSize(count('f'));
        assertThat(count('l') + count('x') + count('u') + count('r')).isZero();
        long small = 0;
        long blobs = 0;
        long parts = 0;
        for (StoredObject object : contents().values()) {
            switch (object.content()) {
                case Content.Empty() -> {}
                case Content.Small(long _) -> small++;
                case Content.Blob(String _) -> blobs++;
                case Content.Parts(String _) -> parts++;
            }
        }
        assertThat(count('p')).as("parts").isEqualTo((int) parts);
        assertThat(count('d') + count('f')).as("small contents and blobs").isEqualTo((int) (small + blobs + parts));
        assertThat(count('f')).as("blobs").isGreaterThanOrEqualTo((int) blobs);
    }

    private int count(char kind) {
        return map.scan(Keys.all(kind), Keys.behind(Keys.all(kind)), 10_000).size();
    }
}
