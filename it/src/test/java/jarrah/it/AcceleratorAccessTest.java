package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** The accelerator before a private bucket, asked with AWS signatures by the SDK, and with signed URLs. */
class AcceleratorAccessTest {
    private static final String CONFIG = """
            accelerator:
              sites:
                - name: archive
                  path: /archive/
                  origin: {bucket: archive, as: operator}
                  access:
                    - {allow: {iam: s3:GetObject}}
                - name: links
                  path: /links/
                  origin: {bucket: archive, as: operator}
                  access:
                    - {allow: {signed: {keys: {k1: a-secret-of-many-letters}}}}
            """;

    private static StaticCredentialsProvider credentials(String id, String secret) {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(id, secret));
    }

    private static S3Client client(URI endpoint, String id, String secret) {
        return S3Client.builder()
                .endpointOverride(endpoint)
                .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                .credentialsProvider(credentials(id, secret))
                .forcePathStyle(true)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    private static String get(S3Client client) {
        return client.getObjectAsBytes(request -> request.bucket("archive").key("a b.txt"))
                .asUtf8String();
    }

    private static int status(String url) throws IOException {
        var connection = (java.net.HttpURLConnection) URI.create(url).toURL().openConnection();
        try {
            return connection.getResponseCode();
        } finally {
            connection.disconnect();
        }
    }

    @Test
    void theSignersRightsInS3CountOnEveryHit(@TempDir Path directory) throws Exception {
        Path config = Files.writeString(directory.resolve("jarrah.yaml"), CONFIG);
        try (Region region = Region.start(directory.resolve("data"), "--config", config.toString());
                S3Client owner = client(region.api(), Region.ACCESS_KEY_ID, Region.SECRET);
                IamClient iam = IamClient.builder()
                        .endpointOverride(region.api())
                        .region(software.amazon.awssdk.regions.Region.AWS_GLOBAL)
                        .credentialsProvider(credentials(Region.ACCESS_KEY_ID, Region.SECRET))
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .build()) {
            owner.createBucket(request -> request.bucket("archive"));
            owner.putObject(request -> request.bucket("archive").key("a b.txt"), RequestBody.fromString("the content"));
            iam.createUser(request -> request.userName("anna"));
            var key = iam.createAccessKey(request -> request.userName("anna")).accessKey();
            URI accelerator = URI.create(region.accelerator());
            try (S3Client anna = client(accelerator, key.accessKeyId(), key.secretAccessKey());
                    S3Presigner presigner = S3Presigner.builder()
                            .endpointOverride(accelerator)
                            .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                            .credentialsProvider(credentials(key.accessKeyId(), key.secretAccessKey()))
                            .serviceConfiguration(S3Configuration.builder()
                                    .pathStyleAccessEnabled(true)
                                    .build())
                            .build()) {
                assertThatThrownBy(() -> get(anna))
                        .isInstanceOfSatisfying(
                                S3Exception.class,
                                e -> assertThat(e.statusCode()).isEqualTo(403));
                iam.putUserPolicy(
                        request -> request.userName("anna").policyName("read").policyDocument("""
                        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject",
                         "Resource": "arn:aws:s3:::archive/*"}]}"""));
                assertThat(get(anna)).isEqualTo("the content");
                assertThat(get(anna)).isEqualTo("the content");
                String presigned = presigner
                        .presignGetObject(request -> request.signatureDuration(Duration.ofMinutes(5))
                                .getObjectRequest(
                                        object -> object.bucket("archive").key("a b.txt")))
                        .url()
                        .toString();
                assertThat(status(presigned)).isEqualTo(200);
                assertThat(status(region.accelerator() + "/archive/a%20b.txt")).isEqualTo(403);
                iam.deleteUserPolicy(request -> request.userName("anna").policyName("read"));
                assertThat(status(presigned)).isEqualTo(403);
                assertThatThrownBy(() -> get(anna)).isInstanceOf(S3Exception.class);
            }
            String url = region.accelerator() + "/links/a%20b.txt";
            assertThat(status(url)).isEqualTo(403);
            var command = Region.jarrah("accelerator", "sign", "--config", config.toString(), "--expires", "5m", url);
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String signed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            assertThat(status(signed)).as(signed).isEqualTo(200);
            assertThat(status(signed.replace("a%20b", "other"))).isEqualTo(403);
        }
    }
}
