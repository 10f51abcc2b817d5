package jarrah.accelerator.vcl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VclImportTest {
    private static final String BUCKET = """
            vcl 4.1;
            backend default {
                .host = "tools-archive.s3.eu-west-1.amazonaws.com";
                .port = "80";
                .max_connections = 100;
                .first_byte_timeout = 30s;
                .probe = { .url = "/health"; }
            }
            acl purgers { "localhost"; "10.0.0.0"/8; }
            sub vcl_recv {
                if (req.method == "PURGE") {
                    if (!client.ip ~ purgers) { return (synth(405, "Not allowed")); }
                    return (purge);
                }
                if (req.method != "GET" && req.method != "HEAD") {
                    return (synth(405));
                }
                unset req.http.Cookie; # a bucket has no use for it
                set req.url = regsub(req.url, "\\?.*$", "");
                if (req.url ~ "/$") {
                    set req.url = req.url + "index.html";
                }
                if (req.url ~ "^[^?]*\\.(key|pem)(\\?.*)?$") {
                    return (synth(403, "Forbidden"));
                }
                return (hash);
            }
            sub vcl_backend_fetch {
                set bereq.http.Host = "tools-archive.s3.eu-west-1.amazonaws.com";
            }
            sub vcl_backend_response {
                unset beresp.http.x-amz-request-id;
                set beresp.ttl = 1h;
                set beresp.grace = 1w;
                if (beresp.status >= 500) { set beresp.ttl = 0s; }
            }
            sub vcl_deliver {
                if (obj.hits > 0) {
                    set resp.http.X-Cache = "HIT";
                }
                set resp.http.X-Frame-Options = "DENY";
                unset resp.http.Via;
            }
            """;

    @TempDir
    Path directory;

    private VclImport read(String text) throws Exception {
        return VclImport.of(Files.writeString(directory.resolve("default.vcl"), text));
    }

    private static List<String> left(VclImport imported) {
        return imported.left().stream()
                .map(left -> left.place() + " " + left.source())
                .toList();
    }

    @Test
    void aBucketBehindOneHostIsOneSite() throws Exception {
        VclImport imported = read(BUCKET);
        assertThat(imported.configuration()).isEqualTo("""
                # From default.vcl.
                sites:
                  - name: default
                    origin: {s3: "https://s3.eu-west-1.amazonaws.com", bucket: "tools-archive", credentials: anonymous, timeouts: {first-byte: 30s}}
                    index: "index.html"
                    access:
                      - {deny: all, path: "*.key"}
                      - {deny: all, path: "*.pem"}
                      - {allow: all}
                    cache: {grace: 7d, respect-origin: false, ttl: 1h}
                    headers:
                      set: {X-Frame-Options: "DENY"}
                      remove: [x-amz-request-id]
                """);
        assertThat(left(imported))
                .containsExactly(
                        "default.vcl:5 .max_connections = 100;",
                        "default.vcl:7 .probe = { .url = \"/health\"; }",
                        "default.vcl:13 return (purge);",
                        "default.vcl:39 set resp.http.X-Cache = \"HIT\";",
                        "default.vcl:42 unset resp.http.Via;");
        assertThat(imported.notes()).singleElement().asString().contains("credentials");
    }

    @Test
    void hostsAndPathsBecomeSites() throws Exception {
        VclImport imported = read("""
                vcl 4.0;
                backend app { .host = "10.0.0.7"; .port = "8081"; .connect_timeout = 1.5s;
                    .probe = { .url = "/health"; .interval = 5s; .timeout = 1s; } }
                backend files { .host = "s3.eu-west-1.amazonaws.com"; }
                sub vcl_recv {
                    call route;
                }
                sub route {
                    if (req.http.host == "files.example.com" || req.http.host ~ "^(www\\.)?files\\.example\\.org$") {
                        set req.backend_hint = files;
                        if (req.url ~ "^/tools/") {
                            set req.url = regsub(req.url, "^/tools/", "/releases/");
                        }
                        set req.url = "/archive" + req.url;
                    } elseif (req.http.host ~ "\\.example\\.net$") {
                        set req.backend_hint = app;
                    } else {
                        return (synth(404));
                    }
                }
                """);
        assertThat(imported.configuration()).isEqualTo("""
                # From default.vcl.
                sites:
                  - name: all.example.net
                    host: "*.example.net"
                    origin: {http: "http://10.0.0.7:8081", timeouts: {connect: 1500ms}, probe: {every: 5s, path: "/health", timeout: 1s}}
                    methods: all
                    cache: {grace: 10s, ttl: 2m}
                  - name: files.example.com
                    host: ["files.example.com", "files.example.org", "www.files.example.org"]
                    origin: {s3: "https://s3.eu-west-1.amazonaws.com", bucket: "archive", credentials: anonymous}
                    cache: {grace: 10s, ttl: 2m}
                  - name: files.example.com-tools
                    host: ["files.example.com", "files.example.org", "www.files.example.org"]
                    path: "/tools/"
                    origin: {s3: "https://s3.eu-west-1.amazonaws.com", bucket: "archive", prefix: "releases/", credentials: anonymous}
                    cache: {grace: 10s, ttl: 2m}
                """);
        assertThat(imported.left()).isEmpty();
    }

    @Test
    void listsOfAddressesBecomeRules() throws Exception {
        VclImport imported = read("""
                vcl 4.1;
                backend default { .host = "app.example.com"; }
                acl staff { "10.0.0.0"/8; ! "10.6.6.6"; "2001:db8::"/32; "vpn.example.com"; }
                acl vandals { "192.0.2.0/24"; }
                sub vcl_recv {
                    if (client.ip ~ vandals) { return (synth(403)); }
                    if (req.url ~ "^/admin(/|$)" && client.ip !~ staff) { return (synth(403)); }
                }
                """);
        assertThat(imported.configuration()).isEqualTo("""
                # From default.vcl.
                sites:
                  - name: default
                    origin: {http: "http://app.example.com"}
                    methods: all
                    access:
                      - {deny: {networks: ["192.0.2.0/24"]}}
                      - {allow: all}
                    cache: {grace: 10s, ttl: 2m}
                  - name: default-admin
                    path: "/admin/"
                    origin: {http: "http://app.example.com"}
                    methods: all
                    access:
                      - {deny: {networks: ["10.6.6.6", "192.0.2.0/24"]}}
                      - {allow: {networks: ["10.0.0.0/8", "2001:db8::/32"]}}
                    cache: {grace: 10s, ttl: 2m}
                """);
        assertThat(left(imported)).singleElement().asString().startsWith("default.vcl:3");
    }

    @Test
    void whatASiteCannotDoIsToldLineByLine() throws Exception {
        VclImport imported = read("""
                vcl 4.1;
                import std;
                import directors;
                backend a { .host = "a.example.com"; }
                backend b { .host = "b.example.com"; }
                sub vcl_init {
                    new pool = directors.round_robin();
                    pool.add_backend(a);
                    pool.add_backend(b);
                }
                sub vcl_recv {
                    set req.backend_hint = pool.backend();
                    if (req.method != "GET" && req.method != "HEAD") { return (pass); }
                    if (req.http.Authorization) { return (pass); }
                    if (req.http.Cookie ~ "session") { return (pass); }
                    if (req.http.Authorization || req.http.Cookie) { return (pass); }
                    if (req.http.X-Forwarded-Proto != "https") { return (synth(750)); }
                    set req.http.X-Device = "phone";
                    set req.url = std.querysort(req.url);
                    if (req.http.User-Agent ~ "bot") { return (synth(403)); }
                    if (req.method == "BAN") { ban("obj.http.x-url ~ " + req.url); return (synth(200)); }
                }
                sub vcl_hash {
                    hash_data(req.url);
                    hash_data(req.http.X-Device);
                    return (lookup);
                }
                sub vcl_backend_response {
                    if (beresp.ttl <= 0s || beresp.http.Set-Cookie) { set beresp.ttl = 10s; }
                    if (bereq.url ~ "\\.png$") { set beresp.ttl = 1d; }
                    if (beresp.http.Set-Cookie) { set beresp.uncacheable = true; }
                    set beresp.do_gzip = true;
                    set beresp.http.X-Url = bereq.url;
                }
                sub vcl_synth {
                    set resp.http.Location = "https://" + req.http.host;
                    return (deliver);
                }
                """);
        assertThat(imported.configuration()).isEqualTo("""
                # From default.vcl.
                sites:
                  - name: default
                    origin: {http: ["http://a.example.com", "http://b.example.com"]}
                    methods: all
                    cache: {grace: 10s, ttl: 2m}
                """);
        assertThat(imported.left().stream().map(left -> left.place().substring("default.vcl:".length())))
                .containsExactly("7", "15", "16", "17", "18", "19", "20", "21", "25", "29", "30", "32", "33", "36");
        assertThat(imported.left()).allSatisfy(each -> assertThat(each.reason()).isNotBlank());
    }

    @Test
    void aLifetimeForWhatSaysNoneLeavesTheOriginItsWord() throws Exception {
        VclImport imported = read("""
                vcl 4.1;
                backend one { .host = "::1"; .port = "8443"; .ssl = 1; }
                backend two { .host = "127.0.0.2"; .port = "http"; }
                sub vcl_recv {
                    set req.backend_hint = one;
                    if (!std.healthy(one)) { set req.backend_hint = two; }
                    if (req.method !~ "^(GET|HEAD|POST)$") { return (synth(405)); }
                    set req.url = regsuball(req.url, "\\?.*$", "");
                }
                sub vcl_backend_response {
                    if (!beresp.http.Cache-Control) { set beresp.ttl = 90s; }
                    set beresp.keep = 1.5h;
                }
                """);
        assertThat(imported.configuration()).isEqualTo("""
                # From default.vcl.
                sites:
                  - name: default
                    origin: {http: ["https://[::1]:8443", "http://127.0.0.2"]}
                    methods: [GET, HEAD, POST]
                    cache: {grace: 10s, ignore-query: true, keep: 5400000ms, ttl: 90s}
                """);
        assertThat(imported.left()).isEmpty();
    }

    @Test
    void whatIsIncludedIsReadFromBesideIt() throws Exception {
        Files.writeString(directory.resolve("backends.vcl"), """
                backend default { .host = "10.0.0.7"; }
                sub vcl_deliver { set resp.http.X-Served-By = server.identity; }
                """);
        VclImport imported = read("vcl 4.1; include \"./backends.vcl\";");
        assertThat(imported.configuration()).contains("http://10.0.0.7");
        assertThat(imported.left())
                .extracting(VclImport.Left::place, VclImport.Left::source)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(
                        "./backends.vcl:2", "sub vcl_deliver { set resp.http.X-Served-By = server.identity; }"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "vcl 4.1;|no backend is declared",
                "vcl 3.0; backend a { .host = \"a\"; }|default.vcl:1: only VCL 4 is understood",
                "backend a { .host = \"a\" }|`;` is expected",
                "backend a { .host = \"a;|a string does not end",
                "sub vcl_recv { if (true { } }|`)` is expected",
                "sub vcl_recv {|a statement is expected",
                "table x {}|`table` is no declaration of VCL 4",
                "include \"gone.vcl\";|there is no file",
                "include \"default.vcl\";|too deep",
                "/* never|a string does not end",
                "backend a { .host = \"not a host\"; }|its sites would be no configuration",
                "backend a none; sub vcl_recv { return (synth(404)); }|no backend answers for anything",
            })
    void whatIsNoProgramIsOneLineWithItsPlace(String text, String message) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(VclException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void aFileThatIsNotThereIsTold() {
        assertThatThrownBy(() -> VclImport.of(directory.resolve("gone.vcl")))
                .isInstanceOf(VclException.class)
                .hasMessageContaining("there is no file");
    }

    @Test
    void nestingIsBounded() {
        assertThatThrownBy(() -> read("sub vcl_recv { if (" + "(".repeat(100_000)))
                .isInstanceOf(VclException.class)
                .hasMessageContaining("nested too deep");
        assertThatThrownBy(() -> read("sub vcl_recv { if (" + "!".repeat(100_000)))
                .isInstanceOf(VclException.class)
                .hasMessageContaining("nested too deep");
    }

    /** Damaged programs are read, or refused in a line; nothing else. */
    @Test
    void damagedProgramsAreRefusedInALine() throws IOException {
        var random = new Random(20261123);
        int refused = 0;
        for (int round = 0; round < 2_000; round++) {
            var text = new StringBuilder(BUCKET);
            for (int damage = 0; damage <= random.nextInt(4); damage++) {
                int at = random.nextInt(text.length());
                int end = Math.min(text.length(), at + random.nextInt(12));
                text.replace(
                        at,
                        end,
                        "{}();\"~!.&|+\\*[1a".substring(random.nextInt(16)).substring(0, 1));
            }
            try {
                read(text.toString());
            } catch (VclException e) {
                refused++;
                assertThat(e.getMessage()).doesNotContain("\n");
            } catch (Exception e) {
                throw new AssertionError("round " + round + ":\n" + text, e);
            }
        }
        assertThat(refused).isBetween(100, 1_999);
    }
}
