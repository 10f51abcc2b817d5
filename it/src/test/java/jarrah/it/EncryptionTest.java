package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.ServerSideEncryptionRule;

/** Encrypted objects through the AWS SDK for Java, with the server's keys and the client's. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EncryptionTest {
    private static final String BUCKET = "sealed";
    private static final String MARK = "a phrase that nobody shall find on the disk";

    private final Region region;
    private final S3Client s3;
    private final byte[] customerKey = new byte[32];

    EncryptionTest(@TempDir Path directory) throws IOException {
        region = Region.start(directory.resolve("data"));
        s3 = S3Client.builder()
                .endpointOverride(region.api())
                .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(Region.ACCESS_KEY_ID, Region.SECRET)))
                .forcePathStyle(true)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
        s3.createBucket(bucket -> bucket.bucket(BUCKET));
        new Random(5).nextBytes(customerKey);
    }

    @AfterAll
    void stop() {
        s3.close();
        region.close();
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static String md5(byte[] bytes) throws Exception {
        return base64(MessageDigest.getInstance("MD5").digest(bytes));
    }

    @Test
    void nothingOfAnEncryptedBucketIsFoundOnTheDisk() throws Exception {
        s3.createBucket(bucket -> bucket.bucket("default"));
        s3.putBucketEncryption(encryption -> encryption
                .bucket("default")
                .serverSideEncryptionConfiguration(
                        configuration -> configuration.rules(ServerSideEncryptionRule.builder()
                                .applyServerSideEncryptionByDefault(
                                        rule -> rule.sseAlgorithm(ServerSideEncryption.AES256))
                                .build())));
        String large = MARK.repeat(5_000);
        s3.putObject(object -> object.bucket("default").key("large"), RequestBody.fromString(large));
        s3.putObject(object -> object.bucket("default").key("small"), RequestBody.fromString(MARK));
        assertThat(s3.getObjectAsBytes(object -> object.bucket("default").key("small"))
                        .asUtf8String())
                .isEqualTo(MARK);
        var read = s3.getObjectAsBytes(
                object -> object.bucket("default").key("large").range("bytes=65530-65545"));
        assertThat(read.response().serverSideEncryption()).isEqualTo(ServerSideEncryption.AES256);
        assertThat(read.asUtf8String()).isEqualTo(large.substring(65_530, 65_546));
        byte[] mark = MARK.getBytes(StandardCharsets.UTF_8);
        try (var files = Files.walk(region.data())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(new String(mark, StandardCharsets.ISO_8859_1));
            }
        }
    }

    @Test
    void theClientsKeyIsNeededForEachRead() throws Exception {
        String key = base64(customerKey);
        String digest = md5(customerKey);
        s3.putObject(
                object -> object.bucket(BUCKET)
                        .key("mine")
                        .sseCustomerAlgorithm("AES256")
                        .sseCustomerKey(key)
                        .sseCustomerKeyMD5(digest),
                RequestBody.fromString(MARK));
        var read = s3.getObjectAsBytes(object -> object.bucket(BUCKET)
                .key("mine")
                .sseCustomerAlgorithm("AES256")
                .sseCustomerKey(key)
                .sseCustomerKeyMD5(digest));
        assertThat(read.asUtf8String()).isEqualTo(MARK);
        assertThat(read.response().sseCustomerKeyMD5()).isEqualTo(digest);
        assertThatThrownBy(() ->
                        s3.getObjectAsBytes(object -> object.bucket(BUCKET).key("mine")))
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(400));
        byte[] other = Arrays.copyOf(customerKey, 32);
        other[0] ^= 1;
        String otherDigest = md5(other);
        assertThatThrownBy(() -> s3.getObjectAsBytes(object -> object.bucket(BUCKET)
                        .key("mine")
                        .sseCustomerAlgorithm("AES256")
                        .sseCustomerKey(base64(other))
                        .sseCustomerKeyMD5(otherDigest)))
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.statusCode()).isBetween(400, 403));
    }

    @Test
    void partsAreEncryptedWithAKeyOfTheKeyService() {
        byte[] first = new byte[5 << 20];
        byte[] second = new byte[100_000];
        new Random(1).nextBytes(first);
        new Random(2).nextBytes(second);
        var upload = s3.createMultipartUpload(
                object -> object.bucket(BUCKET).key("parts").serverSideEncryption(ServerSideEncryption.AWS_KMS));
        assertThat(upload.ssekmsKeyId()).startsWith("arn:aws:kms:us-east-1:");
        var parts = new java.util.ArrayList<CompletedPart>();
        for (byte[] part : List.of(first, second)) {
            int number = parts.size() + 1;
            var stored = s3.uploadPart(
                    request -> request.bucket(BUCKET)
                            .key("parts")
                            .uploadId(upload.uploadId())
                            .partNumber(number),
                    RequestBody.fromBytes(part));
            parts.add(CompletedPart.builder()
                    .partNumber(number)
                    .eTag(stored.eTag())
                    .build());
        }
        s3.completeMultipartUpload(request -> request.bucket(BUCKET)
                .key("parts")
                .uploadId(upload.uploadId())
                .multipartUpload(all -> all.parts(parts)));
        assertThat(s3.getObjectAsBytes(
                                object -> object.bucket(BUCKET).key("parts").partNumber(2))
                        .asByteArray())
                .isEqualTo(second);
        byte[] across = s3.getObjectAsBytes(object -> object.bucket(BUCKET)
                        .key("parts")
                        .range("bytes=" + (first.length - 10) + "-" + (first.length + 9)))
                .asByteArray();
        assertThat(across).startsWith(Arrays.copyOfRange(first, first.length - 10, first.length));
        s3.copyObject(copy -> copy.sourceBucket(BUCKET)
                .sourceKey("parts")
                .destinationBucket(BUCKET)
                .destinationKey("copy")
                .serverSideEncryption(ServerSideEncryption.AES256));
        assertThat(s3.getObjectAsBytes(object -> object.bucket(BUCKET).key("copy"))
                        .asByteArray())
                .hasSize(first.length + second.length)
                .endsWith(second);
    }

    @Test
    void aKeyThatIsNotThereStoresNothing() {
        assertThatThrownBy(() -> s3.putObject(
                        object -> object.bucket(BUCKET)
                                .key("none")
                                .serverSideEncryption(ServerSideEncryption.AWS_KMS)
                                .ssekmsKeyId("alias/none"),
                        RequestBody.fromString("x")))
                .isInstanceOfSatisfying(
                        S3Exception.class,
                        e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("KMS.NotFoundException"));
        assertThat(s3.listObjectsV2(list -> list.bucket(BUCKET).prefix("none")).contents())
                .isEmpty();
    }
}
