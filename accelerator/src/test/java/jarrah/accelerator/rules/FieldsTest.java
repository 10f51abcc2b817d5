package jarrah.accelerator.rules;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.Headers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FieldsTest {
    @Test
    void fieldsOfTheConnectionDoNotGoOn() {
        Headers sent = Headers.of(
                "Connection",
                "X-Hop, close",
                "X-Hop",
                "1",
                "Keep-Alive",
                "5",
                "TE",
                "trailers",
                "X-End",
                "2",
                "Proxy-Authorization",
                "x",
                "Connection",
                "Cache-Control",
                "Cache-Control",
                "no-store");
        assertThat(Fields.withoutHopByHop(sent).toString()).isEqualTo("X-End: 2\nCache-Control: no-store\n");
    }

    @Test
    void qualifiedFieldsAreNotStored() {
        Headers response = Headers.of("A", "1", "Set-Cookie", "x", "B", "2", "Age", "9", "Content-Length", "3");
        CacheControl control = CacheControl.parse("private=\"set-cookie\", no-cache=\"B\"");
        assertThat(Fields.stored(response, control).toString()).isEqualTo("A: 1\nAge: 9\n");
    }

    @Test
    void aNotModifiedReplacesWhatItCarries() {
        Headers stored =
                Headers.of("Age", "7", "ETag", "\"a\"", "X", "1", "X", "2", "Y", "3", "Content-Encoding", "gzip");
        Headers update =
                Headers.of("x", "9", "Z", "8", "Content-Length", "0", "Content-Encoding", "br", "ETag", "\"a\"");
        assertThat(Fields.updated(stored, update).toString())
                .isEqualTo("Y: 3\nContent-Encoding: gzip\nx: 9\nZ: 8\nETag: \"a\"\n");
    }

    @Test
    void anAnswer304LeavesOutWhatDescribesTheBody() {
        Headers representation = Headers.of(
                "ETag",
                "\"a\"",
                "Last-Modified",
                "x",
                "Content-Type",
                "t",
                "Content-Location",
                "/l",
                "Vary",
                "a",
                "Cache-Control",
                "c");
        assertThat(Fields.ofNotModified(representation).toString())
                .isEqualTo("ETag: \"a\"\nContent-Location: /l\nVary: a\nCache-Control: c\n");
        assertThat(Fields.ofNotModified(Headers.of("Last-Modified", "x")).first("Last-Modified"))
                .isEqualTo("x");
    }

    /** RFC 9111, 4.4. */
    @ParameterizedTest
    @CsvSource({
        "POST,200,true",
        "PUT,204,true",
        "DELETE,303,true",
        "PATCH,500,false",
        "POST,404,false",
        "GET,200,false",
        "HEAD,200,false",
        "OPTIONS,200,false",
        "TRACE,200,false",
        "M-SEARCH,200,true"
    })
    void unsafeMethodsThatSucceedInvalidate(String method, int status, boolean applies) {
        assertThat(Invalidation.applies(method, status)).isEqualTo(applies);
    }

    @Test
    void locationsOnTheSameHostAreInvalidatedToo() {
        Headers response = Headers.of("Location", "/b?c=1", "Content-Location", "http://files:81/c");
        assertThat(Invalidation.targets("files:81", "/a/x?q", response)).isEqualTo(List.of("/a/x?q", "/b?c=1", "/c"));
        assertThat(Invalidation.targets("files", "/a", response)).isEqualTo(List.of("/a", "/b?c=1"));
        assertThat(Invalidation.targets("files", "/a/x", Headers.of("Location", "y", "Content-Location", "//evil/z")))
                .isEqualTo(List.of("/a/x", "/a/y"));
        assertThat(Invalidation.targets(null, "/a", Headers.of("Location", "::bad")))
                .isEqualTo(List.of("/a"));
    }

    @Test
    void cacheStatusSaysWhatHappened() {
        assertThat(CacheStatus.hit(59_900)).isEqualTo("jarrah; hit; ttl=59");
        assertThat(CacheStatus.hit(-100)).isEqualTo("jarrah; hit; ttl=-1");
        assertThat(CacheStatus.forwarded(CacheStatus.Forward.URI_MISS, 200, 200, true, false))
                .isEqualTo("jarrah; fwd=uri-miss; stored");
        assertThat(CacheStatus.forwarded(CacheStatus.Forward.STALE, 304, 200, false, true))
                .isEqualTo("jarrah; fwd=stale; fwd-status=304; collapsed");
    }
}
