package jarrah.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The worked examples of "Signing and authenticating REST requests" (S3 Developer Guide), and what breaks them. */
class SignatureV2Test {
    private static final String ID = "AKIAIOSFODNN7EXAMPLE";
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private static final String DATE = "Tue, 27 Mar 2007 19:36:42 +0000";

    private static SignatureV2 at(String instant) {
        return new SignatureV2(Map.of(ID, SECRET)::get, Clock.fixed(Instant.parse(instant), ZoneOffset.UTC));
    }

    private final SignatureV2 verifier = at("2007-03-27T19:36:42Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET | /photos/puppy.jpg | Tue, 27 Mar 2007 19:36:42 +0000 | bWq2s1WEIj+Ydj0vQ697zp+IXMU=",
                "GET | /?prefix=photos&max-keys=50&marker=puppy | Tue, 27 Mar 2007 19:42:41 +0000 |"
                        + " htDYFYduRNen8P9ZfE/s9SuKy0U=",
                "GET | /?acl | Tue, 27 Mar 2007 19:44:46 +0000 | c2WLPFtWHVgbEmeEG93a4cG37dM="
            })
    void theExamplesOfTheGuideHold(String method, String target, String date, String signature) {
        var head = Requests.head(method, target, "Date", date, "Authorization", "AWS " + ID + ":" + signature);
        assertThat(verifier.verify(head, "johnsmith")).isInstanceOfSatisfying(Authentication.Signed.class, signed -> {
            assertThat(signed.accessKeyId()).isEqualTo(ID);
            assertThat(signed.version2()).isTrue();
            assertThat(signed.presigned()).isFalse();
        });
    }

    @Test
    void theTypeOfAnUploadIsSigned() {
        String[] fields = {
            "Content-Type",
            "image/jpeg",
            "Date",
            "Tue, 27 Mar 2007 21:15:45 +0000",
            "Authorization",
            "AWS " + ID + ":MyyxeRY7whkBe+bq8fHCL/2kKUg="
        };
        SignatureV2 then = at("2007-03-27T21:15:45Z");
        assertThat(then.verify(Requests.head("PUT", "/photos/puppy.jpg", fields), "johnsmith"))
                .isInstanceOf(Authentication.Signed.class);
        fields[1] = "text/plain";
        assertThatThrownBy(() -> then.verify(Requests.head("PUT", "/photos/puppy.jpg", fields), "johnsmith"))
                .isInstanceOfSatisfying(
                        AuthenticationException.Mismatch.class,
                        e -> assertThat(e.fields())
                                .containsEntry(
                                        "StringToSign",
                                        "PUT\n\ntext/plain\nTue, 27 Mar 2007 21:15:45 +0000\n/johnsmith/photos/puppy.jpg"));
    }

    @Test
    void aUrlHoldsUntilItsTime() {
        String target = "/photos/puppy.jpg?AWSAccessKeyId=" + ID
                + "&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620";
        var head = Requests.head("GET", target);
        assertThat(SignatureV2.isMeant(head)).isTrue();
        assertThat(verifier.verify(head, "johnsmith"))
                .isInstanceOfSatisfying(
                        Authentication.Signed.class,
                        signed -> assertThat(signed.presigned()).isTrue());
        assertThatThrownBy(() -> at("2007-03-29T03:40:21Z").verify(head, "johnsmith"))
                .isInstanceOf(AuthenticationException.Expired.class);
        assertThatThrownBy(() -> verifier.verify(head, "other")).isInstanceOf(AuthenticationException.Mismatch.class);
    }

    @Test
    void whatIsIncompleteOrOldIsRefused() {
        assertThatThrownBy(() ->
                        verifier.verify(Requests.head("GET", "/", "Date", DATE, "Authorization", "AWS " + ID), ""))
                .isInstanceOf(AuthenticationException.InvalidV2.class);
        assertThatThrownBy(() ->
                        verifier.verify(Requests.head("GET", "/", "Date", DATE, "Authorization", "AWS nobody:x"), ""))
                .isInstanceOf(AuthenticationException.UnknownAccessKey.class);
        assertThatThrownBy(() -> verifier.verify(
                        Requests.head("GET", "/", "Date", "yesterday", "Authorization", "AWS " + ID + ":x"), ""))
                .isInstanceOf(AuthenticationException.Undated.class);
        assertThatThrownBy(() -> verifier.verify(
                        Requests.head(
                                "GET",
                                "/",
                                "Date",
                                "Tue, 07 Jul 1950 21:53:04 GMT",
                                "Authorization",
                                "AWS " + ID + ":x"),
                        ""))
                .as("before every clock")
                .isInstanceOf(AuthenticationException.Undated.class);
        assertThatThrownBy(() -> at("2007-03-27T20:00:00Z")
                        .verify(Requests.head("GET", "/", "Date", DATE, "Authorization", "AWS " + ID + ":x"), ""))
                .isInstanceOf(AuthenticationException.TimeSkewed.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"Tue, 07 Jul 2010 21:53:04 GMT", "Tue, 07 Jul 9999 21:53:04 GMT"})
    void aWeekdayThatIsNotTheDatesIsPassedOver(String date) {
        assertThatThrownBy(() -> verifier.verify(
                        Requests.head("GET", "/", "x-amz-date", date, "Authorization", "AWS " + ID + ":x"), ""))
                .isInstanceOf(AuthenticationException.TimeSkewed.class);
    }
}
