package jarrah.accelerator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.accelerator.access.SignedUrl;
import jarrah.accelerator.rules.CachePolicy;
import jarrah.accelerator.rules.KeyQuery;
import jarrah.accelerator.site.AccessRules;
import jarrah.accelerator.site.Limits;
import jarrah.accelerator.site.PathRules;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.accelerator.site.Verdict;
import jarrah.http.HttpOrigin;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SiteConfigurationTest {
    private static AcceleratorConfig parse(String text) {
        return AcceleratorConfig.parse(ConfigNode.parse("a.yaml", text), "port");
    }

    private static Site site(String text) {
        return parse("sites:\n  - {name: s, origin: {bucket: b}, " + text + "}\n")
                .sites()
                .all()
                .getFirst();
    }

    private static boolean allows(AccessRules rules, InetAddress client, String path, String rest) {
        var url = new SignedUrl.Subject("s", "GET", null, path);
        return rules.judge(new AccessRules.Asked(client, url, null, path, rest, null, 0, null))
                instanceof Verdict.Allowed;
    }

    @Test
    void theWholeFormIsRead() throws Exception {
        var config = parse("""
                port: 8080
                memory-limit: 64MiB
                file-limit: 1GiB
                access-log: combined
                trusted-proxies: [10.0.0.1]
                sites:
                  - name: downloads
                    host: [files.example.com, "*.cdn.example.com"]
                    path: /tools
                    origin: {bucket: tools-archive, prefix: releases/, as: operator}
                    index: index.html
                    rewrite: [{match: "v*/*", to: $1-$2}]
                    fallback: app.html
                    error-page: errors/oops.html
                    listing: true
                    access:
                      - {deny: all, path: "*.key"}
                      - {allow: {networks: [10.0.0.0/8, "2001:db8::/32"]}}
                    methods: [GET]
                    cache: {ttl: 10m, grace: 1h, keep: 1d, respect-origin: false, strict: true}
                    headers: {set: {X-Frame-Options: DENY}, remove: [Server]}
                    compress: true
                    limits: {fetches: 20, fetch-wait: 2s, requests-per-second: 500}
                  - name: app
                    origin: {http: "http://10.0.0.7:8081"}
                    methods: all
                """);
        assertThat(config.memoryLimitBytes()).isEqualTo(64L << 20);
        assertThat(config.fileLimitBytes()).isEqualTo(1L << 30);
        assertThat(config.accessLog()).isEqualTo(AcceleratorConfig.AccessLogFormat.COMBINED);
        assertThat(parse("access-log: json").accessLog()).isEqualTo(AcceleratorConfig.AccessLogFormat.JSON);
        assertThat(parse("access-log: off").accessLog()).isEqualTo(AcceleratorConfig.AccessLogFormat.OFF);
        assertThat(config.trustedProxies()).hasSize(1);
        Site downloads = config.sites().named("downloads").orElseThrow();
        assertThat(downloads.hosts()).containsExactly("files.example.com", "*.cdn.example.com");
        assertThat(downloads.path()).isEqualTo("/tools/");
        assertThat(downloads.origin())
                .isEqualTo(new SiteOrigin.Bucket("tools-archive", "releases/", SiteOrigin.Identity.OPERATOR));
        assertThat(downloads.paths())
                .isEqualTo(new PathRules(
                        "index.html",
                        List.of(new PathRules.Rewrite("v*/*", "$1-$2")),
                        "app.html",
                        "errors/oops.html",
                        true));
        assertThat(downloads.methods()).isEqualTo(Set.of("GET"));
        assertThat(downloads.cache())
                .isEqualTo(new CachePolicy(600_000, 3_600_000, 86_400_000, 86_400_000, false, KeyQuery.NONE, true));
        assertThat(downloads.headers().set()).containsEntry("X-Frame-Options", "DENY");
        assertThat(downloads.headers().remove()).containsExactly("Server");
        assertThat(downloads.access().rules()).hasSize(2);
        assertThat(allows(downloads.access(), InetAddress.getByName("10.1.2.3"), "/tools/a.tar", "a.tar"))
                .isTrue();
        assertThat(allows(downloads.access(), InetAddress.getByName("10.1.2.3"), "/tools/a.key", "a.key"))
                .isFalse();
        assertThat(downloads.compress()).isTrue();
        assertThat(downloads.limits()).isEqualTo(new Limits(20, Duration.ofSeconds(2), 500));
        Site app = config.sites().named("app").orElseThrow();
        assertThat(app.origin()).isEqualTo(new SiteOrigin.Http(new HttpOrigin(false, "10.0.0.7", 8081)));
        assertThat(app.allowsMethod("DELETE")).isTrue();
        assertThat(app.cache()).isEqualTo(CachePolicy.DEFAULT);
        assertThat(app.compress()).isFalse();
        assertThat(app.limits()).isEqualTo(Limits.OFF);
    }

    @Test
    void whatIsLeftOutHasDefaults() {
        assertThat(parse("").sites().all()).isEqualTo(List.of());
        assertThat(parse("").memoryLimitBytes()).isEqualTo(AcceleratorConfig.DEFAULT_MEMORY_LIMIT_BYTES);
        Site site = site("path: /");
        assertThat(site.hosts()).isEmpty();
        assertThat(site.access()).isSameAs(AccessRules.OPEN);
        assertThat(site.methods()).isEqualTo(Set.of("GET", "HEAD"));
        assertThat(site.origin()).isEqualTo(new SiteOrigin.Bucket("b", "", SiteOrigin.Identity.ANONYMOUS));
        assertThat(site.cache().query()).as("objects have no query").isEqualTo(KeyQuery.NONE);
    }

    /** Each mistake is one line that begins with its place. */
    @Test
    void anAuthorityGivesCertificatesForTheHostsOfSites() {
        AcmeConfig acme = parse("""
                        tls: {acme: {accept-terms: true, contact: ops@example.com}}
                        sites:
                          - {name: a, host: [a.example.com, "*.example.com", localhost, 10.0.0.1], origin: {bucket: a}}
                          - {name: b, origin: {bucket: b}}
                          - {name: c, host: [B.example.com, a.example.com], path: /c/, origin: {bucket: c}}
                        """).tls().orElseThrow().acme().orElseThrow();
        assertThat(acme.names()).containsExactly("a.example.com", "b.example.com");
        assertThat(acme.contacts()).containsExactly("ops@example.com");
        assertThat(acme.directory()).hasToString("https://acme-v02.api.letsencrypt.org/directory");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sites: [{origin: {bucket: b}}]|`name` is missing",
                "sites: [{name: s}]|`origin` is missing",
                "sites: [{name: a/b, origin: {bucket: b}}]|is no name",
                "sites: [{name: s, origin: {s3: x, bucket: b}}]|is no URL of a server",
                "sites: [{name: s, origin: {s3: 'http://h'}}]|`bucket` is missing",
                "sites: [{name: s, origin: {s3: 'http://h', bucket: b, credentials: root}}]|`root` is not allowed; allowed: anonymous, default",
                "sites: [{name: s, origin: {s3: 'http://h', bucket: b, credentials: {access-key-id: A}}}]|`secret-access-key` is missing",
                "sites: [{name: s, origin: {http: ['http://h', 'http://h']}}]|is named twice",
                "sites: [{name: s, origin: {http: 'http://h', probe: {every: 5s}}}]|`path` is missing",
                "sites: [{name: s, origin: {http: 'http://h', timeouts: {connect: 0s}}}]|is no time to wait",
                "sites: [{name: s, origin: {prefix: p}}]|an origin is {bucket, prefix, as}",
                "sites: [{name: s, origin: {bucket: b}, rewrit: x}]|unknown key `rewrit`; allowed: access, cache",
                "sites: [{name: s, origin: {bucket: b}, rewrite: [{match: 'a*', to: '$2'}]}]|`$2` stands for nothing: the pattern has 1 stars",
                "sites: [{name: s, origin: {bucket: b}, rewrite: [{match: 'a*', to: 'x$'}]}]|`$` stands for nothing",
                "sites: [{name: s, origin: {bucket: b}, rewrite: [{to: x}]}]|`match` is missing",
                "sites: [{name: s, origin: {http: 'http://h'}, fallback: x}]|`fallback` is for buckets",
                "sites: [{name: s, origin: {bucket: b}, error-page: ''}]|the name of an object",
                "sites: [{name: s, origin: {bucket: b, as: role}}]|`role` is not allowed; allowed: anonymous, operator",
                "sites: [{name: s, origin: {bucket: b, http: 'http://h'}}]|an origin is {bucket, prefix, as}",
                "sites: [{name: s, origin: {http: 'ftp://h'}}]|is no URL of a server",
                "sites: [{name: s, origin: {http: 'http://h/base'}}]|requests keep their path",
                "sites: [{name: s, origin: {http: 'http://u:p@h'}}]|is no URL of a server",
                "sites: [{name: s, origin: {http: 'http://h'}, index: i}]|`index` is for buckets",
                "sites: [{name: s, origin: {http: 'http://h'}, listing: true}]|`listing` is for buckets",
                "sites: [{name: s, origin: {bucket: b}, limits: {fetches: 0}}]|whole number from 1 to 1000000",
                "sites: [{name: s, origin: {bucket: b}, limits: {fetch-wait: 2m}}]|not kept waiting for longer than 60s",
                "sites: [{name: s, origin: {bucket: b}, limits: {memory: 1}}]|unknown key `memory`",
                "sites: [{name: s, origin: {bucket: b}, host: 'a:80'}]|is no host such as",
                "sites: [{name: s, origin: {bucket: b}, path: tools}]|is no path such as",
                "sites: [{name: s, origin: {bucket: b}, methods: [PUT]}]|`PUT` is not allowed; allowed: GET, HEAD",
                "sites: [{name: s, origin: {bucket: b}, access: []}]|would deny everything",
                "sites: [{name: s, origin: {bucket: b}, access: [{allow: some}]}]|`some` is not allowed; allowed: all",
                "sites: [{name: s, origin: {bucket: b}, access: [{allow: {token: x}}]}]|a token has 16 to 4096 characters",
                "sites: [{name: s, origin: {bucket: b}, access: [{deny: {token: x}}]}]|unknown key `token`; allowed: networks",
                "sites: [{name: s, origin: {bucket: b}, access: [{path: x}]}]|either `allow` or `deny`",
                "sites: [{name: s, origin: {bucket: b}, access: [{allow: {networks: 10.0.0.1/8}}]}]|bits beyond its prefix",
                "sites: [{name: s, origin: {bucket: b}, access: [{allow: {networks: [localhost]}}]}]|is not a network",
                "sites: [{name: s, origin: {bucket: b}, cache: {grase: 1h}}]|did you mean `grace`?",
                "sites: [{name: s, origin: {bucket: b}, cache: {respect-origin: false}}]|needs a `ttl`",
                "sites: [{name: s, origin: {bucket: b}, cache: {ignore-query: false}}]|has no query",
                "sites: [{name: s, origin: {bucket: b}, cache: {key: [a]}}]|has no query",
                "sites: [{name: s, origin: {http: \"http://a\"}, cache: {key: [a, a]}}]|no further name",
                "sites: [{name: s, origin: {http: \"http://a\"}, cache: {key: [a], ignore-query: true}}]|already",
                "sites: [{name: s, origin: {bucket: b}, headers: {set: {Content-Length: 1}}}]|the accelerator's own",
                "sites: [{name: s, origin: {bucket: b}, headers: {set: {'a b': 1}}}]|is no name of a header field",
                "sites: [{name: s, origin: {bucket: b}, headers: {set: {A: \"x\\ny\"}}}]|no line breaks",
                "sites: [{name: s, origin: {bucket: b}}, {name: s, origin: {bucket: b}, path: /x}]|two sites are named `s`",
                "sites: [{name: s, origin: {bucket: b}}, {name: t, origin: {bucket: c}}]|site `s` already has every host",
                "memory-limit: 10|at least 1MiB",
                "tls: {certificates: []}|`certificates` lists none",
                "tls: {port: 443}|`certificates` lists none, and there is no `acme`",
                "tls: {acme: {names: a.example.com}}|`accept-terms: true` is needed",
                "tls: {acme: {names: a.example.com, accept-terms: false}}|`accept-terms: true` is needed",
                "tls: {acme: {accept-terms: true}}|no site has a `host` that a certificate could be for",
                "tls: {acme: {accept-terms: true, names: []}}|`names` lists none",
                "tls: {acme: {accept-terms: true, names: '*.example.com'}}|takes a proof by DNS",
                "tls: {acme: {accept-terms: true, names: [a.example.com, localhost]}}|`localhost` is no DNS name",
                "tls: {acme: {accept-terms: true, names: 192.0.2.1}}|`192.0.2.1` is no DNS name",
                "tls: {acme: {accept-terms: true, names: ../a.example.com}}|is no DNS name",
                "tls: {acme: {accept-terms: true, names: a.example.com, directory: 'http://ca.example.com/'}}|begins with https://",
                "tls: {acme: {accept-terms: true, names: a.example.com, contact: ops}}|`ops` is no mail address",
                "tls: {acme: {accept-terms: true, names: a.example.com, external-account: {id: x}}}|`key` is missing",
                "tls: {acme: {accept-terms: true, names: a.example.com, external-account: {id: x, key: '+'}}}|is not base64url",
                "tls: {certificates: [{certificate: a.pem}]}|`key` is missing",
                "proxy-protocol: [balancer]|is not a network",
                "admin: {keys: {ID: short}}|a secret has at least 20 characters",
                "admin: {token: x}|unknown key `token`",
                "events: {}|`token` is missing",
                "compress: true|unknown key `compress`; allowed: access-log, admin, connections, connections-per-client, events, file-limit, memory-limit, port, proxy-protocol, sites, tls",
            })
    void aMistakeIsOneLineWithItsPlace(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("a.yaml:1:")
                .hasMessageContaining(message)
                .message()
                .doesNotContain("\n");
    }
}
