package jarrah.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.http.Headers;
import jarrah.testkit.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The documented example of a body in signed chunks, whole and tampered with; unsigned chunks with trailers. */
class AwsChunkedBodyTest {
    private static final String ID = "AKIAIOSFODNN7EXAMPLE";
    private static final String[] SIGNATURES = {
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"
    };

    static BodySigning documentedSigning() {
        var head = Requests.head(
                "PUT",
                "/examplebucket/chunkObject.txt",
                "Host",
                "s3.amazonaws.com",
                "x-amz-date",
                "20130524T000000Z",
                "x-amz-storage-class",
                "REDUCED_REDUNDANCY",
                "Content-Encoding",
                "aws-chunked",
                "Content-Length",
                "66824",
                "x-amz-content-sha256",
                "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                "x-amz-decoded-content-length",
                "66560",
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=" + ID + "/20130524/us-east-1/s3/aws4_request,"
                        + "SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
                        + "x-amz-decoded-content-length;x-amz-storage-class,"
                        + "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
        return new SignatureVerifier(
                        Map.of(ID, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")::get,
                        new ManualClock(Instant.parse("2013-05-24T00:00:00Z")))
                .verifyS3(head)
                .bodySigning();
    }

    static byte[] documentedBody() {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < 3; i++) {
            int size = new int[] {65_536, 1_024, 0}[i];
            out.writeBytes(ascii(Integer.toHexString(size) + ";chunk-signature=" + SIGNATURES[i] + "\r\n"));
            out.writeBytes(letters(size));
            out.writeBytes(ascii("\r\n"));
        }
        return out.toByteArray();
    }

    static byte[] letters(int count) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, (byte) 'a');
        return bytes;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] read(BodySigning signing, byte[] wire, int pieceBytes, String... headers) throws IOException {
        return SignedBody.of(Requests.body(wire, pieceBytes), signing, Headers.of(headers))
                .readAll(100_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4_096, 1_000_000})
    void theDocumentedBodyIsReadInWhateverPiecesItComes(int pieceBytes) throws IOException {
        byte[] whole = read(documentedSigning(), documentedBody(), pieceBytes, "x-amz-decoded-content-length", "66560");
        assertThat(whole).isEqualTo(letters(66_560));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 65_700, 66_600, 66_690})
    void aFlippedByteAnywhereIsRefused(int position) {
        byte[] wire = documentedBody();
        wire[position] ^= 1;
        assertThatThrownBy(() -> read(documentedSigning(), wire, 4_096, "x-amz-decoded-content-length", "66560"))
                .isInstanceOf(AwsException.class);
    }

    @Test
    void leavingOutAChunkIsRefused() {
        byte[] wire = documentedBody();
        byte[] without = Arrays.copyOfRange(wire, 65_536 + 5 + 17 + 64 + 4, wire.length);
        assertThatThrownBy(() -> read(documentedSigning(), without, 4_096, "x-amz-decoded-content-length", "1024"))
                .isInstanceOf(AuthenticationException.Mismatch.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"66559", "66561"})
    void chunksThatDoNotAddUpToTheDeclaredLengthAreRefused(String declared) {
        assertThatThrownBy(() ->
                        read(documentedSigning(), documentedBody(), 4_096, "x-amz-decoded-content-length", declared))
                .isInstanceOf(BodyException.Incomplete.class);
    }

    @Test
    void aTrailerIsKnownOnceTheBodyHasBeenRead() throws IOException {
        byte[] wire = ascii("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n");
        var body = SignedBody.of(
                Requests.body(wire, 3),
                new BodySigning.Chunked(null, true),
                Headers.of("x-amz-decoded-content-length", "5", "x-amz-trailer", "x-amz-checksum-crc32"));
        assertThat(body.readAll(100)).isEqualTo(ascii("hello"));
        assertThat(body.trailer("X-Amz-Checksum-Crc32")).isEqualTo("NhCmhg==");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "5\r\nhello\r\n0\r\n\r\n", // the announced trailer is missing
                "5\r\nhello\r\n0\r\nx-amz-other:1\r\n\r\n", // another than announced
                "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\nmore", // goes on
                "5\r\nhello\r\n", // ends early
                "5\r\nhello!\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", // longer than it says
                "-5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
                "ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
                "xyz\r\nhello\r\n0\r\n\r\n",
                "\r\nhello\r\n0\r\n\r\n",
                ""
            })
    void aBrokenCodingIsRefused(String wire) {
        assertThatThrownBy(() -> read(
                        new BodySigning.Chunked(null, true),
                        ascii(wire),
                        7,
                        "x-amz-decoded-content-length",
                        "5",
                        "x-amz-trailer",
                        "x-amz-checksum-crc32"))
                .isInstanceOf(BodyException.class);
    }

    @Test
    void aBodyWithoutItsDecodedLengthIsRefused() {
        assertThatThrownBy(() -> read(new BodySigning.Chunked(null, true), ascii("0\r\n\r\n"), 7))
                .isInstanceOf(BodyException.LengthMissing.class);
    }

    @Test
    void aWrongDigestOfAPlainBodyIsRefusedAtItsEnd() throws IOException {
        assertThat(read(new BodySigning.Digest(Hashing.sha256Hex("hello")), ascii("hello"), 2))
                .isEqualTo(ascii("hello"));
        assertThatThrownBy(() -> read(new BodySigning.Digest(Hashing.sha256Hex("hello")), ascii("hellO"), 2))
                .isInstanceOf(BodyException.Sha256Mismatch.class);
    }
}
