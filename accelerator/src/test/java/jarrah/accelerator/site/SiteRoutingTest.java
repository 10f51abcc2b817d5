package jarrah.accelerator.site;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.accelerator.rules.CachePolicy;
import jarrah.http.HttpOrigin;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SiteRoutingTest {
    private static final SiteOrigin BUCKET = new SiteOrigin.Bucket("b", "releases/", SiteOrigin.Identity.ANONYMOUS);
    private static final SiteOrigin HTTP = new SiteOrigin.Http(new HttpOrigin(false, "origin", 80));

    private static Site site(String name, String path, SiteOrigin origin, String... hosts) {
        return new Site(
                name,
                List.of(hosts),
                path,
                origin,
                PathRules.NONE,
                AccessRules.OPEN,
                Set.of(),
                CachePolicy.DEFAULT,
                HeaderRules.NONE,
                false,
                Limits.OFF);
    }

    private static final Sites SITES = new Sites(List.of(
            site("any", "/", BUCKET),
            site("any-tools", "/tools/", BUCKET),
            site("files", "/", BUCKET, "files.example.com"),
            site("files-deep", "/a/b/", BUCKET, "files.example.com"),
            site("files-a", "/a/", BUCKET, "files.example.com"),
            site("wild", "/", BUCKET, "*.example.com"),
            site("wilder", "/", BUCKET, "*.cdn.example.com"),
            site("wild-x", "/x/", BUCKET, "*.only.org"),
            site("six", "/", BUCKET, "[::1]")));

    private static String found(String host, String target) {
        Target parsed = Target.parse(target);
        assertThat(parsed).isNotNull();
        Site site = SITES.find(host, parsed);
        return site == null ? "none" : site.name();
    }

    @ParameterizedTest
    @CsvSource({
        "files.example.com,/x,files",
        "FILES.example.com.:8080,/x,files",
        "files.example.com,/a/x,files-a",
        "files.example.com,/a/b/c,files-deep",
        "files.example.com,/a/b,files-deep",
        "files.example.com,/a/bc,files-a",
        "files.example.com,/%61/%62/c,files-deep",
        "files.example.com,//a/b/c,files",
        "other.example.com,/x,wild",
        "x.y.example.com,/x,wild",
        "x.cdn.example.com,/x,wilder",
        "example.com,/x,any",
        "cdn.example.com,/x,wild",
        "nobody.org,/tools/x,any-tools",
        "h.only.org,/x/y,wild-x",
        "h.only.org,/y,any",
        "[::1]:80,/x,six",
        "[::1],/x,six",
        "'',/x,any",
    })
    void theHostThenTheLongestPathDecides(String host, String target, String expected) {
        assertThat(found(host, target)).isEqualTo(expected);
    }

    @Test
    void aTargetInAbsoluteFormNamesItsHost() {
        Target target = Target.parse("http://files.example.com:81/a%20b?c");
        assertThat(target).isEqualTo(new Target("/a%20b", "/a b", true, "c", "files.example.com:81"));
        assertThat(Target.parse("http://h?x")).isEqualTo(new Target("/", "/", true, "x", "h"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "", "a", "host:80", "/%", "/%4", "/%zz", "/%00", "ftp://h/", "/\u0000"})
    void whatIsNoPathIsRefused(String target) {
        assertThat(Target.parse(target)).isNull();
    }

    /** Names as S3 has them: one spelling decoded once, nothing normalised. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/tools/a%20b|releases/a b",
                "/tools/a+b|releases/a+b",
                "/tools/a%2Bb|releases/a+b",
                "/tools/a%2Fb|releases/a/b",
                "/tools/a%252Fb|releases/a%2Fb",
                "/tools/%c3%bcber|releases/über",
                "/tools/\u00c3\u00bcber|releases/über",
                "/tools//x|releases//x",
                "/tools/../x|releases/../x",
                "/tools/%2e%2e/x|releases/../x",
                "/tools/a;b=c|releases/a;b=c",
                "/tools/x?versionId=1|releases/x",
                "/tools/|releases/",
            })
    void aPathNamesTheObjectThatS3WouldFind(String target, String objectKey) {
        Site tools = site("any-tools", "/tools/", BUCKET);
        Target parsed = Target.parse(target);
        assertThat(parsed).isNotNull();
        CacheKey key = tools.locate(parsed).key();
        assertThat(key).isEqualTo(new CacheKey("any-tools", "bucket:b as:ANONYMOUS", objectKey, null));
    }

    @Test
    void whatIsNoUtf8IsNoObject() {
        Target target = Target.parse("/tools/%ff");
        assertThat(target).isNotNull();
        assertThat(site("t", "/tools/", BUCKET).locate(target).key()).isNull();
    }

    @Test
    void thePathOfTheSiteWithoutItsSlashIsRedirected() {
        Target target = Target.parse("/tools");
        assertThat(target).isNotNull();
        assertThat(site("t", "/tools/", BUCKET).locate(target).redirect()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "/a%7Eb?q=1,/a~b,q=1",
        "/a%2fb,/a%2Fb,",
        "/a/b,/a/b,",
        "/a//b,/a//b,",
        "/%ff,/%FF,",
    })
    void anHttpOriginsKeyIsThePathInOneSpelling(String target, String path, String query) {
        Target parsed = Target.parse(target);
        assertThat(parsed).isNotNull();
        assertThat(site("h", "/", HTTP).locate(parsed).key())
                .isEqualTo(new CacheKey("h", "http://origin", path, query));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a/../b", "/a/%2e%2e/b", "/a/.%2e/b", "/a%2f..%2fb", "/a/..;x/b", "/..", "/a/./b"})
    void anHttpOriginNeverSeesDotSegments(String target) {
        Target parsed = Target.parse(target);
        assertThat(parsed).isNotNull();
        assertThat(site("h", "/", HTTP).locate(parsed).key()).isNull();
    }
}
