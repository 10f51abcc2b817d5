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
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random operations on a bucket that keeps versions, now and then suspended, with crashes, compared with lists: every
 * version that was acknowledged is there, in order and byte for byte; what a crash interrupted is there as a whole or not
 * at all; listings of versions by pages show exactly that; and the sweeper leaves nothing behind.
 */
final class VersionModelTest {
    private static final int CRASHES = 8;
    private static final int OPERATIONS = 60;
    private static final List<String> KEYS = List.of("a", "a/b", "a/c", "b", "b\u0000c");

    private final MemoryKv map = new MemoryKv();
    private final FaultyDisk disk = new FaultyDisk();
    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-22T12:00:00Z"));
    private CrashingKv kv = new CrashingKv(map, disk);
    private S3Store store = open();
    private Model model = new Model(Versioning.UNSET, new TreeMap<>());
    private Model doubtful = model;
    private Random random = new Random();

    /**
     * A version as the model has it.
     *
     * @param bytes null for a delete marker
     * @param id null until the store has told it
     */
    private record Version(
            @Nullable ByteBuffer bytes,
            boolean isNull,
            @Nullable VersionId id) {
        boolean isLike(StoredObject stored) {
            return isNull == stored.version().isNull()
                    && (bytes == null) == stored.deleteMarker()
                    && (id == null || id.equals(stored.version()));
        }
    }

    /** All versions of each key, newest first. */
    private record Model(Versioning versioning, TreeMap<String, List<Version>> keys) {
        Model copy() {
            var copies = new TreeMap<String, List<Version>>();
            keys.forEach((key, versions) -> copies.put(key, new ArrayList<>(versions)));
            return new Model(versioning, copies);
        }

        List<Version> of(String key) {
            return keys.getOrDefault(key, List.of());
        }

        @Nullable
        Version current(String key) {
            List<Version> versions = of(key);
            return versions.isEmpty() || versions.getFirst().bytes == null ? null : versions.getFirst();
        }

        void add(String key, @Nullable ByteBuffer bytes) {
            boolean isNull = versioning != Versioning.ENABLED;
            List<Version> versions = keys.computeIfAbsent(key, _ -> new ArrayList<>());
            if (isNull) {
                versions.removeIf(Version::isNull);
            }
            versions.addFirst(new Version(bytes, isNull, null));
        }

        void remove(String key, Version version) {
            of(key).remove(version);
            if (of(key).isEmpty()) {
                keys.remove(key);
            }
        }

        /** Keeps the id that the store gave to the newest. */
        void name(String key, @Nullable VersionId id) {
            Version newest = of(key).getFirst();
            of(key).set(0, new Version(newest.bytes, newest.isNull, id));
        }
    }

    private S3Store open() {
        try {
            kv = new CrashingKv(map, disk);
            return new S3Store(kv, new FileBlobs(disk, StoreFixture.BLOBS, VerifyMode.FIRST_READ, 0), clock);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void versionsSurviveCrashes(long seed) throws Exception {
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
        return new Random(2027).longs(200).boxed().toList();
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("longSeeds")
    void versionsSurviveCrashesInLongCampaigns(long seed) throws Exception {
        versionsSurviveCrashes(seed);
    }

    private void workUntilCrash() throws IOException {
        for (int i = 0; i < OPERATIONS; i++) {
            doubtful = model.copy();
            try {
                work(KEYS.get(random.nextInt(KEYS.size())));
            } catch (FaultyDisk.Crash _) {
                return;
            }
            model = doubtful;
            clock.advance(Duration.ofSeconds(random.nextInt(40)));
        }
        disk.crashNow(); // idle when the power went
    }

    private void work(String key) throws IOException {
        switch (random.nextInt(10)) {
            case 0 -> setVersioning();
            case 1, 2, 3 -> put(key, WriteCondition.NONE);
            case 4 -> put(key, new WriteCondition(Optional.empty(), Optional.of("*")));
            case 5, 6 -> delete(key);
            case 7, 8 -> deleteVersion(key);
            default -> store.sweeper().sweepOnce();
        }
    }

    private void setVersioning() {
        Versioning next = random.nextInt(3) == 0 ? Versioning.SUSPENDED : Versioning.ENABLED;
        doubtful = new Model(next, model.copy().keys);
        store.buckets().setVersioning(BUCKET, next);
    }

    private void put(String key, WriteCondition condition) throws IOException {
        int size = random.nextBoolean() ? 1 + random.nextInt(500) : Limits.SMALL_BYTES + random.nextInt(20_000);
        byte[] bytes = StoreFixture.random(size, random.nextLong());
        boolean refused = condition.ifNoneMatch().isPresent() && model.current(key) != null;
        if (!refused) {
            doubtful.add(key, ByteBuffer.wrap(bytes));
        }
        try {
            StoredObject stored = store.objects()
                    .put(
                            new NewObject(BUCKET, key, size, Metadata.NONE, ACL, condition, BodyDigests.NONE),
                            StoreFixture.channel(bytes));
            assertThat(refused).isFalse();
            doubtful.name(key, stored.version());
        } catch (S3Exception.PreconditionFailed _) {
            assertThat(refused).isTrue();
        }
    }

    private void delete(String key) {
        if (model.versioning == Versioning.UNSET) {
            doubtful.keys.remove(key);
        } else {
            doubtful.add(key, null);
        }
        Removal removal = store.objects().delete(BUCKET, key, WriteCondition.NONE);
        if (model.versioning != Versioning.UNSET) {
            assertThat(removal.deleteMarker()).isTrue();
            doubtful.name(key, removal.version());
        }
    }

    private void deleteVersion(String key) {
        List<Version> versions = model.of(key);
        if (versions.isEmpty()) {
            return;
        }
        Version version = versions.get(random.nextInt(versions.size()));
        doubtful.remove(key, version);
        VersionId id = version.isNull ? VersionId.none(0) : java.util.Objects.requireNonNull(version.id);
        Removal removal =
                store.objects().delete(BUCKET, new Objects.Deletion(key, Optional.of(id), WriteCondition.NONE, false));
        assertThat(removal.happened()).isTrue();
        assertThat(removal.deleteMarker()).isEqualTo(version.bytes == null);
        assertThat(removal.exists()).isEqualTo(doubtful.current(key) != null);
    }

    private List<VersionListing.Listed> listed(int limit) {
        var all = new ArrayList<VersionListing.Listed>();
        String key = "";
        Optional<VersionId> version = Optional.empty();
        while (true) {
            VersionListing page =
                    store.objects().listVersions(new VersionListing.Query(BUCKET, "", "", key, version, limit));
            all.addAll(page.versions());
            if (page.nextKey().isEmpty()) {
                return all;
            }
            key = page.nextKey().get();
            version = page.nextVersion();
        }
    }

    /** Finds out whether the interrupted operation took place, and which id it gave. */
    private void settle() {
        boolean happened = store.buckets().get(BUCKET).versioning() == doubtful.versioning && isModel(doubtful);
        model = happened ? doubtful : model;
        for (VersionListing.Listed listed : listed(1_000)) {
            StoredObject stored = listed.version();
            Version newest = model.of(stored.key()).getFirst();
            if (listed.isLatest() && newest.id == null) {
                model.name(stored.key(), stored.version());
            }
        }
    }

    private boolean isModel(Model candidate) {
        List<VersionListing.Listed> listed = listed(1_000);
        int at = 0;
        for (String key : candidate.keys.keySet()) {
            for (Version version : candidate.of(key)) {
                if (at == listed.size()) {
                    return false;
                }
                StoredObject stored = listed.get(at++).version();
                if (!stored.key().equals(key) || !version.isLike(stored) || !holds(version, stored)) {
                    return false;
                }
            }
        }
        return at == listed.size();
    }

    private boolean holds(Version version, StoredObject stored) {
        if (version.bytes == null) {
            return true;
        }
        try (ObjectReader reader = store.objects().open(BUCKET, stored.key(), stored.version())) {
            return version.bytes.equals(ByteBuffer.wrap(
                    StoreFixture.range(reader, 0, reader.object().size())));
        }
    }

    private void requireModel() {
        assertThat(isModel(model)).as("versions: %s", model).isTrue();
        List<VersionListing.Listed> whole = listed(1_000);
        assertThat(listed(1 + random.nextInt(5))).isEqualTo(whole);
        var latest = new TreeSet<String>();
        whole.stream()
                .filter(VersionListing.Listed::isLatest)
                .forEach(one -> assertThat(latest.add(one.version().key())).isTrue());
        assertThat(latest).isEqualTo(model.keys.keySet());
        var current = new TreeSet<String>();
        store.objects()
                .list(new Listing.Query(BUCKET, "", "", "", 1_000))
                .objects()
                .forEach(object -> current.add(object.key()));
        for (String key : KEYS) {
            assertThat(current.contains(key)).isEqualTo(model.current(key) != null);
        }
    }

    private void requireNothingLeft() {
        for (int i = 0; i < 3; i++) {
            clock.advance(Duration.ofHours(1));
            store.sweeper().sweepOnce();
        }
        requireModel();
        long contents = listed(1_000).stream()
                .filter(listed -> !(listed.version().content() instanceof Content.Empty))
                .count();
        long nulls = model.keys.values().stream()
                .flatMap(versions -> versions.stream()
                        .filter(version ->
                                version.isNull && (!version.equals(versions.getFirst()) || version.bytes == null)))
                .count();
        assertThat(disk.files()).hasSize(count('f'));
        assertThat(count('d') + count('f')).as("small contents and blobs").isEqualTo((int) contents);
        assertThat(count('w')).as("null versions that are not current").isEqualTo((int) nulls);
    }

    private int count(char kind) {
        return map.scan(Keys.all(kind), Keys.behind(Keys.all(kind)), 10_000).size();
    }
}
