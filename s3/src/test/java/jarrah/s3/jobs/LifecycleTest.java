package jarrah.s3.jobs;

import static jarrah.s3.jobs.JobFixture.ACL;
import static jarrah.s3.jobs.JobFixture.BUCKET;
import static jarrah.s3.jobs.JobFixture.OWNER;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.s3.store.BucketSettings;
import jarrah.s3.store.Metadata;
import jarrah.s3.store.NewUpload;
import jarrah.s3.store.ObjectLock;
import jarrah.s3.store.Retention;
import jarrah.s3.store.StoredObject;
import jarrah.s3.store.Upload;
import jarrah.s3.store.VersionListing;
import jarrah.s3.store.WriteCondition;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a lifecycle does, and when. */
final class LifecycleTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final String ONE_DAY = "<Expiration><Days>1</Days></Expiration>";

    private final JobFixture fixture = new JobFixture();
    private final LifecycleRunner runner = new LifecycleRunner(fixture.store, fixture.clock, DAY, fixture.events);

    private void days(int count) {
        fixture.clock.advance(DAY.multipliedBy(count));
        runner.runOnce();
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-22T12:00:00Z, 1, 86400, 2026-11-24T00:00:00Z",
        "2026-11-22T00:00:00Z, 1, 86400, 2026-11-23T00:00:00Z",
        "2026-11-22T23:59:59Z, 365, 86400, 2027-11-23T00:00:00Z",
        "2026-11-22T12:00:00Z, 0, 86400, 2026-11-23T00:00:00Z",
        "2026-11-22T12:00:01Z, 3, 10, 2026-11-22T12:00:31Z",
    })
    void daysEndAtTheNextMidnightUnlessTheyAreShort(Instant created, int days, int daySeconds, Instant due) {
        var rules = new LifecycleRules(java.util.List.of(), Duration.ofSeconds(daySeconds), false);
        assertThat(rules.due(created, days)).isEqualTo(due);
    }

    @Test
    void anObjectEndsAtTheMidnightAfterItsDaysAndNotBefore() {
        fixture.lifecycle(ONE_DAY);
        fixture.put("key");
        days(1);
        assertThat(fixture.exists("key")).isTrue();
        fixture.clock.advance(Duration.ofHours(12));
        runner.runOnce();
        assertThat(fixture.exists("key")).isFalse();
    }

    @Test
    void theExpiryIsTold() {
        StoredObject object = fixture.put("key");
        String document = "<LifecycleConfiguration><Rule><ID>a rule</ID><Prefix/><Status>Enabled</Status>" + ONE_DAY
                + "</Rule></LifecycleConfiguration>";
        var rules = LifecycleRules.read(document.getBytes(UTF_8), DAY);
        assertThat(rules.expiry(object).map(LifecycleRules.Expiry::header))
                .contains("expiry-date=\"Tue, 24 Nov 2026 00:00:00 GMT\", rule-id=\"a%20rule\"");
    }

    @Test
    void onlyObjectsUnderThePrefixWithTheTagsAndOfTheSizeEnd() {
        fixture.lifecycle(
                "<And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>"
                        + "<ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></And>",
                ONE_DAY);
        fixture.put("a/meant", 6, Map.of("k", "v"), ObjectLock.NONE);
        fixture.put("a/small", 5, Map.of("k", "v"), ObjectLock.NONE);
        fixture.put("a/other", 6, Map.of("k", "w"), ObjectLock.NONE);
        fixture.put("b/other", 6, Map.of("k", "v"), ObjectLock.NONE);
        days(2);
        assertThat(fixture.versions())
                .extracting(version -> version.version().key())
                .containsExactly("a/other", "a/small", "b/other");
    }

    @Test
    void whereVersionsAreKeptTheCurrentOneIsMarkedAsDeletedAndTheMarkerGoesWhenItIsAlone() {
        fixture.keepVersions();
        fixture.lifecycle(ONE_DAY
                + "<NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays></NoncurrentVersionExpiration>");
        fixture.put("key");
        days(2);
        assertThat(fixture.exists("key")).isFalse();
        assertThat(fixture.versions()).hasSize(2);
        days(3);
        assertThat(fixture.versions())
                .extracting(version -> version.version().deleteMarker())
                .containsExactly(true);
        days(1);
        assertThat(fixture.versions()).isEmpty();
    }

    @Test
    void anExpiredDeleteMarkerGoesAtOnce() {
        fixture.keepVersions();
        fixture.lifecycle("<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>");
        fixture.put("kept");
        fixture.store.objects().delete(BUCKET, "kept", WriteCondition.NONE);
        fixture.store.objects().delete(BUCKET, "alone", WriteCondition.NONE);
        runner.runOnce();
        assertThat(fixture.versions())
                .extracting(version -> version.version().key())
                .containsExactly("kept", "kept");
    }

    @Test
    void theNewestVersionsThatAreNotCurrentStayIfTheRuleKeepsThem() {
        fixture.keepVersions();
        fixture.lifecycle("<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
                + "<NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration>");
        for (int i = 0; i < 5; i++) {
            fixture.put("key");
        }
        var newest = fixture.versions().subList(0, 3);
        days(2);
        assertThat(fixture.versions())
                .extracting(version -> version.version().version())
                .containsExactlyElementsOf(newest.stream()
                        .map(version -> version.version().version())
                        .toList());
    }

    @Test
    void whatIsLockedStays() {
        fixture.keepVersions();
        fixture.store.buckets().setObjectLock(BUCKET, Optional.empty());
        fixture.lifecycle(
                "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>");
        var until =
                new Retention(Retention.Mode.GOVERNANCE, fixture.clock.instant().plus(DAY.multipliedBy(10)));
        fixture.put("key", 10, Map.of(), new ObjectLock(Optional.of(until), Optional.empty()));
        fixture.put("key");
        days(5);
        assertThat(fixture.versions()).hasSize(2);
        days(6);
        assertThat(fixture.versions()).hasSize(1);
    }

    @Test
    void largeObjectsMoveToTheLastClassThatIsDueAndSmallOnesStay() {
        fixture.lifecycle("<Transition><Days>1</Days><StorageClass>INTELLIGENT_TIERING</StorageClass></Transition>"
                + "<Transition><Days>2</Days><StorageClass>GLACIER_IR</StorageClass></Transition>");
        fixture.put("large", 128 * 1024, Map.of(), ObjectLock.NONE);
        fixture.put("small");
        days(2);
        assertThat(storageClass("large")).isEqualTo("INTELLIGENT_TIERING");
        days(1);
        assertThat(storageClass("large")).isEqualTo("GLACIER_IR");
        assertThat(storageClass("small")).isEqualTo(Metadata.STANDARD);
    }

    @Test
    void theEndIsToldInWholeDaysWhereDaysAreShort() {
        fixture.lifecycle(ONE_DAY);
        StoredObject object = fixture.put("key");
        var document = fixture.store
                .settings()
                .get(BUCKET, BucketSettings.Kind.LIFECYCLE)
                .orElseThrow();
        Instant midnight = object.lastModified().truncatedTo(ChronoUnit.DAYS).plus(DAY.multipliedBy(2));
        var shortDays = LifecycleRules.read(document, Duration.ofSeconds(10));
        assertThat(shortDays.announced(object).map(LifecycleRules.Expiry::at)).contains(midnight);
        assertThat(shortDays.expiry(object).map(LifecycleRules.Expiry::at))
                .contains(object.lastModified().plusSeconds(10));
    }

    @Test
    void smallObjectsMoveWhereDaysAreShort() {
        fixture.lifecycle("<Transition><Days>1</Days><StorageClass>STANDARD_IA</StorageClass></Transition>");
        fixture.put("small");
        fixture.clock.advance(Duration.ofSeconds(10));
        new LifecycleRunner(fixture.store, fixture.clock, Duration.ofSeconds(10), fixture.events).runOnce();
        assertThat(storageClass("small")).isEqualTo("STANDARD_IA");
    }

    private String storageClass(String key) {
        return fixture.store.objects().head(BUCKET, key).metadata().storageClass();
    }

    @Test
    void unfinishedUploadsEnd() {
        fixture.lifecycle("<AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation>"
                + "</AbortIncompleteMultipartUpload>");
        fixture.store
                .multipart()
                .create(new NewUpload(BUCKET, "key", Metadata.NONE, ACL, OWNER, Optional.empty(), Optional.empty()));
        days(1);
        assertThat(uploads()).isEqualTo(1);
        days(2);
        assertThat(uploads()).isZero();
    }

    private int uploads() {
        return fixture.store
                .multipart()
                .listUploads(new Upload.Query(BUCKET, "", "", "", "", 10))
                .uploads()
                .size();
    }

    @Test
    void whatChangedAfterItWasSeenStays() {
        StoredObject seen = fixture.put("key");
        var bucket = fixture.store.buckets().get(BUCKET);
        fixture.put("key");
        assertThat(fixture.store.expirations().expire(bucket, seen)).isEmpty();
        assertThat(fixture.store.expirations().move(bucket, seen, "GLACIER_IR")).isFalse();
        VersionListing.Listed now = fixture.versions().getFirst();
        fixture.lifecycle(ONE_DAY);
        assertThat(fixture.store.expirations().expire(bucket, now.version()))
                .as("the rules may have changed")
                .isEmpty();
        assertThat(fixture.exists("key")).isTrue();
    }
}
