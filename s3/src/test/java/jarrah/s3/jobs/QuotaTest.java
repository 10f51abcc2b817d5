package jarrah.s3.jobs;

import static jarrah.s3.jobs.JobFixture.BUCKET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.s3.store.ObjectLock;
import jarrah.s3.store.Quotas;
import jarrah.s3.store.Quotas.Quota;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.WriteCondition;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How much a bucket with a quota takes. */
final class QuotaTest {
    private final JobFixture fixture = new JobFixture();
    private final Quotas quotas = fixture.store.quotas();

    private void put(String key, int size) {
        fixture.put(key, size, Map.of(), ObjectLock.NONE);
    }

    @Test
    void whatWasThereBeforeCountsWithWhatComes() {
        fixture.keepVersions();
        for (int i = 0; i < 2_100; i++) {
            put("key" + i, 1);
        }
        put("key0", 1);
        assertThat(quotas.set(BUCKET, 2_102, 0)).isEqualTo(new Quota(2_102, 0, 2_101, 2_101));
        put("another", 7);
        assertThat(quotas.get(BUCKET)).contains(new Quota(2_102, 0, 2_102, 2_108));
        assertThatThrownBy(() -> put("one more", 1)).isInstanceOf(S3Exception.QuotaExceeded.class);
        assertThat(fixture.exists("one more")).isFalse();
    }

    @Test
    void aReplacedObjectMakesRoom() {
        quotas.set(BUCKET, 1, 100);
        put("key", 100);
        put("key", 60);
        assertThatThrownBy(() -> put("other", 1)).isInstanceOf(S3Exception.QuotaExceeded.class);
        assertThatThrownBy(() -> put("key", 101)).isInstanceOf(S3Exception.QuotaExceeded.class);
        assertThat(quotas.get(BUCKET)).contains(new Quota(1, 100, 1, 60));
    }

    @Test
    void deletingMakesRoomButADeleteMarkerDoesNot() {
        quotas.set(BUCKET, 1, 0);
        put("key", 10);
        fixture.store.objects().delete(BUCKET, "key", WriteCondition.NONE);
        put("key", 20);
        fixture.keepVersions();
        fixture.store.objects().delete(BUCKET, "key", WriteCondition.NONE);
        assertThat(quotas.get(BUCKET)).contains(new Quota(1, 0, 1, 20));
        assertThatThrownBy(() -> put("key", 1)).isInstanceOf(S3Exception.QuotaExceeded.class);
    }

    @Test
    void writersThatComeTogetherDoNotPassTheLimitTogether() throws Exception {
        quotas.set(BUCKET, 5, 0);
        var taken = new AtomicInteger();
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                String key = "key" + i;
                pool.submit(() -> {
                    put(key, 1);
                    return taken.incrementAndGet();
                });
            }
        }
        assertThat(taken).hasValue(5);
        assertThat(quotas.get(BUCKET)).contains(new Quota(5, 0, 5, 5));
    }

    @Test
    void withoutAQuotaEverythingFits() {
        quotas.set(BUCKET, 1, 0);
        quotas.remove(BUCKET);
        put("a", 1);
        put("b", 1);
        assertThat(quotas.get(BUCKET)).isEmpty();
    }
}
