package jarrah.accelerator.rules;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.Headers;
import jarrah.http.RequestHead;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CompressionTest {
    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    private static boolean wanted(Headers fields) {
        var request = new RequestHead("GET", "/", fields, HERE, HERE, false);
        return Compression.isWanted(RequestFacts.of(request), fields.joined("Accept-Encoding"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gzip",
                "GZIP",
                "x-gzip",
                "gzip, deflate, br, zstd",
                "br;q=1.0, gzip;q=0.8, *;q=0.1",
                "*",
                "identity;q=0.5, gzip",
                "gzip, identity",
                "deflate, gzip;q=0.001",
            })
    void gzipIsForWhoeverWouldRatherHaveIt(String accepted) {
        assertThat(wanted(Headers.of("Accept-Encoding", accepted))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "identity",
                "br",
                "gzip;q=0",
                "gzip;q=0, *",
                "*;q=0",
                "identity, gzip;q=0.5",
                "gzip;q=nonsense",
                "deflate, br"
            })
    void andForNobodyElse(String accepted) {
        assertThat(wanted(Headers.of("Accept-Encoding", accepted))).isFalse();
    }

    @Test
    void norForWhoAsksForBytes() {
        assertThat(wanted(Headers.of("Accept-Encoding", "gzip", "Range", "bytes=0-1")))
                .isFalse();
        assertThat(wanted(Headers.of("Accept-Encoding", "gzip", "If-Match", "\"e\"")))
                .isFalse();
        assertThat(wanted(Headers.of("Accept-Encoding", "gzip", "Cache-Control", "no-transform")))
                .isFalse();
        assertThat(wanted(Headers.of())).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/html; charset=utf-8|true",
                "TEXT/CSS|true",
                "application/json|true",
                "application/problem+json|true",
                "image/svg+xml|true",
                "font/ttf ;x=y|true",
                "text/event-stream|false",
                "image/png|false",
                "application/gzip|false",
                "application/octet-stream|false",
                "font/woff2|false",
                "''|false",
            })
    void textIsCompressed(String type, boolean compressed) {
        assertThat(Compression.applies(200, Headers.of("Content-Type", type), CacheControl.NONE, 5_000))
                .isEqualTo(compressed);
    }

    @Test
    void whatIsSmallLargeOddOrNotToBeChangedIsNot() {
        Headers text = Headers.of("Content-Type", "text/plain");
        assertThat(Compression.applies(200, text, CacheControl.NONE, 1_023)).isFalse();
        assertThat(Compression.applies(200, text, CacheControl.NONE, 1_024)).isTrue();
        assertThat(Compression.applies(200, text, CacheControl.NONE, -1)).isTrue();
        assertThat(Compression.applies(200, text, CacheControl.NONE, 16 << 20)).isTrue();
        assertThat(Compression.applies(200, text, CacheControl.NONE, (16 << 20) + 1))
                .isFalse();
        assertThat(Compression.applies(404, text, CacheControl.NONE, 5_000)).isFalse();
        assertThat(Compression.applies(200, text, CacheControl.parse("max-age=1, no-transform"), 5_000))
                .isFalse();
        assertThat(Compression.applies(200, text.copy().add("Content-Encoding", "br"), CacheControl.NONE, 5_000))
                .isFalse();
        assertThat(Compression.applies(200, Headers.of(), CacheControl.NONE, 5_000))
                .isFalse();
    }

    @Test
    void theHeadIsThatOfTheVariant() {
        Headers head = Headers.of(
                "ETag",
                "\"e\"",
                "Content-Length",
                "5000",
                "Accept-Ranges",
                "bytes",
                "Repr-Digest",
                "sha-256=:x:",
                "Vary",
                "Accept-Language");
        Compression.vary(head);
        Compression.vary(head);
        Compression.encode(head);
        assertThat(head.toString())
                .isEqualTo("Vary: Accept-Language\nVary: Accept-Encoding\nContent-Encoding: gzip\nETag: W/\"e\"\n");
        assertThat(Compression.isEncoded(head)).isTrue();
        assertThat(Compression.originTag(head.first("ETag"))).isEqualTo("\"e\"");
    }
}
