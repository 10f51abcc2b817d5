package jarrah.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.http.Headers;
import jarrah.http.RequestHead;
import jarrah.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of "Authenticating Requests (AWS Signature Version 4)", and what must not pass. */
class SignatureVerifierTest {
    private static final String ID = "AKIAIOSFODNN7EXAMPLE";
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private static final String HOST = "examplebucket.s3.amazonaws.com";

    private final ManualClock clock = new ManualClock(Instant.parse("2013-05-24T00:00:00Z"));
    private final SignatureVerifier verifier = new SignatureVerifier(Map.of(ID, SECRET)::get, clock);

    private static RequestHead documentedGet(String range, String signature) {
        return Requests.head(
                "GET",
                "/test.txt",
                "Host",
                HOST,
                "Range",
                range,
                "x-amz-content-sha256",
                Hashing.EMPTY_SHA256,
                "x-amz-date",
                "20130524T000000Z",
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=" + ID + "/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;"
                        + "x-amz-content-sha256;x-amz-date,Signature=" + signature);
    }

    @Test
    void theDocumentedHeaderSignatureHolds() {
        var who = verifier.verifyS3(
                documentedGet("bytes=0-9", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
        assertThat(who)
                .isEqualTo(new Authentication.Signed(
                        ID,
                        new CredentialScope("20130524", "us-east-1", "s3"),
                        clock.instant(),
                        false,
                        new BodySigning.Digest(Hashing.EMPTY_SHA256)));
    }

    @Test
    void aChangedFieldIsRefusedWithWhatWasSigned() {
        assertThatThrownBy(() -> verifier.verifyS3(
                        documentedGet("bytes=0-8", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")))
                .isInstanceOfSatisfying(AuthenticationException.Mismatch.class, e -> {
                    assertThat(e.code()).isEqualTo("SignatureDoesNotMatch");
                    assertThat(e.fields().get("CanonicalRequest")).contains("range:bytes=0-8");
                    assertThat(e.fields().get("StringToSign")).startsWith("AWS4-HMAC-SHA256\n20130524T000000Z\n");
                });
    }

    @Test
    void theDocumentedPresignedUrlHoldsUntilItExpires() {
        RequestHead head = Requests.head(
                "GET",
                "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + ID
                        + "%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
                        + "&X-Amz-SignedHeaders=host&X-Amz-Signature="
                        + "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
                "Host",
                HOST);
        clock.advance(Duration.ofHours(24));
        assertThat(verifier.verifyS3(head)).isInstanceOf(Authentication.Signed.class);
        clock.advance(Duration.ofSeconds(1));
        assertThatThrownBy(() -> verifier.verifyS3(head))
                .isInstanceOf(AuthenticationException.Expired.class)
                .hasMessage("Request has expired");
    }

    @Test
    void aPresignedUrlFromTheFutureIsRefused() {
        String query = signer("s3").presign("GET", HOST, "/test.txt", Duration.ofHours(1));
        clock.advance(Duration.ofMinutes(-16));
        assertThatThrownBy(() -> verifier.verifyS3(Requests.head("GET", "/test.txt?" + query, "Host", HOST)))
                .isInstanceOf(AuthenticationException.Expired.class)
                .hasMessage("Request is not valid yet");
    }

    @Test
    void whatWeSignWeAccept() {
        Headers headers = Headers.of("Host", HOST, "x-amz-meta-note", "  two   blanks ");
        signer("s3").sign("PUT", "/a%2Fb/%C3%BC//..", "prefix=a%2Bb&list-type=2", headers, "UNSIGNED-PAYLOAD");
        RequestHead head = new RequestHead(
                "PUT",
                "/a%2Fb/%C3%BC//..?prefix=a%2Bb&list-type=2",
                headers,
                Requests.LOOPBACK,
                Requests.LOOPBACK,
                false);
        assertThat(verifier.verifyS3(head)).isInstanceOf(Authentication.Signed.class);
    }

    @Test
    void otherServicesCoverTheBytesOfTheBody() {
        Headers headers = Headers.of("Host", "sts.amazonaws.com");
        String form = "Action=GetCallerIdentity&Version=2011-06-15";
        signer("sts").sign("POST", "/", null, headers, Hashing.sha256Hex(form));
        RequestHead head = new RequestHead("POST", "/", headers, Requests.LOOPBACK, Requests.LOOPBACK, false);
        assertThat(verifier.verify(head, form.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(Authentication.Signed.class);
        assertThatThrownBy(() -> verifier.verify(head, (form + "&x=1").getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(AuthenticationException.Mismatch.class);
    }

    @Test
    void aClockFifteenMinutesOffIsRefused() {
        Headers headers = Headers.of("Host", HOST);
        signer("s3").sign("GET", "/", null, headers, Hashing.EMPTY_SHA256);
        RequestHead head = new RequestHead("GET", "/", headers, Requests.LOOPBACK, Requests.LOOPBACK, false);
        clock.advance(Duration.ofMinutes(15));
        assertThat(verifier.verifyS3(head)).isInstanceOf(Authentication.Signed.class);
        clock.advance(Duration.ofSeconds(1));
        assertThatThrownBy(() -> verifier.verifyS3(head)).isInstanceOf(AuthenticationException.TimeSkewed.class);
    }

    @Test
    void anAmzFieldThatIsNotSignedIsRefused() {
        Headers headers = Headers.of("Host", HOST);
        signer("s3").sign("PUT", "/k", null, headers, Hashing.EMPTY_SHA256);
        headers.add("x-amz-acl", "public-read");
        RequestHead head = new RequestHead("PUT", "/k", headers, Requests.LOOPBACK, Requests.LOOPBACK, false);
        assertThatThrownBy(() -> verifier.verifyS3(head))
                .isInstanceOfSatisfying(
                        AuthenticationException.HeadersNotSigned.class,
                        e -> assertThat(e.fields().get("HeadersNotSigned")).isEqualTo("x-amz-acl"));
    }

    @Test
    void anUnknownKeyIsNamed() {
        Headers headers = Headers.of("Host", HOST);
        new RequestSigner("AKIANOBODY", SECRET, "us-east-1", "s3", clock)
                .sign("GET", "/", null, headers, Hashing.EMPTY_SHA256);
        RequestHead head = new RequestHead("GET", "/", headers, Requests.LOOPBACK, Requests.LOOPBACK, false);
        assertThatThrownBy(() -> verifier.verifyS3(head))
                .isInstanceOfSatisfying(
                        AuthenticationException.UnknownAccessKey.class,
                        e -> assertThat(e.fields().get("AWSAccessKeyId")).isEqualTo("AKIANOBODY"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AWS " + ID + ":c2lnbmF0dXJl",
                "Bearer x",
                "AWS4-HMAC-SHA256",
                "AWS4-HMAC-SHA256 ",
                "AWS4-HMAC-SHA256 Credential=" + ID + ", SignedHeaders=host",
                "AWS4-HMAC-SHA256 Credential=" + ID + "/20130524/us-east-1/s3, SignedHeaders=host, Signature=00",
                "AWS4-HMAC-SHA256 Credential=/20130524/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00",
                "AWS4-HMAC-SHA256 Credential=" + ID
                        + "/20130523/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00",
                "AWS4-ECDSA-P256-SHA256 Credential=" + ID + "/20130524/s3/aws4_request, SignedHeaders=host, Signature=0"
            })
    void anAuthorizationOfAnotherFormIsRefused(String authorization) {
        RequestHead head = Requests.head(
                "GET",
                "/",
                "Host",
                HOST,
                "x-amz-date",
                "20130524T000000Z",
                "x-amz-content-sha256",
                Hashing.EMPTY_SHA256,
                "Authorization",
                authorization);
        assertThatThrownBy(() -> verifier.verifyS3(head))
                .isInstanceOfSatisfying(
                        AuthenticationException.class,
                        e -> assertThat(e.status()).isEqualTo(400));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "604801", "x", ""})
    void anExpiryOutsideOfAWeekIsRefused(String expires) {
        String query = signer("s3")
                .presign("GET", HOST, "/k", Duration.ofSeconds(60))
                .replace("X-Amz-Expires=60", "X-Amz-Expires=" + expires);
        assertThatThrownBy(() -> verifier.verifyS3(Requests.head("GET", "/k?" + query, "Host", HOST)))
                .isInstanceOfAny(AuthenticationException.LifeOutOfRange.class, AuthenticationException.Malformed.class);
    }

    @Test
    void aRequestWithoutASignatureIsAnonymous() {
        assertThat(verifier.verifyS3(Requests.head("GET", "/bucket/key", "Host", HOST)))
                .isEqualTo(new Authentication.Anonymous(new BodySigning.Unsigned()));
    }

    private RequestSigner signer(String service) {
        return new RequestSigner(ID, SECRET, "us-east-1", service, clock);
    }
}
