package jarrah.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.Headers;
import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What public conformance suites ask of S3, where AWS's documentation leaves it open (decisions 070 and 082). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SuiteAnswersTest {
    private final Region region;
    private final SignedClient client;

    SuiteAnswersTest(@TempDir Path directory) throws IOException {
        region = Region.start(directory.resolve("data"));
        client = new SignedClient(region);
    }

    @AfterAll
    void stop() {
        region.close();
    }

    @Test
    void anEmptyContinuationTokenIsNoneAndToldBack() throws Exception {
        client.send("PUT", "/tokens", new byte[0]);
        client.send("PUT", "/tokens/key", new byte[0]);
        RawMessage page = client.send("GET", "/tokens?list-type=2&continuation-token=", new byte[0]);
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.text()).contains("<Key>key</Key>").containsPattern("<ContinuationToken(/>|></Cont)");
    }

    @Test
    void aPrefixThatDecodingLeavesAloneIsToldBackAsItIs() throws Exception {
        client.send("PUT", "/prefixes", new byte[0]);
        assertThat(client.send("GET", "/prefixes?encoding-type=url&prefix=a%0Ab", new byte[0])
                        .text())
                .contains("<Prefix>a\nb</Prefix>");
        assertThat(client.send("GET", "/prefixes?encoding-type=url&prefix=a%25b%2Bc", new byte[0])
                        .text())
                .contains("<Prefix>a%25b%2Bc</Prefix>");
    }

    @Test
    void onesOwnBucketIsCreatedAgainOnlyAsItIs() throws Exception {
        assertThat(client.send("PUT", "/created", new byte[0]).status()).isEqualTo(200);
        assertThat(client.send("PUT", "/created", new byte[0]).status()).isEqualTo(200);
        RawMessage other = client.send("PUT", "/created", new byte[0], "x-amz-acl", "public-read");
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.text()).contains("<Code>BucketAlreadyExists</Code>");
    }

    @Test
    void whatIsNotThereIsToldToBeNoDeleteMarker() throws Exception {
        client.send("PUT", "/markers", new byte[0]);
        RawMessage missing = client.send("HEAD", "/markers/none", new byte[0]);
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.first("x-amz-delete-marker")).isEqualTo("false");
    }

    @Test
    void aPresignedUrlCarriesFieldsInItsQuery() throws Exception {
        client.send("PUT", "/presigned", new byte[0]);
        String expires = Long.toString(Instant.now().getEpochSecond() + 600);
        String signed = "PUT\n\n\n" + expires + "\nx-amz-acl:public-read\nx-amz-meta-note:a b\n/presigned/key";
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(SignedClient.utf8(Region.SECRET), "HmacSHA1"));
        String target = "/presigned/key?AWSAccessKeyId=" + Region.ACCESS_KEY_ID + "&Expires=" + expires
                + "&x-amz-acl=public-read&x-amz-meta-note=a%20b&Signature="
                + URLEncoder.encode(Base64.getEncoder().encodeToString(mac.doFinal(SignedClient.utf8(signed))), UTF_8);
        Headers host = Headers.of("Host", "127.0.0.1:" + region.apiPort());
        RawMessage put = client.exchange("PUT", target, host, SignedClient.utf8("body"));
        assertThat(put.status()).as(put.text()).isEqualTo(200);
        RawMessage read = client.exchange("GET", "/presigned/key", host, new byte[0]);
        assertThat(read.status()).isEqualTo(200);
        assertThat(read.first("x-amz-meta-note")).isEqualTo("a b");
        assertThat(client.exchange("PUT", target.replace("public-read", "private"), host, new byte[0])
                        .text())
                .contains("SignatureDoesNotMatch");
    }

    @Test
    void aChangeMeetsADeleteMarkerWith405() throws Exception {
        client.send("PUT", "/changes", new byte[0]);
        client.send(
                "PUT",
                "/changes?versioning",
                SignedClient.utf8("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"));
        String version = client.send("PUT", "/changes/key", new byte[0]).first("x-amz-version-id");
        RawMessage acl = client.send("PUT", "/changes/key?acl", new byte[0], "x-amz-acl", "private");
        assertThat(acl.first("x-amz-version-id")).isEqualTo(version);
        assertThat(client.send("GET", "/changes/key?acl", new byte[0]).first("x-amz-version-id"))
                .isEqualTo(version);
        client.send("DELETE", "/changes/key", new byte[0]);
        assertThat(client.send("PUT", "/changes/key?acl", new byte[0], "x-amz-acl", "private")
                        .status())
                .isEqualTo(405);
        assertThat(client.send("DELETE", "/changes/key?tagging", new byte[0]).status())
                .isEqualTo(405);
        assertThat(client.send("GET", "/changes/key?tagging", new byte[0]).status())
                .isEqualTo(404);
    }

    @Test
    void aWriteTellsItsVersionOnlyWhileVersionsAreKept() throws Exception {
        client.send("PUT", "/suspended", new byte[0]);
        client.send(
                "PUT",
                "/suspended?versioning",
                SignedClient.utf8("<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"));
        RawMessage put = client.send("PUT", "/suspended/key", new byte[0]);
        assertThat(put.status()).isEqualTo(200);
        assertThat(put.first("x-amz-version-id")).isNull();
        assertThat(client.send("HEAD", "/suspended/key", new byte[0]).first("x-amz-version-id"))
                .isEqualTo("null");
    }

    @Test
    void theAdministratorBeginsAnUploadForTheAccount() throws Exception {
        client.send("PUT", "/begun", new byte[0]);
        client.send("POST", "/begun/key?uploads", new byte[0]);
        String uploads = client.send("GET", "/begun?uploads", new byte[0]).text();
        String person = "<ID>([0-9a-f]{64})</ID><DisplayName>([^<]+)</DisplayName>";
        assertThat(uploads)
                .containsPattern(
                        "<Initiator>" + person + "</Initiator><Owner><ID>\\1</ID><DisplayName>\\2</DisplayName>");
    }

    @Test
    void aReadDoesNotSayHowToEncrypt() throws Exception {
        client.send("PUT", "/reads", new byte[0]);
        client.send("PUT", "/reads/key", new byte[0]);
        String field = "x-amz-server-side-encryption";
        assertThat(client.send("HEAD", "/reads/key", new byte[0], field, "AES256")
                        .status())
                .isEqualTo(400);
        assertThat(client.send("GET", "/reads/key", new byte[0], field, "aws:kms")
                        .text())
                .contains("<Code>InvalidArgument</Code>");
    }

    @Test
    void aRedirectIsNotCopiedButGiven() throws Exception {
        String field = "x-amz-website-redirect-location";
        client.send("PUT", "/redirects", new byte[0]);
        client.send("PUT", "/redirects/from", new byte[0], field, "/there", "x-amz-meta-note", "kept");
        String[] copy = {"x-amz-copy-source", "/redirects/from"};
        assertThat(client.send("PUT", "/redirects/plain", new byte[0], copy).status())
                .isEqualTo(200);
        RawMessage plain = client.send("HEAD", "/redirects/plain", new byte[0]);
        assertThat(plain.first(field)).isNull();
        assertThat(plain.first("x-amz-meta-note")).isEqualTo("kept");
        client.send("PUT", "/redirects/given", new byte[0], copy[0], copy[1], field, "https://example.com/");
        assertThat(client.send("HEAD", "/redirects/given", new byte[0]).first(field))
                .isEqualTo("https://example.com/");
        assertThat(client.send("PUT", "/redirects/bad", new byte[0], copy[0], copy[1], field, "there")
                        .text())
                .contains("<Code>InvalidRedirectLocation</Code>");
    }

    @Test
    void anUploadWithoutALengthIsRefused() throws Exception {
        client.send("PUT", "/lengths", new byte[0]);
        client.send("PUT", "/lengths/key", SignedClient.utf8("kept"));
        Headers signed = client.signed("PUT", "/lengths/key", "UNSIGNED-PAYLOAD");
        RawMessage silent;
        try (RawClient raw = RawClient.connect(region.apiPort())) {
            var head = new StringBuilder("PUT /lengths/key HTTP/1.1\r\n");
            signed.forEach((name, value) ->
                    head.append(name).append(": ").append(value).append("\r\n"));
            silent = raw.send(head.append("\r\n").toString()).read();
        }
        assertThat(silent.status()).isEqualTo(411);
        assertThat(silent.text()).contains("<Code>MissingContentLength</Code>");
        assertThat(client.send("GET", "/lengths/key", new byte[0]).text()).isEqualTo("kept");
    }

    @Test
    void aNewBucketsPublicAccessBlockBlocksNothingUntilItIsDeleted() throws Exception {
        client.send("PUT", "/blocks", new byte[0]);
        RawMessage fresh = client.send("GET", "/blocks?publicAccessBlock", new byte[0]);
        assertThat(fresh.status()).isEqualTo(200);
        assertThat(fresh.text())
                .contains("<BlockPublicAcls>false</BlockPublicAcls>")
                .doesNotContain("true");
        client.send("DELETE", "/blocks?publicAccessBlock", new byte[0]);
        assertThat(client.send("GET", "/blocks?publicAccessBlock", new byte[0]).text())
                .contains("<Code>NoSuchPublicAccessBlockConfiguration</Code>");
    }

    @Test
    void whatNobodySignedForIsTheBucketOwnersToRule() throws Exception {
        client.send("PUT", "/letterbox", new byte[0], "x-amz-acl", "public-read-write");
        Headers host = Headers.of("Host", "127.0.0.1:" + region.apiPort(), "x-amz-acl", "private");
        assertThat(client.exchange("PUT", "/letterbox/note", host, SignedClient.utf8("psst"))
                        .status())
                .isEqualTo(200);
        assertThat(client.exchange("GET", "/letterbox/note", host, new byte[0]).status())
                .isEqualTo(403);
        assertThat(client.send("GET", "/letterbox/note", new byte[0]).text()).isEqualTo("psst");
        assertThat(client.send("GET", "/letterbox/note?tagging", new byte[0]).status())
                .isEqualTo(200);
    }

    @Test
    void aNameThatNoHostCanHaveIsRefused() throws Exception {
        for (String name : new String[] {"foo.-bar", "foo-.bar", "foo..bar"}) {
            assertThat(client.send("PUT", "/" + name, new byte[0]).text()).contains("InvalidBucketName");
        }
    }

    @Test
    void anUnorderedListingHasNoDelimiter() throws Exception {
        client.send("PUT", "/unordered", new byte[0]);
        assertThat(client.send("GET", "/unordered?allow-unordered=true", new byte[0])
                        .status())
                .isEqualTo(200);
        assertThat(client.send("GET", "/unordered?allow-unordered=true&delimiter=%2F", new byte[0])
                        .text())
                .contains("InvalidArgument");
    }
}
