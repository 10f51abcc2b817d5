package jarrah.s3.jobs;

import static jarrah.s3.jobs.JobFixture.BUCKET;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.s3.store.BucketSettings.Kind;
import jarrah.s3.store.Listing;
import jarrah.s3.store.StoredObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lines of access logs become objects of the bucket that is named. */
final class AccessLogTest {
    private final JobFixture fixture = new JobFixture();
    private final AccessLog log = new AccessLog(fixture.store, fixture.clock, Duration.ofDays(1), "eu-west-1");

    private void enable(String format) {
        fixture.create("logs");
        fixture.set(
                Kind.LOGGING,
                "<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetPrefix>p/</TargetPrefix>"
                        + format + "</LoggingEnabled></BucketLoggingStatus>");
    }

    private List<StoredObject> delivered() {
        return fixture.store
                .objects()
                .list(new Listing.Query("logs", "", "", "", 10))
                .objects();
    }

    private void note(String line) {
        log.logged(BUCKET).ifPresent(bucket -> log.note(bucket.name(), fixture.clock.instant(), line));
    }

    @Test
    void linesOfABucketComeTogetherInOneObject() {
        enable("");
        note("one");
        note("two");
        log.deliver();
        log.deliver();
        assertThat(delivered()).singleElement().satisfies(object -> {
            assertThat(object.key()).matches("p/2026-11-22-12-00-00-[0-9A-F]{16}");
            assertThat(object.size()).isEqualTo("one\ntwo\n".length());
        });
    }

    @Test
    void keysArePartedByDateOnRequest() {
        enable("<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource>"
                + "</PartitionedPrefix></TargetObjectKeyFormat>");
        note("one");
        log.close();
        assertThat(delivered())
                .singleElement()
                .satisfies(object -> assertThat(object.key())
                        .startsWith("p/111122223333/eu-west-1/my-bucket/2026/11/22/2026-11-22-12-00-00-"));
    }

    @Test
    void aBucketWithoutALogHasNone() {
        assertThat(log.logged(BUCKET)).isEmpty();
        assertThat(log.logged("nowhere")).isEmpty();
    }
}
