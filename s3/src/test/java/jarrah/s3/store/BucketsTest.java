package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.ACL;
import static jarrah.s3.store.StoreFixture.BUCKET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BucketsTest {
    private final StoreFixture fixture = new StoreFixture();
    private final Buckets buckets = fixture.store.buckets();

    private static NewBucket of(String name, String account, String owner, String region) {
        return new NewBucket(
                name, account, owner, region, CannedAcl.PRIVATE.expand(owner, owner), ObjectOwnership.OBJECT_WRITER);
    }

    @Test
    void aBucketIsThereAsItWasCreated() {
        Bucket bucket = buckets.get(BUCKET);
        assertThat(bucket.accountId()).isEqualTo(StoreFixture.ACCOUNT);
        assertThat(bucket.ownerId()).isEqualTo(StoreFixture.OWNER);
        assertThat(bucket.region()).isEqualTo("eu-west-1");
        assertThat(bucket.created()).isEqualTo("2026-11-22T12:00:00.123Z");
        assertThat(bucket.acl()).isEqualTo(ACL);
        assertThatThrownBy(() -> buckets.get("nowhere")).isInstanceOf(S3Exception.NoSuchBucket.class);
    }

    @Test
    void aNameIsTakenOnce() {
        assertThatThrownBy(() -> buckets.create(StoreFixture.bucket(BUCKET)))
                .isInstanceOf(S3Exception.BucketAlreadyOwnedByYou.class);
        assertThatThrownBy(() ->
                        buckets.create(of(BUCKET, StoreFixture.OTHER_ACCOUNT, StoreFixture.OTHER_OWNER, "us-east-1")))
                .isInstanceOf(S3Exception.BucketAlreadyExists.class);
    }

    @Test
    void inUsEast1OnesOwnBucketIsCreatedAgainOnlyAsItIs() {
        Bucket first = buckets.create(of("again", StoreFixture.ACCOUNT, StoreFixture.OWNER, "us-east-1"));
        Acl open = CannedAcl.PUBLIC_READ.expand(StoreFixture.OWNER, StoreFixture.OWNER);
        assertThat(buckets.create(of("again", StoreFixture.ACCOUNT, StoreFixture.OWNER, "us-east-1")))
                .isEqualTo(first);
        assertThatThrownBy(() -> buckets.create(new NewBucket(
                        "again",
                        StoreFixture.ACCOUNT,
                        StoreFixture.OWNER,
                        "us-east-1",
                        open,
                        ObjectOwnership.OBJECT_WRITER)))
                .isInstanceOf(S3Exception.BucketAlreadyExists.class);
        assertThat(buckets.get("again").acl()).isEqualTo(first.acl());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ab",
                "Upper",
                "under_score",
                "-dash",
                "dash-",
                ".dot",
                "dot.",
                "two..dots",
                "192.168.5.4",
                "xn--name",
                "sthree-x",
                "name-s3alias",
                "name--ol-s3",
                "name.mrap",
                "services",
                "a-.b",
                "a.-b",
                "with/slash",
                "with space",
                ""
            })
    void aNameThatAwsRefusesIsRefused(String name) {
        assertThatThrownBy(() -> buckets.create(StoreFixture.bucket(name)))
                .isInstanceOf(S3Exception.InvalidBucketName.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "a.b-c", "123", "1.2.3.4.5", "service"})
    void aNameThatAwsTakesIsTaken(String name) {
        assertThat(buckets.create(StoreFixture.bucket(name)).name()).isEqualTo(name);
    }

    @Test
    void aNameHasSixtyThreeCharactersAtMost() {
        buckets.create(StoreFixture.bucket("a".repeat(63)));
        assertThatThrownBy(() -> buckets.create(StoreFixture.bucket("a".repeat(64))))
                .isInstanceOf(S3Exception.InvalidBucketName.class);
    }

    @Test
    void anAccountsBucketsAreListedInPagesByName() {
        for (String name : List.of("pear", "apple", "plum", "peach")) {
            buckets.create(StoreFixture.bucket(name));
        }
        buckets.create(of("others", StoreFixture.OTHER_ACCOUNT, StoreFixture.OTHER_OWNER, "us-east-1"));
        assertThat(names(buckets.list(StoreFixture.ACCOUNT, "", "", 100)))
                .containsExactly("apple", BUCKET, "peach", "pear", "plum");
        Buckets.Page page = buckets.list(StoreFixture.ACCOUNT, "p", "", 2);
        assertThat(names(page)).containsExactly("peach", "pear");
        assertThat(page.next()).contains("pear");
        Buckets.Page last = buckets.list(StoreFixture.ACCOUNT, "p", "pear", 2);
        assertThat(names(last)).containsExactly("plum");
        assertThat(last.next()).isEmpty();
    }

    private static List<String> names(Buckets.Page page) {
        return page.buckets().stream().map(Bucket::name).toList();
    }

    @Test
    void onlyAnEmptyBucketIsDeletedAndItsNameIsFreeThen() {
        long id = buckets.get(BUCKET).id();
        fixture.put("key", new byte[] {1});
        assertThatThrownBy(() -> buckets.delete(BUCKET)).isInstanceOf(S3Exception.BucketNotEmpty.class);
        fixture.store.objects().delete(BUCKET, "key", WriteCondition.NONE);
        buckets.delete(BUCKET);
        assertThatThrownBy(() -> buckets.get(BUCKET)).isInstanceOf(S3Exception.NoSuchBucket.class);
        assertThat(buckets.list(StoreFixture.ACCOUNT, "", "", 10).buckets()).isEmpty();
        assertThat(buckets.create(StoreFixture.bucket(BUCKET)).id()).isNotEqualTo(id);
    }

    @Test
    void uploadsInProgressEndWithTheirBucketAndLeaveNothing() {
        Upload upload = fixture.begin("key");
        fixture.putPart(upload, 1, StoreFixture.random(StoreFixture.LARGE, 1));
        fixture.putPart(upload, 2, new byte[] {1});
        buckets.delete(BUCKET);
        buckets.create(StoreFixture.bucket(BUCKET));
        assertThatThrownBy(() -> fixture.putPart(upload, 3, new byte[] {1}))
                .isInstanceOf(S3Exception.NoSuchUpload.class);
        fixture.sweepAll();
        assertThat(fixture.disk.files()).isEmpty();
        assertThat(fixture.kv.scan(Keys.all('d'), Keys.all('e'), 10)).isEmpty();
        assertThat(fixture.kv.scan(Keys.all('p'), Keys.all('q'), 10)).isEmpty();
        assertThat(fixture.kv.scan(Keys.all('u'), Keys.all('v'), 10)).isEmpty();
    }

    // Either the put finds no bucket or the deletion finds an object: never both succeed.
    @Test
    void deletingABucketAndPuttingIntoItExcludeEachOther() throws Exception {
        for (int round = 0; round < 100; round++) {
            String name = "race-" + round;
            buckets.create(StoreFixture.bucket(name));
            var barrier = new CyclicBarrier(2);
            try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
                var deleted = pool.submit(() -> {
                    barrier.await(10, TimeUnit.SECONDS);
                    try {
                        buckets.delete(name);
                        return true;
                    } catch (S3Exception.BucketNotEmpty _) {
                        return false;
                    }
                });
                var put = pool.submit(() -> {
                    barrier.await(10, TimeUnit.SECONDS);
                    try {
                        fixture.put(
                                new NewObject(
                                        name, "key", 1, Metadata.NONE, ACL, WriteCondition.NONE, BodyDigests.NONE),
                                new byte[] {1});
                        return true;
                    } catch (S3Exception.NoSuchBucket _) {
                        return false;
                    }
                });
                assertThat(deleted.get(10, TimeUnit.SECONDS) ^ put.get(10, TimeUnit.SECONDS))
                        .isTrue();
            }
        }
    }
}
