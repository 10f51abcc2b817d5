package jarrah.s3.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.http.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where an object of a website may send browsers to. */
final class RedirectLocationTest {
    private static final String FIELD = "x-amz-website-redirect-location";

    @ParameterizedTest
    @ValueSource(strings = {"/page.html", "http://example.com/", "https://example.com/a?b"})
    void aPathOfTheSiteOrAUrlIsTaken(String location) {
        assertThat(MetadataHeaders.read(Headers.of(FIELD, location)).headers()).containsEntry(FIELD, location);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "page.html", "ftp://example.com/", "javascript:alert(1)"})
    void anythingElseIsRefused(String location) {
        assertThatThrownBy(() -> MetadataHeaders.read(Headers.of(FIELD, location)))
                .isInstanceOf(S3WireException.InvalidRedirectLocation.class);
    }

    @Test
    void aLocationHasItsBound() {
        assertThatThrownBy(() -> MetadataHeaders.read(Headers.of(FIELD, "/" + "x".repeat(2_048))))
                .isInstanceOf(S3WireException.InvalidRedirectLocation.class);
    }
}
