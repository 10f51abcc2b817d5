package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.ACL;
import static jarrah.s3.store.StoreFixture.BUCKET;
import static jarrah.s3.store.StoreFixture.LARGE;
import static jarrah.s3.store.StoreFixture.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.storage.StoreChanges;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of an object's versions when it is put, deleted and brought back. */
final class VersioningTest {
    private final StoreFixture fixture = new StoreFixture();
    private final Objects objects = fixture.store.objects();

    private void versioning(Versioning versioning) {
        fixture.store.buckets().setVersioning(BUCKET, versioning);
    }

    private VersionId put(int seed) {
        return fixture.put("key", random(10, seed)).version();
    }

    private byte[] bytes(VersionId version) {
        try (ObjectReader reader = objects.open(BUCKET, "key", version)) {
            return StoreFixture.range(reader, 0, reader.object().size());
        }
    }

    private Removal delete() {
        return objects.delete(BUCKET, "key", WriteCondition.NONE);
    }

    private Removal delete(VersionId version) {
        return objects.delete(BUCKET, new Objects.Deletion("key", Optional.of(version), WriteCondition.NONE, false));
    }

    private static VersionId asked(VersionId version) {
        return java.util.Objects.requireNonNull(VersionId.parse(version.text()));
    }

    /** Each version as a letter: M for a marker, V for another, small if it is the null version, with ! if it is latest. */
    private String versions() {
        var text = new StringBuilder();
        for (VersionListing.Listed listed :
                list("", "", Optional.empty(), 1_000).versions()) {
            String letter = listed.version().deleteMarker() ? "M" : "V";
            text.append(listed.version().version().isNull() ? letter.toLowerCase(java.util.Locale.ROOT) : letter);
            text.append(listed.isLatest() ? "!" : "");
        }
        return text.toString();
    }

    private VersionListing list(String prefix, String after, Optional<VersionId> version, int limit) {
        return objects.listVersions(new VersionListing.Query(BUCKET, prefix, "", after, version, limit));
    }

    @Test
    void anObjectOfABucketWithoutVersionsIsTheNullVersion() {
        VersionId first = put(1);
        assertThat(first.text()).isEqualTo("null");
        assertThat(bytes(asked(first))).isEqualTo(random(10, 1));
        put(2);
        assertThat(versions()).isEqualTo("v!");
        assertThat(delete(VersionId.none(0)).happened()).isTrue();
        assertThat(versions()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, LARGE})
    void eachPutMakesAVersionAndKeepsTheOthers(int size) {
        VersionId before = fixture.put("key", random(size, 1)).version();
        versioning(Versioning.ENABLED);
        VersionId first = fixture.put("key", random(size, 2)).version();
        VersionId second = fixture.put("key", random(size, 3)).version();
        assertThat(List.of(before, first, second)).doesNotHaveDuplicates();
        assertThat(first.text()).matches("[0-9a-f]{32}");
        assertThat(bytes(asked(before))).isEqualTo(random(size, 1));
        assertThat(bytes(asked(first))).isEqualTo(random(size, 2));
        assertThat(bytes(asked(second))).isEqualTo(random(size, 3));
        assertThat(fixture.get("key")).isEqualTo(random(size, 3));
        assertThat(versions()).isEqualTo("V!Vv");
        assertThat(objects.list(new Listing.Query(BUCKET, "", "", "", 10)).objects())
                .hasSize(1);
    }

    @Test
    void aDeleteMarkerHidesTheObjectUntilItIsDeletedItself() {
        versioning(Versioning.ENABLED);
        VersionId version = put(1);
        Removal removal = delete();
        VersionId marker = java.util.Objects.requireNonNull(removal.version());
        assertThat(removal.deleteMarker()).isTrue();
        assertThat(versions()).isEqualTo("M!V");
        assertThatThrownBy(() -> objects.head(BUCKET, "key"))
                .isInstanceOfSatisfying(
                        S3Exception.NoSuchKey.class,
                        missing -> assertThat(missing.headers())
                                .containsEntry("x-amz-delete-marker", "true")
                                .containsEntry("x-amz-version-id", marker.text()));
        assertThatThrownBy(() -> objects.head(BUCKET, "key", marker))
                .isInstanceOfSatisfying(S3Exception.IsDeleteMarker.class, refused -> {
                    assertThat(refused.status()).isEqualTo(405);
                    assertThat(refused.headers()).containsEntry("Allow", "DELETE");
                });
        assertThat(bytes(version)).isEqualTo(random(10, 1));
        assertThat(objects.list(new Listing.Query(BUCKET, "", "", "", 10)).objects())
                .isEmpty();
        Removal undone = delete(asked(marker));
        assertThat(undone.deleteMarker()).isTrue();
        assertThat(fixture.get("key")).isEqualTo(random(10, 1));
        assertThat(versions()).isEqualTo("V!");
    }

    @Test
    void deletingTheCurrentVersionBringsTheNextNewestBack() {
        put(0);
        versioning(Versioning.ENABLED);
        VersionId first = put(1);
        VersionId second = put(2);
        VersionId third = put(3);
        delete(second);
        assertThat(fixture.get("key")).isEqualTo(random(10, 3));
        delete(third);
        assertThat(fixture.get("key")).isEqualTo(random(10, 1));
        delete(first);
        assertThat(fixture.get("key")).isEqualTo(random(10, 0));
        assertThat(versions()).isEqualTo("v!");
        delete(VersionId.none(0));
        assertThat(fixture.find("key")).isNull();
        assertThat(delete(first).happened()).as("deleted already").isFalse();
    }

    @Test
    void ofSeveralMarkersTheNewestCounts() {
        versioning(Versioning.ENABLED);
        put(1);
        VersionId lower = java.util.Objects.requireNonNull(delete().version());
        VersionId upper = java.util.Objects.requireNonNull(delete().version());
        assertThat(versions()).isEqualTo("M!MV");
        delete(upper);
        assertThat(fixture.find("key")).isNull();
        assertThat(versions()).isEqualTo("M!V");
        put(2);
        delete(lower);
        assertThat(versions()).isEqualTo("V!V");
    }

    @Test
    void aSuspendedBucketReplacesTheNullVersionOnly() {
        versioning(Versioning.ENABLED);
        VersionId kept = put(1);
        versioning(Versioning.SUSPENDED);
        assertThat(put(2).isNull()).isTrue();
        assertThat(put(3).isNull()).isTrue();
        assertThat(versions()).isEqualTo("v!V");
        versioning(Versioning.ENABLED);
        put(4);
        assertThat(versions()).isEqualTo("V!vV");
        versioning(Versioning.SUSPENDED);
        put(5);
        assertThat(versions()).as("the null version moves to the front").isEqualTo("v!VV");
        Removal removal = delete();
        assertThat(removal.version()).matches(VersionId::isNull);
        assertThat(versions()).isEqualTo("m!VV");
        put(6);
        assertThat(versions()).isEqualTo("v!VV");
        assertThat(bytes(kept)).isEqualTo(random(10, 1));
        fixture.sweepAll();
        assertThat(bytes(kept)).isEqualTo(random(10, 1));
    }

    @Test
    void idsThatWereNeverGivenAreNotFound() {
        versioning(Versioning.ENABLED);
        VersionId version = put(1);
        assertThatThrownBy(() -> objects.head(BUCKET, "key", new VersionId(version.number(), version.salt() + 1)))
                .isInstanceOf(S3Exception.NoSuchVersion.class);
        assertThatThrownBy(() -> objects.head(BUCKET, "other", version)).isInstanceOf(S3Exception.NoSuchVersion.class);
        assertThatThrownBy(() -> objects.head(BUCKET, "key", VersionId.none(0)))
                .isInstanceOf(S3Exception.NoSuchVersion.class);
        assertThat(VersionId.parse("x".repeat(32))).isNull();
        assertThat(VersionId.parse("")).isNull();
        for (long number : new long[] {1, 77, Long.MAX_VALUE}) {
            var id = new VersionId(number, VersionId.newSalt());
            assertThat(VersionId.parse(id.text())).isEqualTo(id);
        }
    }

    @Test
    void aBucketIsNotEmptyWhileVersionsOrMarkersStand() {
        versioning(Versioning.ENABLED);
        VersionId version = put(1);
        VersionId marker = java.util.Objects.requireNonNull(delete().version());
        delete(version);
        assertThatThrownBy(() -> fixture.store.buckets().delete(BUCKET)).isInstanceOf(S3Exception.BucketNotEmpty.class);
        delete(marker);
        fixture.store.buckets().delete(BUCKET);
    }

    @Test
    void theSpaceOfDeletedVersionsComesBack() {
        versioning(Versioning.ENABLED);
        var ids = new ArrayList<VersionId>();
        for (int i = 0; i < 4; i++) {
            ids.add(fixture.put("key", random(LARGE, i)).version());
        }
        Upload upload = fixture.begin("key");
        ids.add(fixture.complete(upload, List.of(fixture.putPart(upload, 1, random(LARGE, 5))))
                .version());
        fixture.sweepAll();
        assertThat(fixture.disk.files()).hasSize(5);
        ids.forEach(this::delete);
        fixture.sweepAll();
        assertThat(fixture.disk.files()).isEmpty();
    }

    @Test
    void aclAndTagsAreThoseOfAVersion() {
        versioning(Versioning.ENABLED);
        VersionId first = put(1);
        VersionId second = put(2);
        Acl open = CannedAcl.PUBLIC_READ.expand(StoreFixture.OWNER, StoreFixture.OWNER);
        objects.setAcl(BUCKET, "key", first, open);
        objects.setTags(BUCKET, "key", second, Map.of("a", "b"));
        assertThat(objects.head(BUCKET, "key", first).acl()).isEqualTo(open);
        assertThat(objects.head(BUCKET, "key").acl()).isEqualTo(ACL);
        assertThat(objects.head(BUCKET, "key").tags()).containsExactly(Map.entry("a", "b"));
        assertThat(objects.head(BUCKET, "key", first).tags()).isEmpty();
        assertThat(bytes(first)).isEqualTo(random(10, 1));
    }

    @Test
    void aCopyIsMadeOfTheNamedVersion() {
        versioning(Versioning.ENABLED);
        VersionId first = put(1);
        put(2);
        StoredObject copy = objects.copy(new NewCopy(
                new CopySource(BUCKET, "key", Optional.of(first), ReadCondition.NONE),
                BUCKET,
                "key",
                Optional.empty(),
                ACL,
                WriteCondition.NONE,
                Optional.empty()));
        assertThat(fixture.get("key")).isEqualTo(random(10, 1));
        assertThat(copy.version()).isNotEqualTo(first);
        assertThat(versions()).isEqualTo("V!VV");
    }

    @Test
    void conditionsAreAboutTheCurrentVersion() {
        versioning(Versioning.ENABLED);
        var absent = new WriteCondition(Optional.empty(), Optional.of("*"));
        var present = new WriteCondition(Optional.of("*"), Optional.empty());
        VersionId first = fixture.put("key", random(10, 1), absent).version();
        assertThatThrownBy(() -> fixture.put("key", random(10, 2), absent))
                .isInstanceOf(S3Exception.PreconditionFailed.class);
        fixture.put("key", random(10, 3), present);
        delete();
        assertThatThrownBy(() -> fixture.put("key", random(10, 4), present)).isInstanceOf(S3Exception.NoSuchKey.class);
        var size = new WriteCondition(Optional.empty(), Optional.empty(), Optional.of(10L), Optional.empty());
        assertThatThrownBy(() -> objects.delete(BUCKET, "key", size))
                .as("the marker has no bytes")
                .isInstanceOf(S3Exception.PreconditionFailed.class);
        var tag = new WriteCondition(Optional.of("other"), Optional.empty());
        assertThatThrownBy(() -> objects.delete(BUCKET, new Objects.Deletion("key", Optional.of(first), tag, false)))
                .isInstanceOf(S3Exception.PreconditionFailed.class);
        fixture.put("key", random(10, 5), absent);
        assertThat(versions()).isEqualTo("V!MVV");
    }

    @Test
    void everyChangeOfTheCurrentVersionRaisesTheGeneration() {
        versioning(Versioning.ENABLED);
        VersionId first = put(1);
        try (StoreChanges.Watch watch = fixture.store.changes().watch(Subjects.object(BUCKET, "key"))) {
            long one = watch.generation();
            VersionId second = put(2);
            long two = watch.generation();
            assertThat(two).isGreaterThan(one);
            objects.setTags(BUCKET, "key", first, Map.of("old", "1"));
            assertThat(watch.generation()).as("not of the current version").isEqualTo(two);
            objects.setTags(BUCKET, "key", null, Map.of("new", "1"));
            long three = watch.generation();
            assertThat(three).isGreaterThan(two);
            delete(second);
            long four = watch.generation();
            assertThat(four).as("the first is current again").isGreaterThan(three);
            assertThat(objects.head(BUCKET, "key").generation()).isEqualTo(four);
            VersionId marker = java.util.Objects.requireNonNull(delete().version());
            assertThat(watch.generation()).isZero();
            delete(marker);
            assertThat(watch.generation()).isGreaterThan(four);
            assertThat(objects.head(BUCKET, "key").generation()).isEqualTo(watch.generation());
        }
    }

    @Test
    void versionsAreOlderTheFurtherDownTheyStand() {
        versioning(Versioning.ENABLED);
        var seeds = new ArrayList<Long>();
        for (int i = 0; i < 5; i++) {
            put(i);
            fixture.clock.advance(Duration.ofSeconds(1));
        }
        list("", "", Optional.empty(), 10)
                .versions()
                .forEach(listed -> seeds.add(listed.version().lastModified().getEpochSecond()));
        assertThat(seeds)
                .isSortedAccordingTo(java.util.Comparator.reverseOrder())
                .hasSize(5);
    }
}
