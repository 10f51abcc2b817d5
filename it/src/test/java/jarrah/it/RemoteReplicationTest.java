package jarrah.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.DeleteMarkerReplicationStatus;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ReplicationRule;
import software.amazon.awssdk.services.s3.model.ReplicationRuleStatus;
import software.amazon.awssdk.services.s3.model.ReplicationStatus;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.Tag;
import software.amazon.awssdk.services.s3.model.Tagging;

/** Replication from one region's process to another's, which are killed on the way; with the AWS SDK as the client. */
class RemoteReplicationTest {
    private static final String ROLE = "arn:aws:iam::" + Region.ACCOUNT + ":role/replication";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PART_BYTES = 5 << 20;

    @TempDir
    private Path directory;

    private Region there;
    private Region here;
    private S3Client remote;
    private S3Client s3;
    private Cable cable;

    @BeforeEach
    void start() throws IOException {
        there = Region.start(directory.resolve("there"));
        remote = client(there);
        cable = new Cable(there.apiPort());
        here = Region.start(directory.resolve("here"), "--config", configuration(Region.SECRET));
        s3 = client(here);
        bucket(remote, "backup-a");
        bucket(s3, "source");
    }

    @AfterEach
    void stop() throws IOException {
        s3.close();
        remote.close();
        here.close();
        there.close();
        cable.close();
    }

    private String configuration(String secret) throws IOException {
        return Files.writeString(
                        directory.resolve("here.yaml"), """
                        s3:
                          replication:
                            endpoints:
                              - name: there
                                s3: %s
                                buckets: [backup-*]
                                credentials: {access-key-id: %s, secret-access-key: %s}
                                timeouts: {connect: 2s, first-byte: 20s, between-bytes: 5s}
                        """.formatted(cable.url(), Region.ACCESS_KEY_ID, secret))
                .toString();
    }

    private static S3Client client(Region region) {
        return S3Client.builder()
                .endpointOverride(region.api())
                .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(Region.ACCESS_KEY_ID, Region.SECRET)))
                .forcePathStyle(true)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    private static void bucket(S3Client client, String name) {
        client.createBucket(b -> b.bucket(name));
        client.putBucketVersioning(
                b -> b.bucket(name).versioningConfiguration(v -> v.status(BucketVersioningStatus.ENABLED)));
    }

    private static ReplicationRule rule(String id, int priority, String destination) {
        return ReplicationRule.builder()
                .id(id)
                .priority(priority)
                .status(ReplicationRuleStatus.ENABLED)
                .filter(f -> f.prefix(""))
                .deleteMarkerReplication(d -> d.status(DeleteMarkerReplicationStatus.ENABLED))
                .destination(d -> d.bucket("arn:aws:s3:::" + destination))
                .build();
    }

    private void replicate(ReplicationRule... rules) {
        s3.putBucketReplication(b ->
                b.bucket("source").replicationConfiguration(c -> c.role(ROLE).rules(rules)));
    }

    private void put(String key, String text) {
        s3.putObject(b -> b.bucket("source").key(key), RequestBody.fromString(text));
    }

    private ReplicationStatus status(String key) {
        return s3.headObject(b -> b.bucket("source").key(key)).replicationStatus();
    }

    private void awaitStatus(String key, ReplicationStatus wanted) throws IOException {
        await(key + " is " + wanted, () -> status(key) == wanted);
    }

    private void await(String what, BooleanSupplier condition) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + PATIENCE + ": " + what + "\n" + here.log());
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static boolean has(S3Client client, String bucket, String key) {
        try {
            client.headObject(b -> b.bucket(bucket).key(key));
            return true;
        } catch (NoSuchKeyException missing) {
            return false;
        }
    }

    private String upload(String key, int parts, int last) {
        String id = s3.createMultipartUpload(b ->
                        b.bucket("source").key(key).contentType("video/mp4").tagging("of=parts"))
                .uploadId();
        var random = new Random(7);
        var done = new CompletedPart[parts];
        for (int i = 0; i < parts; i++) {
            byte[] bytes = new byte[i == parts - 1 ? last : PART_BYTES];
            random.nextBytes(bytes);
            int number = 2 * i + 1;
            var part = s3.uploadPart(
                    b -> b.bucket("source").key(key).uploadId(id).partNumber(number), RequestBody.fromBytes(bytes));
            done[i] = CompletedPart.builder()
                    .partNumber(number)
                    .eTag(part.eTag())
                    .checksumCRC32(part.checksumCRC32())
                    .build();
        }
        return s3.completeMultipartUpload(
                        b -> b.bucket("source").key(key).uploadId(id).multipartUpload(m -> m.parts(done)))
                .eTag();
    }

    private List<MultipartUpload> uploads() {
        return remote.listMultipartUploads(b -> b.bucket("backup-a")).uploads();
    }

    private int versions(String key) {
        return remote.listObjectVersions(b -> b.bucket("backup-a").prefix(key))
                .versions()
                .size();
    }

    @Test
    void whatIsPutIsThereWithAllThatCameAlong() throws IOException {
        bucket(s3, "local-copies");
        replicate(rule("far", 2, "backup-a"), rule("near", 1, "local-copies"));
        s3.putObject(
                b -> b.bucket("source")
                        .key("a b/größe+?&.txt")
                        .contentType("text/plain; charset=utf-8")
                        .cacheControl("max-age=5")
                        .contentDisposition("attachment")
                        .metadata(Map.of("plain", "value"))
                        .tagging("a=1&b=two%20words"),
                RequestBody.fromString("hello"));
        var accented = new String("Größe".getBytes(UTF_8), ISO_8859_1);
        new SignedClient(here).send("PUT", "/source/accented", "text".getBytes(UTF_8), "x-amz-meta-name", accented);
        put("empty", "");
        s3.putObject(
                b -> b.bucket("source").key("sealed").serverSideEncryption(ServerSideEncryption.AES256),
                RequestBody.fromBytes(new byte[3_000_000]));
        String etag = upload("parts", 3, 1_000);
        for (String key : List.of("a b/größe+?&.txt", "accented", "empty", "sealed", "parts")) {
            awaitStatus(key, ReplicationStatus.COMPLETED);
            HeadObjectResponse one =
                    s3.headObject(b -> b.bucket("source").key(key).checksumMode(ChecksumMode.ENABLED));
            HeadObjectResponse other =
                    remote.headObject(b -> b.bucket("backup-a").key(key).checksumMode(ChecksumMode.ENABLED));
            assertThat(other.eTag()).as(key).isEqualTo(one.eTag());
            assertThat(other.contentLength()).isEqualTo(one.contentLength());
            assertThat(other.contentType()).isEqualTo(one.contentType());
            assertThat(other.cacheControl()).isEqualTo(one.cacheControl());
            assertThat(other.contentDisposition()).isEqualTo(one.contentDisposition());
            assertThat(other.checksumCRC32()).isEqualTo(one.checksumCRC32());
            assertThat(other.serverSideEncryption()).isEqualTo(one.serverSideEncryption());
            assertThat(other.metadata()).containsAllEntriesOf(one.metadata());
            assertThat(other.metadata()).containsEntry("jarrah-version-id", one.versionId());
            assertThat(remote.getObjectTagging(b -> b.bucket("backup-a").key(key))
                            .tagSet())
                    .isEqualTo(s3.getObjectTagging(b -> b.bucket("source").key(key))
                            .tagSet());
            assertThat(remote.getObjectAsBytes(b -> b.bucket("backup-a").key(key))
                            .asByteArray())
                    .isEqualTo(s3.getObjectAsBytes(b -> b.bucket("source").key(key))
                            .asByteArray());
            assertThat(has(s3, "local-copies", key)).isTrue();
        }
        assertThat(remote.headObject(b -> b.bucket("backup-a").key("accented")).metadata())
                .containsEntry("name", "=?UTF-8?B?R3LDtsOfZQ==?=");
        assertThat(remote.headObject(b -> b.bucket("backup-a").key("parts").partNumber(3))
                        .partsCount())
                .isEqualTo(3);
        assertThat(etag).endsWith("-3\"");

        s3.putObjectTagging(b -> b.bucket("source")
                .key("empty")
                .tagging(Tagging.builder()
                        .tagSet(Tag.builder().key("late").value("tag").build())
                        .build()));
        await(
                "the tag follows",
                () -> remote.getObjectTagging(b -> b.bucket("backup-a").key("empty"))
                                .hasTagSet()
                        && !remote.getObjectTagging(b -> b.bucket("backup-a").key("empty"))
                                .tagSet()
                                .isEmpty());
        assertThat(versions("empty")).isEqualTo(1);

        s3.deleteObject(b -> b.bucket("source").key("empty"));
        await("the delete marker follows", () -> !has(remote, "backup-a", "empty"));
        assertThat(versions("empty")).isEqualTo(1);
        assertThat(remote.listObjectVersions(b -> b.bucket("backup-a").prefix("empty"))
                        .deleteMarkers())
                .hasSize(1);
    }

    @Test
    void whileTheOtherEndpointIsDownEverythingForItWaitsAndNothingElseDoes() throws IOException {
        bucket(s3, "local-copies");
        replicate(rule("far", 2, "backup-a"), rule("near", 1, "local-copies"));
        there.kill();
        for (int i = 0; i < 20; i++) {
            put("key" + i, "first");
            put("key" + i, "second");
        }
        await("local replication goes on", () -> has(s3, "local-copies", "key19"));
        assertThat(status("key19")).isEqualTo(ReplicationStatus.PENDING);
        here.kill();
        here = Region.start(here.data(), with(here.samePorts(), configuration(Region.SECRET)));
        assertThat(status("key19")).isEqualTo(ReplicationStatus.PENDING);
        there = Region.start(there.data(), there.samePorts());
        for (int i = 0; i < 20; i++) {
            String key = "key" + i;
            awaitStatus(key, ReplicationStatus.COMPLETED);
            assertThat(remote.getObjectAsBytes(b -> b.bucket("backup-a").key(key))
                            .asUtf8String())
                    .isEqualTo("second");
        }
        assertThat(remote.listObjectVersions(b -> b.bucket("backup-a")).versions())
                .hasSize(40);
    }

    @Test
    void anUploadThatAKillInterruptedIsEndedAfterwards() throws IOException {
        replicate(rule("far", 1, "backup-a"));
        cable.cutAfter(3L * PART_BYTES - PART_BYTES / 2);
        String etag = upload("big", 5, 100_000);
        await("the third part is cut off", cable::isCut);
        await(
                "the first two parts are there",
                () -> remote.listParts(b -> b.bucket("backup-a")
                                        .key("big")
                                        .uploadId(uploads().getFirst().uploadId()))
                                .parts()
                                .size()
                        == 2);
        here.kill();
        cable.mend();
        here = Region.start(here.data(), with(here.samePorts(), configuration(Region.SECRET)));
        awaitStatus("big", ReplicationStatus.COMPLETED);
        assertThat(remote.headObject(b -> b.bucket("backup-a").key("big")).eTag())
                .isEqualTo(etag);
        assertThat(versions("big")).isEqualTo(1);
        assertThat(uploads()).isEmpty();
    }

    @Test
    void whatTheOtherEndpointRefusesHasFailed() throws IOException {
        assertThatThrownBy(() -> replicate(rule("far", 1, "backup-missing")))
                .isInstanceOf(S3Exception.class)
                .hasMessageContaining("must exist");
        remote.createBucket(b -> b.bucket("backup-plain"));
        assertThatThrownBy(() -> replicate(rule("far", 1, "backup-plain")))
                .isInstanceOf(S3Exception.class)
                .hasMessageContaining("versioning");
        replicate(rule("far", 1, "backup-a"));
        here.kill();
        here = Region.start(here.data(), with(here.samePorts(), configuration("a-wrong-secret-of-the-same-length-0")));
        put("key", "text");
        awaitStatus("key", ReplicationStatus.FAILED);
        assertThat(here.log()).contains("key was not replicated to backup-a at there", "403");
        assertThat(has(remote, "backup-a", "key")).isFalse();
        assertThatThrownBy(() -> replicate(rule("far", 1, "backup-a")))
                .isInstanceOf(S3Exception.class)
                .hasMessageContaining("403");
    }

    private static String[] with(String[] ports, String configuration) {
        var flags = new ArrayList<>(List.of(ports));
        flags.addAll(List.of("--config", configuration));
        return flags.toArray(String[]::new);
    }
}
