package jarrah.s3.jobs;

import static jarrah.s3.jobs.JobFixture.BUCKET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.s3.remote.RemoteBuckets;
import jarrah.s3.settings.Replication;
import jarrah.s3.store.BodyDigests;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings.Kind;
import jarrah.s3.store.ByteSink;
import jarrah.s3.store.Completion;
import jarrah.s3.store.Encryption;
import jarrah.s3.store.Metadata;
import jarrah.s3.store.Multipart;
import jarrah.s3.store.NewObject;
import jarrah.s3.store.NewUpload;
import jarrah.s3.store.ObjectLock;
import jarrah.s3.store.ObjectReader;
import jarrah.s3.store.Objects;
import jarrah.s3.store.Part;
import jarrah.s3.store.Protection;
import jarrah.s3.store.Removal;
import jarrah.s3.store.ReplicationState.Status;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.StoreCheck;
import jarrah.s3.store.StoredObject;
import jarrah.s3.store.Upload;
import jarrah.s3.store.VersionListing;
import jarrah.s3.store.Versioning;
import jarrah.s3.store.WriteCondition;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What reaches the buckets that a replication configuration names. */
final class ReplicationTest {
    private static final String COPIES = "copies";

    private final JobFixture fixture = new JobFixture();
    private boolean allowed = true;
    private final Replicator replicator = new Replicator(
            fixture.store,
            fixture.clock,
            new Replicator.Gate() {
                @Override
                public boolean allows(Bucket source, Bucket destination, String role, StoredObject version) {
                    return allowed;
                }

                @Override
                public Optional<Protection> protection(
                        Bucket destination, StoredObject version, Replication.Rule rule) {
                    return Optional.empty();
                }
            },
            RemoteBuckets.none(fixture.clock));

    @BeforeEach
    void twoBuckets() {
        fixture.keepVersions();
        fixture.create(COPIES);
        fixture.store.buckets().setVersioning(COPIES, Versioning.ENABLED);
    }

    private void rule(String filter, String more) {
        fixture.set(Kind.REPLICATION, """
                <ReplicationConfiguration><Role>arn:aws:iam::111122223333:role/r</Role><Rule><Status>Enabled</Status>\
                <Priority>1</Priority><Filter>%s</Filter><DeleteMarkerReplication><Status>%s</Status>\
                </DeleteMarkerReplication><Destination><Bucket>arn:aws:s3:::copies</Bucket></Destination></Rule>\
                </ReplicationConfiguration>""".formatted(filter, more));
    }

    private List<VersionListing.Listed> copies() {
        return fixture.store
                .objects()
                .listVersions(new VersionListing.Query(COPIES, "", "", "", Optional.empty(), 1_000))
                .versions();
    }

    private Optional<Status> status(String bucket, String key) {
        return fixture.store.objects().head(bucket, key).replication().map(there -> there.status());
    }

    private long bytes(StoredObject object) throws IOException {
        long[] count = new long[1];
        try (ObjectReader reader = fixture.store.objects().open(COPIES, object.key(), object.version())) {
            reader.send(0, object.size(), new jarrah.s3.store.ByteSink() {
                @Override
                public void write(ByteBuffer bytes) {
                    count[0] += bytes.remaining();
                }

                @Override
                public void transfer(FileChannel file, long position, long length) {
                    count[0] += length;
                }
            });
        }
        return count[0];
    }

    @Test
    void aVersionIsCopiedWithItsIdTimeTagsAndBytes() throws IOException {
        rule("", "Disabled");
        StoredObject put = fixture.put("key", 300_000, Map.of("k", "v"), ObjectLock.NONE);
        assertThat(put.replication().map(there -> there.status())).contains(Status.PENDING);
        fixture.clock.advance(java.time.Duration.ofMinutes(1));
        replicator.runOnce();
        StoredObject copy = fixture.store.objects().head(COPIES, "key");
        assertThat(copy.version()).isEqualTo(put.version());
        assertThat(copy.lastModified()).isEqualTo(put.lastModified());
        assertThat(copy.etag()).isEqualTo(put.etag());
        assertThat(copy.tags()).isEqualTo(put.tags());
        assertThat(bytes(copy)).isEqualTo(300_000);
        assertThat(status(BUCKET, "key")).contains(Status.COMPLETED);
        assertThat(status(COPIES, "key")).contains(Status.REPLICA);
        assertThat(fixture.store.replications().list(0, 10)).isEmpty();
    }

    private StoredObject upload(String key, Optional<byte[]> customerKey, int... sizes) throws IOException {
        Multipart multipart = fixture.store.multipart();
        Upload upload = multipart.create(new NewUpload(
                BUCKET,
                key,
                Metadata.NONE,
                JobFixture.ACL,
                JobFixture.OWNER,
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                ObjectLock.NONE,
                customerKey.map(one -> Encryption.customer(md5(one)))));
        var named = new ArrayList<Part.Named>();
        for (int i = 0; i < sizes.length; i++) {
            var bytes = new byte[sizes[i]];
            Arrays.fill(bytes, (byte) (i + 1));
            Part part = multipart.putPart(
                    BUCKET,
                    key,
                    upload.uploadId(),
                    10 * i + 3,
                    sizes[i],
                    BodyDigests.NONE,
                    customerKey,
                    channel(bytes));
            named.add(new Part.Named(part.number(), part.etag(), Optional.empty()));
        }
        return multipart.complete(new Completion(
                BUCKET,
                key,
                upload.uploadId(),
                named,
                WriteCondition.NONE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    }

    private static ReadableByteChannel channel(byte[] bytes) {
        return Channels.newChannel(new ByteArrayInputStream(bytes));
    }

    private static String md5(byte[] bytes) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] content(String bucket, StoredObject object, Optional<byte[]> customerKey) throws IOException {
        var all = new ByteArrayOutputStream();
        try (ObjectReader reader = fixture.store.objects().open(bucket, object.key(), object.version())) {
            reader.unlock(customerKey);
            reader.send(0, object.size(), new ByteSink() {
                @Override
                public void write(ByteBuffer bytes) {
                    var copy = new byte[bytes.remaining()];
                    bytes.get(copy);
                    all.writeBytes(copy);
                }

                @Override
                public void transfer(FileChannel file, long position, long length) throws IOException {
                    var bytes = ByteBuffer.allocate((int) length);
                    while (bytes.hasRemaining() && file.read(bytes, position + bytes.position()) >= 0) {}
                    all.writeBytes(bytes.array());
                }
            });
        }
        return all.toByteArray();
    }

    private void nothingIsDamaged() {
        var damaged = new ArrayList<String>();
        fixture.store.check().verify(true, new StoreCheck.Listener<RuntimeException>() {
            @Override
            public void progress(long contents, long bytes) {}

            @Override
            public void damaged(String subject, String why) {
                damaged.add(subject + ": " + why);
            }
        });
        assertThat(damaged).isEmpty();
    }

    private void sweep() {
        fixture.clock.advance(Duration.ofDays(8));
        fixture.store.sweeper().sweepOnce();
    }

    @Test
    void aReplicaHasThePartsOfItsSource() throws IOException {
        rule("", "Disabled");
        StoredObject put = upload("key", Optional.empty(), 5 << 20, 5 << 20, 1_000);
        replicator.runOnce();
        sweep();
        StoredObject copy = fixture.store.objects().head(COPIES, "key");
        assertThat(copy.etag()).isEqualTo(put.etag());
        assertThat(copy.parts()).isEqualTo(3);
        assertThat(content(COPIES, copy, Optional.empty())).isEqualTo(content(BUCKET, put, Optional.empty()));
        try (ObjectReader reader = fixture.store.objects().open(COPIES, "key")) {
            assertThat(reader.part(2)).isEqualTo(new ObjectReader.Range(5 << 20, 5 << 20));
            assertThat(fixture.store.objects().parts(reader, 0, 10))
                    .extracting(Part::number)
                    .containsExactly(3, 13, 23);
        }
        assertThat(status(BUCKET, "key")).contains(Status.COMPLETED);
        nothingIsDamaged();
    }

    @Test
    void whatAClientsKeySealsIsOpenedByTheSameKey() throws IOException {
        rule("", "Disabled");
        var key = new byte[32];
        Arrays.fill(key, (byte) 7);
        StoredObject parts = upload("parts", Optional.of(key), 5 << 20, 100_000);
        for (int size : new int[] {0, 100, 300_000}) {
            var bytes = new byte[size];
            Arrays.fill(bytes, (byte) 5);
            var protection = new Protection(Encryption.customer(md5(key)), key, true);
            StoredObject put = fixture.store
                    .objects()
                    .put(
                            new NewObject(
                                    BUCKET,
                                    "whole" + size,
                                    size,
                                    Metadata.NONE,
                                    JobFixture.ACL,
                                    WriteCondition.NONE,
                                    BodyDigests.NONE,
                                    Map.of(),
                                    ObjectLock.NONE,
                                    Optional.of(protection)),
                            channel(bytes));
            replicator.runOnce();
            StoredObject copy = fixture.store.objects().head(COPIES, put.key());
            assertThat(copy.etag()).isEqualTo(put.etag());
            assertThat(content(COPIES, copy, Optional.of(key))).isEqualTo(bytes);
            assertThatThrownBy(() -> content(COPIES, copy, Optional.of(new byte[32])))
                    .isInstanceOf(S3Exception.WrongCustomerKey.class);
        }
        StoredObject copy = fixture.store.objects().head(COPIES, "parts");
        assertThat(content(COPIES, copy, Optional.of(key))).isEqualTo(content(BUCKET, parts, Optional.of(key)));
        assertThat(status(BUCKET, "parts")).contains(Status.COMPLETED);
        sweep();
        nothingIsDamaged();
    }

    @Test
    void partsThatWereCopiedForNothingAreGivenBack() throws IOException {
        rule("", "Disabled");
        upload("key", Optional.empty(), 5 << 20, 1_000);
        long before = fixture.store.check().stats().partBytes();
        fixture.store.buckets().setVersioning(COPIES, Versioning.SUSPENDED);
        replicator.runOnce();
        assertThat(status(BUCKET, "key")).contains(Status.FAILED);
        sweep();
        assertThat(fixture.store.check().stats().partBytes()).isEqualTo(before);
        assertThat(fixture.store.sweeper().waiting()).isZero();
        nothingIsDamaged();
    }

    @Test
    void onlyWhatTheFilterMeansIsCopied() {
        rule("<And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And>", "Disabled");
        fixture.put("a/meant", 1, Map.of("k", "v"), ObjectLock.NONE);
        fixture.put("a/untagged");
        fixture.put("b/beside", 1, Map.of("k", "v"), ObjectLock.NONE);
        replicator.runOnce();
        assertThat(copies()).extracting(one -> one.version().key()).containsExactly("a/meant");
        assertThat(status(BUCKET, "a/untagged")).isEmpty();
    }

    @Test
    void versionsStandInTheOrderInWhichTheyWereWrittenWhateverTheOrderOfCopying() {
        rule("", "Enabled");
        fixture.put("key");
        fixture.put("key");
        Removal marker = fixture.store.objects().delete(BUCKET, "key", WriteCondition.NONE);
        var tasks = fixture.store.replications().list(0, 10);
        assertThat(tasks).hasSize(3);
        var replica =
                new jarrah.s3.store.Replications.Replica(COPIES, Optional.empty(), Optional.empty(), Optional.empty());
        for (var task : tasks.reversed()) {
            StoredObject version = fixture.store.replications().source(task).orElseThrow();
            fixture.store.replications().replicate(BUCKET, version, replica);
        }
        assertThat(copies())
                .extracting(one -> one.version().version())
                .containsExactlyElementsOf(fixture.versions().stream()
                        .map(one -> one.version().version())
                        .toList());
        assertThat(copies().getFirst().version().version()).isEqualTo(marker.version());
        assertThat(copies().getFirst().isLatest()).isTrue();
    }

    @Test
    void deleteMarkersStayBehindUnlessAskedForAndDeletedVersionsAlways() {
        rule("", "Disabled");
        StoredObject put = fixture.put("key");
        replicator.runOnce();
        fixture.store.objects().delete(BUCKET, "key", WriteCondition.NONE);
        replicator.runOnce();
        assertThat(fixture.store.objects().head(COPIES, "key").version()).isEqualTo(put.version());
        for (VersionListing.Listed each : fixture.versions()) {
            var version = Optional.of(each.version().version());
            fixture.store.objects().delete(BUCKET, new Objects.Deletion("key", version, WriteCondition.NONE, false));
        }
        assertThat(fixture.versions()).isEmpty();
        replicator.runOnce();
        assertThat(copies()).hasSize(1);
    }

    @Test
    void changedTagsReachTheReplica() {
        rule("", "Disabled");
        fixture.put("key");
        replicator.runOnce();
        fixture.store.objects().setTags(BUCKET, "key", null, Map.of("new", "tag"));
        assertThat(status(BUCKET, "key")).contains(Status.PENDING);
        replicator.runOnce();
        assertThat(fixture.store.objects().head(COPIES, "key").tags()).containsEntry("new", "tag");
        assertThat(copies()).hasSize(1);
        assertThat(status(BUCKET, "key")).contains(Status.COMPLETED);
    }

    @Test
    void aReplicaIsNotReplicatedAgain() {
        rule("", "Disabled");
        fixture.store
                .settings()
                .put(
                        COPIES,
                        Kind.REPLICATION,
                        ("<ReplicationConfiguration><Role>arn:aws:iam::111122223333:role/r</Role><Rule><Status>Enabled"
                                        + "</Status><Prefix/><Destination><Bucket>arn:aws:s3:::" + BUCKET
                                        + "</Bucket></Destination></Rule></ReplicationConfiguration>")
                                .getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        _ -> {});
        fixture.put("key");
        replicator.runOnce();
        assertThat(fixture.store.replications().list(0, 10)).isEmpty();
        assertThat(fixture.versions()).hasSize(1);
    }

    @Test
    void whatTheDestinationRefusesHasFailed() {
        rule("", "Disabled");
        allowed = false;
        fixture.put("key");
        replicator.runOnce();
        assertThat(status(BUCKET, "key")).contains(Status.FAILED);
        assertThat(copies()).isEmpty();
        allowed = true;
        fixture.store.buckets().setVersioning(COPIES, Versioning.SUSPENDED);
        fixture.put("other");
        replicator.runOnce();
        assertThat(status(BUCKET, "other")).contains(Status.FAILED);
    }

    @Test
    void aBucketThatIsReplicatedKeepsItsVersions() {
        rule("", "Disabled");
        assertThatThrownBy(() -> fixture.store.buckets().setVersioning(BUCKET, Versioning.SUSPENDED))
                .isInstanceOf(S3Exception.InvalidBucketState.class);
    }

    @Test
    void aVersionThatIsGoneWhenItsTurnComesIsForgotten() {
        rule("", "Disabled");
        StoredObject put = fixture.put("key");
        fixture.store
                .objects()
                .delete(BUCKET, new Objects.Deletion("key", Optional.of(put.version()), WriteCondition.NONE, false));
        replicator.runOnce();
        assertThat(copies()).isEmpty();
        assertThat(fixture.store.replications().list(0, 10)).isEmpty();
    }
}
