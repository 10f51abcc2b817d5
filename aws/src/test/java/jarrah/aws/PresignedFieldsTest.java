package jarrah.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.http.Headers;
import jarrah.http.RequestHead;
import jarrah.testkit.ManualClock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PresignedFieldsTest {
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    @Test
    void whatTheClientWouldHaveToSendIsTakenFromTheQuery() {
        Headers fields = PresignedFields.of(Requests.head(
                "PUT", "/k?X-Amz-Acl=public-read&x-amz-meta-note=a%20b&x-amz-tagging=a%3Db&prefix=x", "Host", "h"));
        assertThat(fields.first("x-amz-acl")).isEqualTo("public-read");
        assertThat(fields.first("x-amz-meta-note")).isEqualTo("a b");
        assertThat(fields.first("x-amz-tagging")).isEqualTo("a=b");
        assertThat(fields.contains("prefix")).isFalse();
    }

    @Test
    void whatWasSentComesFirstAndTheSignatureIsNoField() {
        RequestHead head = Requests.head(
                "PUT",
                "/k?x-amz-acl=public-read&X-Amz-Date=20130524T000000Z&X-Amz-Expires=60&x-amz-checksum-crc32=AAAAAA%3D%3D",
                "Host",
                "h",
                "x-amz-acl",
                "private");
        assertThat(PresignedFields.of(head).all("x-amz-acl")).containsExactly("private");
        assertThat(PresignedFields.of(head).size()).isEqualTo(2);
    }

    @Test
    void whatNoFieldCanHoldIsRefused() {
        assertThatThrownBy(() -> PresignedFields.of(Requests.head("PUT", "/k?x-amz-meta-a=b%0D%0Ac", "Host", "h")))
                .isInstanceOf(AuthenticationException.Malformed.class);
        assertThatThrownBy(() -> PresignedFields.of(Requests.head("PUT", "/k?x-amz-meta-%0A=b", "Host", "h")))
                .isInstanceOf(AuthenticationException.Malformed.class);
    }

    /** As the SDK for JavaScript presigns: the fields are among the signed ones, their values in the query alone. */
    @Test
    void signedFieldsMayStandInTheQuery() {
        var scope = new CredentialScope("20130524", "us-east-1", "s3");
        String query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ID%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host%3Bx-amz-acl"
                + "&x-amz-acl=public-read";
        String canonical = CanonicalRequest.of(
                "PUT",
                "/k",
                query,
                Headers.of("Host", "h", "x-amz-acl", "public-read"),
                List.of("host", "x-amz-acl"),
                "UNSIGNED-PAYLOAD");
        String signature = SigningKey.derive(SECRET, scope)
                .sign("AWS4-HMAC-SHA256\n20130524T000000Z\n" + scope + "\n" + Hashing.sha256Hex(canonical));
        var verifier = new SignatureVerifier(
                id -> id.equals("ID") ? SECRET : null, new ManualClock(Instant.parse("2013-05-24T00:00:00Z")));
        String target = "/k?" + query + "&X-Amz-Signature=" + signature;
        assertThat(verifier.verifyS3(Requests.head("PUT", target, "Host", "h")))
                .isInstanceOf(Authentication.Signed.class);
        assertThatThrownBy(() ->
                        verifier.verifyS3(Requests.head("PUT", target.replace("public-read", "private"), "Host", "h")))
                .isInstanceOf(AuthenticationException.Mismatch.class);
    }
}
