package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.ACL;
import static jarrah.s3.store.StoreFixture.BUCKET;
import static jarrah.s3.store.StoreFixture.random;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.storage.StoreChanges;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What caches in this process are told. */
final class GenerationsTest {
    private final StoreFixture fixture = new StoreFixture();

    private StoreChanges.Watch watch(String subject) {
        return fixture.store.changes().watch(subject);
    }

    @Test
    void everyChangeOfAnObjectRaisesItsGenerationBeforeItReturns() {
        try (var watch = watch(Subjects.object(BUCKET, "a/b"))) {
            assertThat(watch.generation()).isZero();
            long put = fixture.put("a/b", new byte[] {1}).generation();
            assertThat(watch.generation()).isEqualTo(put);
            long acl = fixture.store.objects().setAcl(BUCKET, "a/b", null, ACL).generation();
            assertThat(acl).isGreaterThan(put);
            assertThat(watch.generation()).isEqualTo(acl);
            long copy = fixture.store
                    .objects()
                    .copy(new NewCopy(
                            new CopySource(BUCKET, "a/b", ReadCondition.NONE),
                            BUCKET,
                            "a/b",
                            Optional.of(Metadata.NONE),
                            ACL,
                            WriteCondition.NONE,
                            Optional.empty()))
                    .generation();
            assertThat(watch.generation()).isEqualTo(copy).isGreaterThan(acl);
            Upload upload = fixture.begin("a/b");
            long completed = fixture.complete(upload, List.of(fixture.putPart(upload, 1, random(10, 1))))
                    .generation();
            assertThat(watch.generation()).isEqualTo(completed).isGreaterThan(copy);
            fixture.store.objects().delete(BUCKET, "a/b", WriteCondition.NONE);
            assertThat(watch.generation()).isZero();
            assertThat(fixture.put("a/b", new byte[] {1}).generation()).isGreaterThan(completed);
        }
    }

    @Test
    void deletingManyTellsOfEach() {
        fixture.put("a", new byte[] {1});
        fixture.put("b", new byte[] {1});
        try (var a = watch(Subjects.object(BUCKET, "a"));
                var b = watch(Subjects.object(BUCKET, "b"))) {
            fixture.store
                    .objects()
                    .deleteAll(
                            BUCKET,
                            List.of(
                                    new Objects.Deletion("a", WriteCondition.NONE),
                                    new Objects.Deletion("b", WriteCondition.NONE)));
            assertThat(a.generation()).isZero();
            assertThat(b.generation()).isZero();
        }
    }

    @Test
    void aWatchThatBeginsLaterFindsTheRecordedGeneration() {
        long put = fixture.put("key", new byte[] {1}).generation();
        try (var object = watch(Subjects.object(BUCKET, "key"));
                var bucket = watch(Subjects.bucket(BUCKET));
                var nothing = watch(Subjects.object("nowhere", "key"));
                var noBucket = watch(Subjects.bucket("nowhere"))) {
            assertThat(object.generation()).isEqualTo(put);
            assertThat(bucket.generation())
                    .isEqualTo(fixture.store.buckets().get(BUCKET).generation());
            assertThat(nothing.generation()).isZero();
            assertThat(noBucket.generation()).isZero();
        }
    }

    @Test
    void aBucketsGenerationFollowsItsAclAndItsEnd() {
        try (var watch = watch(Subjects.bucket(BUCKET))) {
            long before = watch.generation();
            fixture.put("key", new byte[] {1});
            assertThat(watch.generation()).as("objects do not count").isEqualTo(before);
            long acl = fixture.store.buckets().setAcl(BUCKET, ACL).generation();
            assertThat(watch.generation()).isEqualTo(acl).isGreaterThan(before);
            fixture.store.objects().delete(BUCKET, "key", WriteCondition.NONE);
            fixture.store.buckets().delete(BUCKET);
            assertThat(watch.generation()).isZero();
            Bucket again = fixture.store.buckets().create(StoreFixture.bucket(BUCKET));
            assertThat(watch.generation()).isEqualTo(again.generation()).isGreaterThan(acl);
        }
    }

    @Test
    void subjectsOfDifferentThingsDiffer() {
        assertThat(Subjects.object("a", "b/c")).isNotEqualTo(Subjects.object("a-b", "c"));
        assertThat(Subjects.bucket("a")).isNotEqualTo(Subjects.object("a", ""));
    }
}
