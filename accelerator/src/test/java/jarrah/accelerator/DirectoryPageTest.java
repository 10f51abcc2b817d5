package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DirectoryPageTest {
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

    private static DirectoryPage page(String path, int depth, String... names) {
        return new DirectoryPage(
                path,
                depth,
                List.of(names).stream()
                        .map(name -> name.endsWith("/")
                                ? new DirectoryPage.Name(name.substring(0, name.length() - 1), true, 0, null)
                                : new DirectoryPage.Name(name, false, 1536, NOON))
                        .toList(),
                null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a b.txt|./a%20b.txt",
                "a+b|./a%2Bb",
                "a%2Fb|./a%252Fb",
                "ü|./%C3%BC",
                "http:x|./http%3Ax",
                "?q#f|./%3Fq%23f",
                "\"><script>|./%22%3E%3Cscript%3E",
                "dir/|./dir/",
                "/|.//",
            })
    void aNameIsLinkedAsThatAndNothingElse(String name, String reference) {
        assertThat(page("/", 0, name).html()).contains("<td><a href=\"" + reference + "\">");
    }

    @Test
    void whatClientsFoldBeforeTheyAskIsShownWithoutALink() {
        assertThat(page("/", 0, ".", "../").html())
                .contains("<td><bdi>.</bdi></td>", "<td><bdi>../</bdi></td>")
                .doesNotContain("href");
    }

    @Test
    void nothingInANameIsMarkup() {
        String html = page("/<i>/", 1, "<b>&\"'", "line\nbreak").html();
        assertThat(html)
                .contains("&lt;b&gt;&amp;&quot;&#39;", "line\ufffdbreak", "<title>Index of /&lt;i&gt;/</title>")
                .doesNotContain("<b>", "<i>");
    }

    @Test
    void eachDirectoryAboveIsLinkedUpToTheSites() {
        assertThat(page("/t/a/b/", 2).html())
                .contains(
                        "Index of <a href=\"../../\"><bdi>/t/</bdi></a><a href=\"../\"><bdi>a/</bdi></a><bdi>b/</bdi>")
                .contains("<td><a href=\"../\">../</a>");
        assertThat(page("/", 0).html()).contains("Index of <bdi>/</bdi></h1>").doesNotContain("../");
        assertThat(page("/a//", 2).html())
                .contains("<a href=\"../../\"><bdi>/</bdi></a><a href=\"../\"><bdi>a/</bdi></a><bdi>/</bdi>");
    }

    @Test
    void jsonIsThatOfNginx() {
        assertThat(page("/", 0, "d/", "a\"\\\u0001ü").json()).isEqualTo("""
                [
                {"name":"d","type":"directory"},
                {"name":"a\\"\\\\\\u0001ü","type":"file","mtime":"Sun, 22 Nov 2026 12:00:00 GMT","size":1536}
                ]
                """);
        assertThat(page("/", 0).json()).isEqualTo("[\n]\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json|true",
                "application/json, */*|true",
                "application/json;q=0.5, text/html|false",
                "application/json;q=0|false",
                "*/*|false",
                "text/html,application/xhtml+xml,*/*;q=0.8|false",
                "application/*|false",
            })
    void jsonIsForWhoNamesIt(String accept, boolean json) {
        assertThat(DirectoryPage.wantsJson(accept)).isEqualTo(json);
        assertThat(DirectoryPage.wantsJson(null)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0|0 B",
                "1023|1023 B",
                "1024|1.0 KiB",
                "1048524|1023.9 KiB",
                "1048575|1.0 MiB",
                "5368709120|5.0 GiB",
                "9223372036854775807|8192.0 PiB",
            })
    void sizesAreForPeople(long bytes, String shown) {
        assertThat(DirectoryPage.size(bytes)).isEqualTo(shown);
    }
}
