package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.AccessKey;
import software.amazon.awssdk.services.iam.model.StatusType;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketCannedACL;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.ObjectOwnership;
import software.amazon.awssdk.services.s3.model.OwnershipControlsRule;

/** Who may do what: two accounts, a limited user and nobody, by policies, ACLs, ownership and the public access block. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PolicyTest {
    private static final String OTHER_KEY = "AKIATESTREGION000002";
    private static final String OTHER_SECRET = "the-secret-of-the-other-account-0002";
    private static final String OTHER_ACCOUNT = "210987654321";

    private final Region region;
    private final S3Client owner;
    private final S3Client other;
    private final S3Client anybody;
    private final IamClient iam;

    PolicyTest(@TempDir Path directory) throws IOException, InterruptedException {
        region = Region.start(directory.resolve("data"));
        AccountCommands.run(
                region,
                "account",
                "create",
                "other",
                "--id",
                OTHER_ACCOUNT,
                "--access-key-id",
                OTHER_KEY,
                "--secret-access-key",
                OTHER_SECRET,
                "--email",
                "other@example.com");
        owner = client(credentials(Region.ACCESS_KEY_ID, Region.SECRET));
        other = client(credentials(OTHER_KEY, OTHER_SECRET));
        anybody = client(AnonymousCredentialsProvider.create());
        iam = IamClient.builder()
                .endpointOverride(region.api())
                .region(software.amazon.awssdk.regions.Region.AWS_GLOBAL)
                .credentialsProvider(credentials(Region.ACCESS_KEY_ID, Region.SECRET))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    private static AwsCredentialsProvider credentials(String id, String secret) {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(id, secret));
    }

    private S3Client client(AwsCredentialsProvider credentials) {
        return S3Client.builder()
                .endpointOverride(region.api())
                .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                .credentialsProvider(credentials)
                .forcePathStyle(true)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    @AfterAll
    void stop() {
        owner.close();
        other.close();
        anybody.close();
        iam.close();
        region.close();
    }

    private String bucket(String name) {
        owner.createBucket(request -> request.bucket(name));
        put(owner, name, "key", "bytes");
        return name;
    }

    private static void put(S3Client client, String bucket, String key, String text) {
        client.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromString(text));
    }

    private static String get(S3Client client, String bucket, String key) {
        return client.getObjectAsBytes(request -> request.bucket(bucket).key(key))
                .asUtf8String();
    }

    @Test
    void policyAndLoggingStayWithTheOwnersAccountWhateverIsAllowed() {
        String bucket = bucket("owners-business");
        policy(bucket, """
                {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::BUCKET"}""");
        for (ThrowingCallable call : java.util.List.<ThrowingCallable>of(
                () -> other.getBucketPolicy(request -> request.bucket(bucket)),
                () -> other.putBucketPolicy(request -> request.bucket(bucket).policy("{}")),
                () -> anybody.deleteBucketPolicy(request -> request.bucket(bucket)))) {
            assertThatThrownBy(call).isInstanceOfSatisfying(AwsServiceException.class, refused -> {
                assertThat(refused.statusCode()).isEqualTo(405);
                assertThat(refused.awsErrorDetails().errorCode()).isEqualTo("MethodNotAllowed");
            });
        }
        assertThatThrownBy(() ->
                        other.putBucketLogging(request -> request.bucket(bucket).bucketLoggingStatus(none -> {})))
                .isInstanceOfSatisfying(
                        AwsServiceException.class,
                        refused -> assertThat(refused.statusCode()).isEqualTo(403));
        assertThat(owner.getBucketPolicy(request -> request.bucket(bucket)).policy())
                .contains("s3:*");
    }

    private void policy(String bucket, String statement) {
        owner.putBucketPolicy(request -> request.bucket(bucket)
                .policy("{\"Version\": \"2012-10-17\", \"Statement\": [" + statement.replace("BUCKET", bucket) + "]}"));
    }

    private static void refused(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        AwsServiceException.class,
                        e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code));
    }

    @Test
    void aPolicyLetsAnotherAccountInAndItsDenialWins() {
        String bucket = bucket("policy-across");
        refused("AccessDenied", () -> get(other, bucket, "key"));
        policy(bucket, """
                {"Effect": "Allow", "Principal": {"AWS": "%s"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::BUCKET/*"},
                {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::BUCKET/secret/*"}\
                """.formatted(OTHER_ACCOUNT));
        assertThat(get(other, bucket, "key")).isEqualTo("bytes");
        refused("AccessDenied", () -> get(anybody, bucket, "key"));
        put(owner, bucket, "secret/1", "bytes");
        refused("AccessDenied", () -> get(other, bucket, "secret/1"));
        refused("AccessDenied", () -> get(owner, bucket, "secret/1"));
        owner.deleteBucketPolicy(request -> request.bucket(bucket));
        refused("AccessDenied", () -> get(other, bucket, "key"));
        assertThat(get(owner, bucket, "secret/1")).isEqualTo("bytes");
    }

    @Test
    void whoMayListIsToldThatAKeyIsMissing() {
        String bucket = bucket("policy-missing");
        policy(bucket, """
                {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::BUCKET/*"}""");
        refused("AccessDenied", () -> get(anybody, bucket, "none"));
        policy(bucket, """
                {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:ListBucket"],
                 "Resource": ["arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/*"]}""");
        refused("NoSuchKey", () -> get(anybody, bucket, "none"));
    }

    @Test
    void conditionsLookAtTheRequest() {
        String bucket = bucket("policy-conditions");
        policy(bucket, """
                {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::BUCKET",
                 "Condition": {"StringLike": {"s3:prefix": "open/*"}, "IpAddress": {"aws:SourceIp": "127.0.0.1"}}},
                {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::BUCKET/*",
                 "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}},
                {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::BUCKET/*",
                 "Condition": {"Bool": {"aws:SecureTransport": "true"}}}""");
        anybody.listObjectsV2(request -> request.bucket(bucket).prefix("open/a"));
        refused("AccessDenied", () -> anybody.listObjectsV2(request -> request.bucket(bucket)));
        other.putObject(
                request -> request.bucket(bucket).key("k").acl(ObjectCannedACL.BUCKET_OWNER_FULL_CONTROL),
                RequestBody.fromString("given"));
        refused("AccessDenied", () -> put(other, bucket, "k2", "not given"));
        assertThat(get(owner, bucket, "k")).isEqualTo("given");
        refused("AccessDenied", () -> get(anybody, bucket, "key"));
    }

    @Test
    void aPolicySpeaksOfItsBucketAlone() {
        String bucket = bucket("policy-malformed");
        refused("MalformedPolicy", () -> policy(bucket, """
                {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::another/*"}"""));
        refused("MalformedPolicy", () -> policy(bucket, """
                {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::BUCKET"}"""));
        refused("AccessDenied", () -> policy(bucket, """
                {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::BUCKET"}"""));
        refused("NoSuchBucketPolicy", () -> owner.getBucketPolicy(request -> request.bucket(bucket)));
    }

    @Test
    void thePublicAccessBlockIsStrongerThanPoliciesAndAcls() {
        String bucket = bucket("policy-block");
        owner.putObjectAcl(request -> request.bucket(bucket).key("key").acl(ObjectCannedACL.PUBLIC_READ));
        assertThat(get(anybody, bucket, "key")).isEqualTo("bytes");
        owner.putPublicAccessBlock(request ->
                request.bucket(bucket).publicAccessBlockConfiguration(block -> block.ignorePublicAcls(true)));
        refused("AccessDenied", () -> get(anybody, bucket, "key"));
        String open = "{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"s3:GetObject\","
                + " \"Resource\": \"arn:aws:s3:::BUCKET/*\"}";
        policy(bucket, open);
        assertThat(get(anybody, bucket, "key")).isEqualTo("bytes");
        assertThat(owner.getBucketPolicyStatus(request -> request.bucket(bucket))
                        .policyStatus()
                        .isPublic())
                .isTrue();
        owner.putPublicAccessBlock(request -> request.bucket(bucket)
                .publicAccessBlockConfiguration(block -> block.restrictPublicBuckets(true)
                        .blockPublicPolicy(true)
                        .blockPublicAcls(true)));
        // The object's ACL counts again, the policy does not.
        owner.putObjectAcl(request -> request.bucket(bucket).key("key").acl(ObjectCannedACL.PRIVATE));
        refused("AccessDenied", () -> get(anybody, bucket, "key"));
        refused("AccessDenied", () -> get(other, bucket, "key"));
        assertThat(get(owner, bucket, "key")).isEqualTo("bytes");
        refused("AccessDenied", () -> policy(bucket, open));
        refused(
                "AccessDenied",
                () -> owner.putBucketAcl(request -> request.bucket(bucket).acl(BucketCannedACL.PUBLIC_READ)));
        owner.deletePublicAccessBlock(request -> request.bucket(bucket));
        assertThat(get(anybody, bucket, "key")).isEqualTo("bytes");
    }

    @Test
    void ownershipDecidesWhoseAnUploadIs() {
        String bucket = bucket("policy-ownership");
        owner.putBucketAcl(request -> request.bucket(bucket).acl(BucketCannedACL.PUBLIC_READ_WRITE));
        put(other, bucket, "theirs", "bytes");
        refused("AccessDenied", () -> get(owner, bucket, "theirs"));
        refused("InvalidBucketAclWithObjectOwnership", () -> own(bucket, ObjectOwnership.BUCKET_OWNER_ENFORCED));
        own(bucket, ObjectOwnership.BUCKET_OWNER_PREFERRED);
        other.putObject(
                request -> request.bucket(bucket).key("given").acl(ObjectCannedACL.BUCKET_OWNER_FULL_CONTROL),
                RequestBody.fromString("bytes"));
        assertThat(get(owner, bucket, "given")).isEqualTo("bytes");
        refused("AccessDenied", () -> get(other, bucket, "given"));
        owner.putBucketAcl(request -> request.bucket(bucket).acl(BucketCannedACL.PRIVATE));
        own(bucket, ObjectOwnership.BUCKET_OWNER_ENFORCED);
        assertThat(get(owner, bucket, "theirs")).isEqualTo("bytes");
        refused(
                "AccessControlListNotSupported",
                () -> owner.putObjectAcl(
                        request -> request.bucket(bucket).key("key").acl(ObjectCannedACL.PUBLIC_READ)));
    }

    private void own(String bucket, ObjectOwnership ownership) {
        owner.putBucketOwnershipControls(request -> request.bucket(bucket)
                .ownershipControls(controls -> controls.rules(OwnershipControlsRule.builder()
                        .objectOwnership(ownership)
                        .build())));
    }

    @Test
    void aUserMayDoWhatItsPoliciesSayUntilTheKeyIsGone() {
        String bucket = bucket("policy-user");
        iam.createUser(request -> request.userName("ann"));
        AccessKey key = iam.createAccessKey(request -> request.userName("ann")).accessKey();
        try (S3Client ann = client(credentials(key.accessKeyId(), key.secretAccessKey()))) {
            refused("AccessDenied", () -> get(ann, bucket, "key"));
            iam.putUserPolicy(
                    request -> request.userName("ann").policyName("home").policyDocument("""
                    {"Version": "2012-10-17", "Statement": [
                     {"Effect": "Allow", "Action": ["s3:PutObject", "s3:DeleteObject"],
                      "Resource": "arn:aws:s3:::policy-user/${aws:username}/*"},
                     {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::policy-user/*"}]}"""));
            assertThat(get(ann, bucket, "key")).isEqualTo("bytes");
            put(ann, bucket, "ann/1", "bytes");
            refused("AccessDenied", () -> put(ann, bucket, "ben/1", "bytes"));
            var outcome = ann.deleteObjects(request -> request.bucket(bucket)
                    .delete(delete -> delete.objects(
                            ObjectIdentifier.builder().key("ann/1").build(),
                            ObjectIdentifier.builder().key("key").build())));
            assertThat(outcome.deleted()).hasSize(1);
            assertThat(outcome.errors())
                    .singleElement()
                    .satisfies(error -> assertThat(error.code()).isEqualTo("AccessDenied"));
            refused("DeleteConflict", () -> iam.deleteUser(request -> request.userName("ann")));
            iam.updateAccessKey(request ->
                    request.userName("ann").accessKeyId(key.accessKeyId()).status(StatusType.INACTIVE));
            refused("InvalidAccessKeyId", () -> get(ann, bucket, "key"));
            iam.deleteAccessKey(request -> request.userName("ann").accessKeyId(key.accessKeyId()));
            iam.deleteUserPolicy(request -> request.userName("ann").policyName("home"));
            iam.deleteUser(request -> request.userName("ann"));
        }
    }
}
