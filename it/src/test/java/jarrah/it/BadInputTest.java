package jarrah.it;

import static jarrah.it.SignedClient.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.aws.RequestSigner;
import jarrah.http.Headers;
import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input at every door of the API: AWS's own error, and nothing changed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputTest {
    private static final byte[] NOTHING = {};

    private final Path directory;
    private final Region region;
    private final SignedClient client;

    BadInputTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        region = Region.start(directory.resolve("data"));
        client = new SignedClient(region);
    }

    @BeforeAll
    void bucket() {
        assertThat(client.send("PUT", "/doors", NOTHING).status()).isEqualTo(200);
        assertThat(client.send("PUT", "/doors/kept", utf8("kept")).status()).isEqualTo(200);
    }

    @AfterAll
    void stop() {
        region.close();
    }

    private void refused(RawMessage answer, int status, String code) {
        assertThat(answer.text()).contains("<Code>" + code + "</Code>").contains("<RequestId>");
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.first("x-amz-request-id")).isNotNull();
        nothingChanged();
    }

    private void nothingChanged() {
        assertThat(client.send("GET", "/doors?list-type=2", NOTHING).text())
                .contains("<KeyCount>1</KeyCount>")
                .contains("<Key>kept</Key>");
        assertThat(client.send("GET", "/doors/kept", NOTHING).text()).isEqualTo("kept");
    }

    @Test
    void aWrongSignatureTellsWhatWasSigned() {
        Headers headers = client.signed("PUT", "/doors/new", SignedClient.sha256(utf8("x")));
        String authorization = String.valueOf(headers.first("Authorization"));
        headers.set("Authorization", authorization.substring(0, authorization.length() - 4) + "0000");
        RawMessage answer = client.exchange("PUT", "/doors/new", headers, utf8("x"));
        refused(answer, 403, "SignatureDoesNotMatch");
        assertThat(answer.text()).contains("<StringToSign>AWS4-HMAC-SHA256").contains("<CanonicalRequest>PUT");
    }

    @Test
    void aRequestOfYesterdayIsRefused() {
        Clock yesterday = Clock.fixed(Instant.now().minus(Duration.ofDays(1)), ZoneOffset.UTC);
        Headers headers = Headers.of("Host", "127.0.0.1:" + region.apiPort());
        new RequestSigner(Region.ACCESS_KEY_ID, Region.SECRET, "us-east-1", "s3", yesterday)
                .sign("PUT", "/doors/new", null, headers, SignedClient.sha256(utf8("x")));
        refused(client.exchange("PUT", "/doors/new", headers, utf8("x")), 403, "RequestTimeTooSkewed");
    }

    @Test
    void anExpiredPresignedUrlIsRefused() {
        Clock before = Clock.fixed(Instant.now().minus(Duration.ofMinutes(2)), ZoneOffset.UTC);
        String host = "127.0.0.1:" + region.apiPort();
        var signer = new RequestSigner(Region.ACCESS_KEY_ID, Region.SECRET, "us-east-1", "s3", before);
        String target = "/doors/kept?" + signer.presign("GET", host, "/doors/kept", Duration.ofMinutes(1));
        RawMessage answer = client.exchange("GET", target, Headers.of("Host", host), NOTHING);
        refused(answer, 403, "AccessDenied");
        assertThat(answer.text()).contains("Request has expired");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /doors?delete | <Delete><Object><Key>kept</Key></Object> | 400 | MalformedXML",
                "POST | /doors?delete | <Other/> | 400 | MalformedXML",
                "POST | /doors | field=value | 412 | PreconditionFailed",
                "POST | /doors?delete | <Delete/> | 400 | MalformedXML",
                "POST | /doors?delete | <!DOCTYPE d [<!ENTITY k 'kept'>]><Delete><Object><Key>&k;</Key></Object></Delete> | 400"
                        + " | MalformedXML",
                "PUT | /doors?acl | <AccessControlPolicy/> | 400 | MalformedACLError",
                "PUT | /doors?acl | '' | 400 | MissingSecurityHeader",
                "PUT | /other-doors | <CreateBucketConfiguration> | 400 | MalformedXML",
                "POST | /doors/k?uploadId=nope | <CompleteMultipartUpload/> | 400 | MalformedXML",
                "PUT | /doors?versioning | <VersioningConfiguration/> | 400 | IllegalVersioningConfigurationException",
                "PUT | /doors?versioning | <VersioningConfiguration><Status>On</Status></VersioningConfiguration> | 400 | MalformedXML",
                "PUT | /doors?versioning | <VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration> | 403 | AccessDenied",
                "GET | /doors?object-lock | '' | 404 | ObjectLockConfigurationNotFoundError",
                "PUT | /doors?object-lock | <ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration> | 409 | InvalidBucketState",
                "PUT | /doors?object-lock | <ObjectLockConfiguration><ObjectLockEnabled>Disabled</ObjectLockEnabled></ObjectLockConfiguration> | 400 | MalformedXML",
                "PUT | /doors?object-lock | <ObjectLockConfiguration><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>0</Days></DefaultRetention></Rule></ObjectLockConfiguration> | 400 | InvalidRetentionPeriod",
                "GET | /doors/kept?retention | '' | 400 | InvalidRequest",
                "GET | /doors/kept?legal-hold | '' | 400 | InvalidRequest",
                "PUT | /doors/kept?tagging | <Tagging/> | 400 | MalformedXML",
                "GET | /doors/kept?attributes | '' | 400 | InvalidArgument",
                "GET | /doors/kept?partNumber=2 | '' | 400 | InvalidPart",
                "GET | /doors/kept?response-content-type=a%0D%0Ab | '' | 400 | InvalidArgument",
                "GET | /doors/kept?response-content-disposition=%E4%B8%AD | '' | 400 | InvalidArgument",
                "GET | /doors?versions&version-id-marker=null | '' | 400 | InvalidArgument",
                "POST | /doors/kept?restore | <RestoreRequest><Days>1</Days></RestoreRequest> | 403 | InvalidObjectState",
                "PUT | /doors/kept?versionId=null | x | 400 | InvalidArgument",
                "PUT | /doors/kept?versionId= | x | 400 | InvalidArgument",
                "PUT | /doors/kept?partNumber=1 | x | 400 | InvalidArgument",
                "PUT | /doors/kept?uploadId=nope | x | 400 | InvalidArgument",
                "PUT | /Bad_Name | '' | 400 | InvalidBucketName",
                "PUT | /services | '' | 400 | InvalidBucketName",
                "PUT | /ab | '' | 400 | InvalidBucketName",
                "PATCH | /doors/kept | '' | 405 | MethodNotAllowed",
                "DELETE | /doors | '' | 409 | BucketNotEmpty",
                "DELETE | /no-doors | '' | 404 | NoSuchBucket",
                "GET | /doors/nope | '' | 404 | NoSuchKey",
                "GET | /doors?max-keys=-1 | '' | 400 | InvalidArgument",
                "GET | /doors?max-keys=x | '' | 400 | InvalidArgument",
                "GET | /doors?list-type=2&continuation-token=x | '' | 400 | InvalidArgument",
                "GET | /doors?encoding-type=base64 | '' | 400 | InvalidArgument",
                "PUT | /doors/k?partNumber=0&uploadId=u | x | 400 | InvalidArgument",
                "PUT | /doors/k?partNumber=1&uploadId=nope | x | 404 | NoSuchUpload",
                "DELETE | /doors/k?uploadId=nope | '' | 404 | NoSuchUpload",
                "GET | /doors/kept?versionId=abc | '' | 400 | InvalidArgument",
                "GET | /doors/kept?versionId= | '' | 400 | InvalidArgument",
                "GET | /doors/kept?versionId=00112233445566778899aabbccddeeff | '' | 404 | NoSuchVersion",
                "GET | /doors/%FF | '' | 400 | InvalidURI",
                "GET | /doors/%zz | '' | 400 | InvalidURI"
            })
    void badRequestsGetTheErrorThatAwsGives(String method, String target, String body, int status, String code) {
        refused(client.send(method, target, utf8(body)), status, code);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Content-MD5 | not-base64 | 400 | InvalidDigest",
                "Content-MD5 | AAAAAAAAAAAAAAAAAAAAAA== | 400 | BadDigest",
                "x-amz-checksum-crc32 | AAAAAA== | 400 | BadDigest",
                "x-amz-checksum-crc32 | AAAA | 400 | InvalidRequest",
                "x-amz-checksum-crc64nvme | AAAAAAAAAAA= | 400 | BadDigest",
                "x-amz-checksum-md4 | AAAA | 400 | InvalidRequest",
                "x-amz-sdk-checksum-algorithm | CRC32 | 400 | InvalidRequest",
                "x-amz-trailer | x-amz-checksum-md4 | 400 | InvalidRequest",
                "x-amz-acl | everybody | 400 | InvalidArgument",
                "x-amz-grant-read | id=nobody | 400 | InvalidArgument",
                "x-amz-storage-class | GOLD | 400 | InvalidStorageClass",
                "x-amz-website-redirect-location | elsewhere | 400 | InvalidRedirectLocation",
                "x-amz-storage-class | OUTPOSTS | 501 | NotImplemented",
                "x-amz-server-side-encryption | ROT13 | 400 | InvalidArgument",
                "x-amz-server-side-encryption-customer-algorithm | AES256 | 400 | InvalidArgument",
                "x-amz-server-side-encryption-customer-key | AAAA | 400 | InvalidArgument",
                "x-amz-server-side-encryption-aws-kms-key-id | k | 400 | InvalidArgument",
                "x-amz-tagging | a=b&a=c | 400 | InvalidArgument",
                "x-amz-tagging | a=%zz | 400 | InvalidArgument",
                "x-amz-tagging | aws:a=b | 400 | InvalidTag",
                "x-amz-tagging | a=*b | 400 | InvalidTag",
                "x-amz-tagging | a&b&c&d&e&f&g&h&i&j&k | 400 | BadRequest",
                "x-amz-object-lock-mode | GOVERNANCE | 400 | InvalidArgument",
                "x-amz-object-lock-legal-hold | on | 400 | InvalidArgument",
                "x-amz-object-lock-legal-hold | ON | 400 | InvalidRequest",
                "If-Match | \"other\" | 404 | NoSuchKey",
                "If-Unmodified-Since | Sun, 22 Nov 2026 00:00:00 GMT | 501 | NotImplemented",
                "x-amz-copy-source | nowhere | 400 | InvalidArgument",
                "x-amz-copy-source | /doors/nope | 404 | NoSuchKey",
                "x-amz-expected-bucket-owner | 999999999999 | 403 | AccessDenied"
            })
    void aPutWithABadHeaderStoresNothing(String name, String value, int status, String code) {
        refused(client.send("PUT", "/doors/new", utf8("new"), name, value), status, code);
    }

    @Test
    void aWrongDigestOfTheBodyStoresNothing() {
        refused(
                client.send("PUT", "/doors/new", SignedClient.sha256(utf8("other")), utf8("new")),
                400,
                "XAmzContentSHA256Mismatch");
    }

    @Test
    void metadataBeyondTwoKilobytesIsRefused() {
        refused(
                client.send("PUT", "/doors/new", utf8("new"), "x-amz-meta-big", "x".repeat(2_100)),
                400,
                "MetadataTooLarge");
    }

    @Test
    void aKeyBeyondItsLimitIsRefused() {
        refused(client.send("PUT", "/doors/" + "k".repeat(1_025), utf8("new")), 400, "KeyTooLongError");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "3\r\nnew\r\n0\r\n\r\n",
                "3;chunk-signature=0000000000000000000000000000000000000000000000000000000000000000\r\nnew\r\n"
                        + "0;chunk-signature=0000000000000000000000000000000000000000000000000000000000000000\r\n\r\n",
                "xyz\r\n"
            })
    void badChunkSignaturesStoreNothing(String body) {
        RawMessage answer = client.send(
                "PUT",
                "/doors/new",
                "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                utf8(body),
                "Content-Encoding",
                "aws-chunked",
                "x-amz-decoded-content-length",
                "3");
        assertThat(answer.status()).isIn(400, 403);
        assertThat(answer.text()).containsAnyOf("SignatureDoesNotMatch", "InvalidRequest", "IncompleteBody");
        nothingChanged();
    }

    /** Keys that would be paths elsewhere are names here: each its own object, and none leaves the data directory. */
    @Test
    void keysThatLookLikePathsAreJustNames() throws IOException {
        assertThat(client.send("PUT", "/odd-keys", NOTHING).status()).isEqualTo(200);
        List<String> keys = List.of(
                "../../etc/passwd",
                "..",
                ".",
                "a/../b",
                "a//b",
                "a%2Fb",
                "a/b",
                "/a",
                "a/",
                "%2e%2e/%2e%2e/x",
                "b+c",
                "b c");
        for (String key : keys) {
            String target = "/odd-keys/" + jarrah.http.PercentCoding.encode(key);
            assertThat(client.send("PUT", target, utf8("content of " + key)).status())
                    .as(key)
                    .isEqualTo(200);
        }
        for (String key : keys) {
            String target = "/odd-keys/" + jarrah.http.PercentCoding.encode(key);
            assertThat(client.send("GET", target, NOTHING).text()).isEqualTo("content of " + key);
        }
        assertThat(client.send("GET", "/odd-keys/../odd-keys/a/b", NOTHING).status())
                .isEqualTo(404);
        assertThat(client.send("GET", "/odd-keys?list-type=2", NOTHING).text())
                .contains("<KeyCount>" + keys.size() + "</KeyCount>");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsOnly("data", "data.log");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Content-Length: 3~Transfer-Encoding: chunked | 400",
                "Content-Length: 3~Content-Length: 4 | 400",
                "Content-Length: -1 | 400",
                "Content-Length: 3x | 400",
                "Transfer-Encoding: chunked, gzip | 501",
                "Host: other | 400",
                "X-Fold: a~ b | 400",
                "Bad Name: x | 400",
                "X-Nul: a\u0000b | 400"
            })
    void smugglersAreTurnedAwayAtTheDoor(String fields, int status) {
        try (RawClient raw = RawClient.connect(region.apiPort())) {
            raw.send("PUT /doors/new HTTP/1.1\r\nHost: 127.0.0.1\r\n" + fields.replace("~", "\r\n") + "\r\n\r\nnew");
            RawMessage answer = raw.read();
            assertThat(answer.status()).isIn(status, 400);
            assertThat(raw.closedByServer()).isTrue();
        }
        nothingChanged();
    }

    @Test
    void oversizedHeadersAreRefused() {
        try (RawClient raw = RawClient.connect(region.apiPort())) {
            raw.send("GET / HTTP/1.1\r\nHost: x\r\nX-Big: " + "x".repeat(70_000) + "\r\n\r\n");
            assertThat(raw.read().status()).isEqualTo(431);
        }
        try (RawClient raw = RawClient.connect(region.apiPort())) {
            raw.send("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(raw.read().status()).isEqualTo(414);
        }
        nothingChanged();
    }

    @Test
    void anonymousCallersGetWhatAclsGiveAndNoMore() {
        String host = "127.0.0.1:" + region.apiPort();
        for (String target : List.of("/doors/kept", "/doors", "/doors?acl", "/doors/kept?acl")) {
            RawMessage answer = client.exchange("GET", target, Headers.of("Host", host), NOTHING);
            refused(answer, 403, "AccessDenied");
        }
        // Nobody in particular has no buckets.
        assertThat(client.exchange("GET", "/", Headers.of("Host", host), NOTHING)
                        .text())
                .contains("<Buckets></Buckets>");
        refused(client.exchange("PUT", "/doors/new", Headers.of("Host", host), utf8("x")), 403, "AccessDenied");
        refused(client.exchange("DELETE", "/doors/kept", Headers.of("Host", host), NOTHING), 403, "AccessDenied");
        refused(client.exchange("GET", "/no-such-doors/k", Headers.of("Host", host), NOTHING), 404, "NoSuchBucket");
    }

    @Test
    void theAnswerToAHeadHasNoBodyWhateverIsWrong() {
        RawMessage answer = client.send("HEAD", "/doors/nope", NOTHING);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.body()).isEmpty();
    }
}
