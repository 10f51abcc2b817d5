package jarrah.s3.wire;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** User metadata on its way in and out. */
final class UserMetadataTest {
    @Test
    void whatClientsSendInUtf8ComesBackAsAnEncodedWord() {
        String field = new String("Größe".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        Map<String, String> read = UserMetadata.of(Headers.of("x-amz-meta-N", field, "x-amz-meta-plain", "a=?b"));
        assertThat(read).containsEntry("n", "Größe").containsEntry("plain", "a=?b");
        Headers written = Headers.of();
        UserMetadata.write(read, written);
        assertThat(written.first("x-amz-meta-n")).isEqualTo("=?UTF-8?B?R3LDtsOfZQ==?=");
        assertThat(written.first("x-amz-meta-plain")).isEqualTo("a=?b");
    }
}
