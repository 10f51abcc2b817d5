package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.ACL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Versions that must stay: by retention in either mode, by legal hold, by the bucket's default. */
final class ObjectLockTest {
    private static final String LOCKED = "locked-bucket";

    private final StoreFixture fixture = new StoreFixture();
    private final Objects objects = fixture.store.objects();
    private final Instant day = fixture.clock.instant().plus(Duration.ofDays(1));

    ObjectLockTest() {
        fixture.store
                .buckets()
                .create(new NewBucket(
                        LOCKED,
                        StoreFixture.ACCOUNT,
                        StoreFixture.OWNER,
                        "eu-west-1",
                        ACL,
                        ObjectOwnership.OBJECT_WRITER,
                        true));
    }

    private static Optional<Retention> governance(Instant until) {
        return Optional.of(new Retention(Retention.Mode.GOVERNANCE, until));
    }

    private static Optional<Retention> compliance(Instant until) {
        return Optional.of(new Retention(Retention.Mode.COMPLIANCE, until));
    }

    private StoredObject put(Optional<Retention> retention, Optional<Boolean> hold) {
        return put(LOCKED, new ObjectLock(retention, hold));
    }

    private StoredObject put(String bucket, ObjectLock lock) {
        return fixture.put(
                new NewObject(
                        bucket,
                        "key",
                        1,
                        Metadata.NONE,
                        ACL,
                        WriteCondition.NONE,
                        BodyDigests.NONE,
                        Map.of(),
                        lock,
                        Optional.empty()),
                new byte[] {1});
    }

    private void delete(VersionId version, boolean bypass) {
        objects.delete(LOCKED, new Objects.Deletion("key", Optional.of(version), WriteCondition.NONE, bypass));
    }

    private void requireLocked(VersionId version, boolean bypass) {
        assertThatThrownBy(() -> delete(version, bypass)).isInstanceOf(S3Exception.ObjectLocked.class);
    }

    @Test
    void aBucketWithObjectLockKeepsVersionsAndCannotStop() {
        assertThat(fixture.store.buckets().get(LOCKED).versioning()).isEqualTo(Versioning.ENABLED);
        assertThatThrownBy(() -> fixture.store.buckets().setVersioning(LOCKED, Versioning.SUSPENDED))
                .isInstanceOf(S3Exception.InvalidBucketState.class);
        assertThatThrownBy(() -> fixture.store.buckets().setObjectLock(StoreFixture.BUCKET, Optional.empty()))
                .isInstanceOf(S3Exception.InvalidBucketState.class);
        fixture.store.buckets().setVersioning(StoreFixture.BUCKET, Versioning.ENABLED);
        assertThat(fixture.store
                        .buckets()
                        .setObjectLock(StoreFixture.BUCKET, Optional.empty())
                        .objectLock())
                .isTrue();
    }

    @Test
    void governanceYieldsToWhoMayBypassIt() {
        VersionId version = put(governance(day), Optional.empty()).version();
        requireLocked(version, false);
        delete(version, true);
        assertThatThrownBy(() -> objects.head(LOCKED, "key", version)).isInstanceOf(S3Exception.NoSuchVersion.class);
    }

    @Test
    void complianceYieldsToNobodyBeforeItIsOver() {
        VersionId version = put(compliance(day), Optional.empty()).version();
        requireLocked(version, true);
        fixture.clock.advance(Duration.ofDays(1));
        delete(version, false);
    }

    @Test
    void aLegalHoldStandsUntilItIsEnded() {
        VersionId version = put(Optional.empty(), Optional.of(true)).version();
        requireLocked(version, true);
        objects.setLegalHold(LOCKED, "key", version, false);
        assertThat(objects.head(LOCKED, "key", version).lock().legalHold()).contains(false);
        delete(version, false);
    }

    @Test
    void aMarkerCanBePutOverALockedVersion() {
        VersionId version = put(compliance(day), Optional.empty()).version();
        Removal removal = objects.delete(LOCKED, "key", WriteCondition.NONE);
        assertThat(removal.deleteMarker()).isTrue();
        delete(java.util.Objects.requireNonNull(removal.version()), false);
        assertThat(objects.head(LOCKED, "key").version()).isEqualTo(version);
    }

    @Test
    void retentionGrowsFreelyAndShrinksOnlyByBypassInGovernance() {
        VersionId version = put(governance(day), Optional.empty()).version();
        objects.setRetention(LOCKED, "key", version, governance(day.plusSeconds(5)), false);
        for (Optional<Retention> weaker : List.of(governance(day), compliance(day), Optional.<Retention>empty())) {
            assertThatThrownBy(() -> objects.setRetention(LOCKED, "key", version, weaker, false))
                    .isInstanceOf(S3Exception.ObjectLocked.class);
        }
        objects.setRetention(LOCKED, "key", version, governance(day), true);
        objects.setRetention(LOCKED, "key", version, compliance(day), true);
        objects.setRetention(LOCKED, "key", version, compliance(day.plusSeconds(5)), false);
        for (Optional<Retention> weaker :
                List.of(governance(day.plusSeconds(9)), compliance(day), Optional.<Retention>empty())) {
            assertThatThrownBy(() -> objects.setRetention(LOCKED, "key", version, weaker, true))
                    .isInstanceOf(S3Exception.ObjectLocked.class);
        }
    }

    @Test
    void newVersionsGetTheDefaultUnlessTheyNameTheirOwn() {
        fixture.store
                .buckets()
                .setObjectLock(LOCKED, Optional.of(new DefaultRetention(Retention.Mode.COMPLIANCE, 0, 1)));
        Instant year = Instant.parse("2027-11-22T12:00:00.123Z");
        assertThat(put(Optional.empty(), Optional.of(true)).lock())
                .isEqualTo(new ObjectLock(compliance(year), Optional.of(true)));
        assertThat(put(governance(day), Optional.empty()).lock().retention()).isEqualTo(governance(day));
        Upload upload = fixture.store
                .multipart()
                .create(new NewUpload(
                        LOCKED,
                        "key",
                        Metadata.NONE,
                        ACL,
                        StoreFixture.OWNER,
                        Optional.empty(),
                        Optional.empty(),
                        Map.of("a", "b"),
                        ObjectLock.NONE,
                        Optional.empty()));
        StoredObject completed = fixture.complete(upload, List.of(fixture.putPart(upload, 1, new byte[] {1})));
        assertThat(completed.lock().retention()).isEqualTo(compliance(year));
        assertThat(completed.tags()).containsExactly(Map.entry("a", "b"));
    }

    @Test
    void locksNeedABucketThatHasThemAndATimeToCome() {
        assertThatThrownBy(() -> put(StoreFixture.BUCKET, new ObjectLock(governance(day), Optional.empty())))
                .isInstanceOf(S3Exception.MissingObjectLock.class);
        fixture.put("key", new byte[] {1});
        assertThatThrownBy(() -> objects.setLegalHold(StoreFixture.BUCKET, "key", null, true))
                .isInstanceOf(S3Exception.MissingObjectLock.class);
        assertThatThrownBy(() -> put(governance(fixture.clock.instant()), Optional.empty()))
                .isInstanceOf(S3Exception.RetentionInThePast.class);
    }
}
