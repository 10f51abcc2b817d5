package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Each operation through the AWS SDK for Java, with today's defaults (checksums in trailers, signed chunks). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SdkTest {
    private final Region region;
    private final S3Client s3;

    SdkTest(@TempDir Path directory) throws IOException {
        region = Region.start(directory.resolve("data"));
        s3 = client(credentials(), true);
    }

    private static AwsCredentialsProvider credentials() {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(Region.ACCESS_KEY_ID, Region.SECRET));
    }

    private S3Client client(AwsCredentialsProvider credentials, boolean pathStyle) {
        return S3Client.builder()
                .endpointOverride(region.api())
                .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                .credentialsProvider(credentials)
                .forcePathStyle(pathStyle)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    @AfterAll
    void stop() {
        s3.close();
        region.close();
    }

    private String bucket(String name) {
        s3.createBucket(request -> request.bucket(name));
        return name;
    }

    private void put(String bucket, String key, String text) {
        s3.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromString(text));
    }

    private String get(String bucket, String key) {
        return s3.getObjectAsBytes(request -> request.bucket(bucket).key(key)).asUtf8String();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void bucketsAreMadeFoundAndRemoved() {
        bucket("sdk-life");
        assertThat(s3.listBuckets().buckets()).anyMatch(it -> it.name().equals("sdk-life"));
        assertThat(s3.headBucket(request -> request.bucket("sdk-life")).bucketRegion())
                .isEqualTo("us-east-1");
        assertThat(s3.getBucketLocation(request -> request.bucket("sdk-life")).locationConstraintAsString())
                .isNullOrEmpty();
        s3.deleteBucket(request -> request.bucket("sdk-life"));
        assertThatThrownBy(() -> s3.headBucket(request -> request.bucket("sdk-life")))
                .isInstanceOf(NoSuchBucketException.class);
    }

    @Test
    void metadataTypeAndDatesComeBack() {
        String bucket = bucket("sdk-metadata");
        s3.putObject(
                request -> request.bucket(bucket)
                        .key("k")
                        .contentType("text/x-test; charset=utf-8")
                        .cacheControl("max-age=60")
                        .contentDisposition("attachment; filename=\"x\"")
                        .contentLanguage("de")
                        .metadata(Map.of("one", "1", "two", "zwei")),
                RequestBody.fromString("text"));
        HeadObjectResponse head =
                s3.headObject(request -> request.bucket(bucket).key("k"));
        assertThat(head.contentType()).isEqualTo("text/x-test; charset=utf-8");
        assertThat(head.cacheControl()).isEqualTo("max-age=60");
        assertThat(head.contentDisposition()).contains("filename");
        assertThat(head.contentLanguage()).isEqualTo("de");
        assertThat(head.metadata()).containsEntry("one", "1").containsEntry("two", "zwei");
        assertThat(head.contentLength()).isEqualTo(4);
        assertThat(head.eTag()).isEqualTo("\"1cb251ec0d568de6a929b520c4aed8d1\"");
        assertThat(head.contentEncoding()).isNull();
        assertThat(Duration.between(head.lastModified(), java.time.Instant.now()))
                .isLessThan(Duration.ofMinutes(1));
    }

    @ParameterizedTest
    @EnumSource(
            value = ChecksumAlgorithm.class,
            mode = Mode.INCLUDE,
            names = {"CRC32", "SHA1", "SHA256"})
    void checksumsAreVerifiedKeptAndReturned(ChecksumAlgorithm algorithm) {
        String bucket = "sdk-sums-" + algorithm.name().toLowerCase(java.util.Locale.ROOT);
        bucket(bucket);
        byte[] body = random(200_000);
        s3.putObject(
                request -> request.bucket(bucket).key("k").checksumAlgorithm(algorithm), RequestBody.fromBytes(body));
        ResponseBytes<GetObjectResponse> got =
                s3.getObjectAsBytes(request -> request.bucket(bucket).key("k").checksumMode(ChecksumMode.ENABLED));
        assertThat(got.asByteArray()).isEqualTo(body);
        GetObjectResponse head = got.response();
        assertThat(List.of(
                        String.valueOf(head.checksumCRC32()),
                        String.valueOf(head.checksumSHA1()),
                        String.valueOf(head.checksumSHA256())))
                .filteredOn(value -> !value.equals("null"))
                .hasSize(1);
    }

    @Test
    void rangesAndConditionsAreHonoured() {
        String bucket = bucket("sdk-ranges");
        byte[] body = random(300_000);
        s3.putObject(request -> request.bucket(bucket).key("k"), RequestBody.fromBytes(body));
        for (String range :
                List.of("bytes=0-0", "bytes=1000-70000", "bytes=299999-", "bytes=-500", "bytes=100-999999")) {
            ResponseBytes<GetObjectResponse> part = s3.getObjectAsBytes(
                    request -> request.bucket(bucket).key("k").range(range));
            String[] bounds =
                    part.response().contentRange().replace("bytes ", "").split("[-/]");
            assertThat(part.asByteArray())
                    .isEqualTo(java.util.Arrays.copyOfRange(
                            body, Integer.parseInt(bounds[0]), Integer.parseInt(bounds[1]) + 1));
        }
        assertThatThrownBy(() -> s3.getObjectAsBytes(
                        request -> request.bucket(bucket).key("k").range("bytes=300000-")))
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(416));
        String etag = s3.headObject(request -> request.bucket(bucket).key("k")).eTag();
        assertThatThrownBy(() -> s3.getObjectAsBytes(
                        request -> request.bucket(bucket).key("k").ifNoneMatch(etag)))
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(304));
        assertThatThrownBy(() -> s3.getObjectAsBytes(
                        request -> request.bucket(bucket).key("k").ifMatch("\"other\"")))
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(412));
    }

    @Test
    void ofRacingConditionalWritesExactlyOneWins() throws InterruptedException {
        String bucket = bucket("sdk-race");
        int racers = 16;
        var won = new ConcurrentLinkedQueue<String>();
        var lost = new ConcurrentLinkedQueue<Integer>();
        var start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < racers; i++) {
            String text = "racer " + i;
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    start.await();
                    s3.putObject(
                            request -> request.bucket(bucket).key("k").ifNoneMatch("*"), RequestBody.fromString(text));
                    won.add(text);
                } catch (S3Exception e) {
                    lost.add(e.statusCode());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(won).hasSize(1);
        assertThat(lost).hasSize(racers - 1).containsOnly(412);
        assertThat(get(bucket, "k")).isEqualTo(won.peek());
    }

    @Test
    void listingsPageThroughKeysAndPrefixesInTheOrderOfBytes() {
        String bucket = bucket("sdk-list");
        List<String> keys =
                List.of("a", "a/1", "a/2", "a0", "b/x/1", "b/x/2", "b/y", "c d", "z", "\u00fc", "\ud83d\ude00");
        keys.forEach(key -> put(bucket, key, key));
        List<String> paged = s3
                .listObjectsV2Paginator(request -> request.bucket(bucket).maxKeys(3))
                .contents()
                .stream()
                .map(S3Object::key)
                .toList();
        assertThat(paged).isEqualTo(keys);
        var byPrefix = s3.listObjectsV2(request -> request.bucket(bucket).delimiter("/"));
        assertThat(byPrefix.commonPrefixes()).extracting(it -> it.prefix()).containsExactly("a/", "b/");
        assertThat(byPrefix.contents())
                .extracting(S3Object::key)
                .containsExactly("a", "a0", "c d", "z", "\u00fc", "\ud83d\ude00");
        assertThat(s3.listObjects(request -> request.bucket(bucket).prefix("b/").delimiter("/"))
                        .commonPrefixes())
                .extracting(it -> it.prefix())
                .containsExactly("b/x/");
        assertThat(s3.listObjectVersions(request -> request.bucket(bucket)).versions())
                .hasSize(keys.size())
                .allMatch(version -> version.versionId().equals("null") && version.isLatest());
    }

    @Test
    void copiesKeepOrReplaceMetadata() {
        String bucket = bucket("sdk-copy");
        s3.putObject(
                request -> request.bucket(bucket)
                        .key("a b+\u00fc")
                        .metadata(Map.of("m", "1"))
                        .contentType("text/a"),
                RequestBody.fromString("body"));
        s3.copyObject(request -> request.sourceBucket(bucket)
                .sourceKey("a b+\u00fc")
                .destinationBucket(bucket)
                .destinationKey("kept"));
        HeadObjectResponse kept =
                s3.headObject(request -> request.bucket(bucket).key("kept"));
        assertThat(kept.metadata()).containsEntry("m", "1");
        assertThat(kept.contentType()).isEqualTo("text/a");
        s3.copyObject(request -> request.sourceBucket(bucket)
                .sourceKey("kept")
                .destinationBucket(bucket)
                .destinationKey("kept")
                .metadataDirective(MetadataDirective.REPLACE)
                .metadata(Map.of("n", "2")));
        assertThat(s3.headObject(request -> request.bucket(bucket).key("kept")).metadata())
                .containsEntry("n", "2")
                .doesNotContainKey("m");
        assertThatThrownBy(() -> s3.copyObject(request -> request.sourceBucket(bucket)
                        .sourceKey("kept")
                        .destinationBucket(bucket)
                        .destinationKey("kept")))
                .hasMessageContaining("copy request is illegal");
    }

    @Test
    void manyAreDeletedAtOnceAndTheRestStays() {
        String bucket = bucket("sdk-delete");
        List<String> keys = List.of("a", "b", "c&<>", "d e");
        keys.forEach(key -> put(bucket, key, "x"));
        var result = s3.deleteObjects(request -> request.bucket(bucket)
                .delete(delete -> delete.objects(
                        ObjectIdentifier.builder().key("a").build(),
                        ObjectIdentifier.builder().key("c&<>").build(),
                        ObjectIdentifier.builder().key("never-there").build())));
        assertThat(result.deleted()).hasSize(3);
        assertThat(s3.listObjectsV2(request -> request.bucket(bucket)).contents())
                .extracting(S3Object::key)
                .containsExactly("b", "d e");
        assertThatThrownBy(() -> s3.deleteBucket(request -> request.bucket(bucket)))
                .hasMessageContaining("not empty");
    }

    @Test
    void multipartUploadsBecomeOneObject() {
        String bucket = bucket("sdk-parts");
        byte[] first = random(5 * 1024 * 1024);
        byte[] last = random(1_000);
        String id = s3.createMultipartUpload(
                        request -> request.bucket(bucket).key("k").metadata(Map.of("m", "1")))
                .uploadId();
        var parts = new ArrayList<CompletedPart>();
        for (int number = 1; number <= 3; number++) {
            int n = number;
            UploadPartResponse part = s3.uploadPart(
                    request -> request.bucket(bucket).key("k").uploadId(id).partNumber(n),
                    RequestBody.fromBytes(n < 3 ? first : last));
            parts.add(CompletedPart.builder()
                    .partNumber(n)
                    .eTag(part.eTag())
                    .checksumCRC32(part.checksumCRC32())
                    .build());
        }
        assertThat(s3.listParts(request -> request.bucket(bucket).key("k").uploadId(id))
                        .parts())
                .hasSize(3);
        assertThat(s3.listMultipartUploads(request -> request.bucket(bucket)).uploads())
                .hasSize(1);
        assertThatThrownBy(() -> get(bucket, "k")).isInstanceOf(NoSuchKeyException.class);
        s3.completeMultipartUpload(
                request -> request.bucket(bucket).key("k").uploadId(id).multipartUpload(upload -> upload.parts(parts)));
        HeadObjectResponse head =
                s3.headObject(request -> request.bucket(bucket).key("k"));
        assertThat(head.contentLength()).isEqualTo(2L * first.length + last.length);
        assertThat(head.eTag()).endsWith("-3\"");
        assertThat(head.metadata()).containsEntry("m", "1");
        byte[] third = s3.getObjectAsBytes(
                        request -> request.bucket(bucket).key("k").partNumber(3))
                .asByteArray();
        assertThat(third).isEqualTo(last);
        byte[] across = s3.getObjectAsBytes(request -> request.bucket(bucket)
                        .key("k")
                        .range("bytes=" + (first.length - 10) + "-" + (first.length + 9)))
                .asByteArray();
        assertThat(java.util.Arrays.copyOf(across, 10))
                .isEqualTo(java.util.Arrays.copyOfRange(first, first.length - 10, first.length));
        assertThat(java.util.Arrays.copyOfRange(across, 10, 20)).isEqualTo(java.util.Arrays.copyOf(first, 10));
    }

    @Test
    void anAbortedUploadLeavesNothing() {
        String bucket = bucket("sdk-abort");
        String id = s3.createMultipartUpload(request -> request.bucket(bucket).key("k"))
                .uploadId();
        s3.uploadPart(
                request -> request.bucket(bucket).key("k").uploadId(id).partNumber(1),
                RequestBody.fromBytes(random(100_000)));
        s3.abortMultipartUpload(request -> request.bucket(bucket).key("k").uploadId(id));
        assertThat(s3.listMultipartUploads(request -> request.bucket(bucket)).uploads())
                .isEmpty();
        s3.deleteBucket(request -> request.bucket(bucket));
    }

    @Test
    void anonymousCallersReadWhatIsPublic() {
        String bucket = bucket("sdk-public");
        s3.putObject(
                request -> request.bucket(bucket).key("open").acl(ObjectCannedACL.PUBLIC_READ),
                RequestBody.fromString("for all"));
        put(bucket, "closed", "for me");
        try (S3Client nobody = client(AnonymousCredentialsProvider.create(), true)) {
            assertThat(nobody.getObjectAsBytes(request -> request.bucket(bucket).key("open"))
                            .asUtf8String())
                    .isEqualTo("for all");
            assertThatThrownBy(() -> nobody.getObjectAsBytes(
                            request -> request.bucket(bucket).key("closed")))
                    .isInstanceOfSatisfying(
                            S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(403));
            assertThatThrownBy(() -> nobody.listObjectsV2(request -> request.bucket(bucket)))
                    .isInstanceOfSatisfying(
                            S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(403));
        }
    }

    @Test
    void virtualHostedStyleReachesTheSameObjects() throws Exception {
        String bucket = bucket("sdk-virtual");
        s3.putObject(
                request -> request.bucket(bucket).key("dir/k").acl(ObjectCannedACL.PUBLIC_READ),
                RequestBody.fromString("by host"));
        Process curl = new ProcessBuilder(
                        "curl",
                        "-sS",
                        "-H",
                        "Host: " + bucket + ".s3.localhost:" + region.apiPort(),
                        region.api() + "/dir/k")
                .start();
        assertThat(new String(curl.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("by host");
    }

    @Test
    void presignedRequestsDoThatOneThing() throws Exception {
        String bucket = bucket("sdk-presign");
        try (S3Presigner presigner = S3Presigner.builder()
                .endpointOverride(region.api())
                .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                .credentialsProvider(credentials())
                .serviceConfiguration(
                        S3Configuration.builder().pathStyleAccessEnabled(true).build())
                .build()) {
            URI upload = presigner
                    .presignPutObject(request -> request.signatureDuration(Duration.ofMinutes(5))
                            .putObjectRequest(put -> put.bucket(bucket).key("k")))
                    .url()
                    .toURI();
            assertThat(call(HttpRequest.newBuilder(upload)
                                    .PUT(HttpRequest.BodyPublishers.ofString("presigned"))
                                    .build())
                            .statusCode())
                    .isEqualTo(200);
            URI download = presigner
                    .presignGetObject(request -> request.signatureDuration(Duration.ofMinutes(5))
                            .getObjectRequest(get -> get.bucket(bucket).key("k").responseContentType("text/x-signed")))
                    .url()
                    .toURI();
            HttpResponse<String> got = call(HttpRequest.newBuilder(download).build());
            assertThat(got.body()).isEqualTo("presigned");
            assertThat(got.headers().firstValue("content-type")).contains("text/x-signed");
            assertThat(call(HttpRequest.newBuilder(download).DELETE().build()).statusCode())
                    .isEqualTo(403);
        }
    }

    private static HttpResponse<String> call(HttpRequest request) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }
}
