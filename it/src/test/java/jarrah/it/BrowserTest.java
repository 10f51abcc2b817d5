package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CORSConfiguration;
import software.amazon.awssdk.services.s3.model.CORSRule;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.RoutingRule;

/** What browsers do with a bucket: pages of other origins, websites, upload forms. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrowserTest {
    private static final String BUCKET = "browsers";

    private final Region region;
    private final S3Client s3;
    private final HttpClient http = HttpClient.newHttpClient();

    BrowserTest(@TempDir Path directory) throws IOException {
        region = Region.start(directory.resolve("data"));
        s3 = S3Client.builder()
                .endpointOverride(region.api())
                .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(Region.ACCESS_KEY_ID, Region.SECRET)))
                .forcePathStyle(true)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
        s3.createBucket(bucket -> bucket.bucket(BUCKET));
    }

    @AfterAll
    void stop() {
        http.close();
        s3.close();
        region.close();
    }

    private void put(String key, String text) {
        s3.putObject(
                object ->
                        object.bucket(BUCKET).key(key).contentType("text/html").acl(ObjectCannedACL.PUBLIC_READ),
                RequestBody.fromString(text));
    }

    private HttpResponse<String> send(String method, String path, String... fields) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(region.api() + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (fields.length > 0) {
            request.headers(fields);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aPageOfAnotherOriginIsLetInByTheBucketsRules() throws Exception {
        put("shared", "text");
        CORSRule rule = CORSRule.builder()
                .allowedMethods("GET")
                .allowedOrigins("http://*.example.com")
                .allowedHeaders("x-amz-*")
                .exposeHeaders("ETag")
                .maxAgeSeconds(60)
                .build();
        s3.putBucketCors(cors -> cors.bucket(BUCKET)
                .corsConfiguration(CORSConfiguration.builder().corsRules(rule).build()));
        HttpResponse<String> asked = send(
                "OPTIONS",
                "/" + BUCKET + "/shared",
                "Origin",
                "http://www.example.com",
                "Access-Control-Request-Method",
                "GET",
                "Access-Control-Request-Headers",
                "X-Amz-Date,, x-amz-acl");
        assertThat(asked.statusCode()).isEqualTo(200);
        assertThat(asked.headers().map())
                .containsEntry("access-control-allow-origin", List.of("http://www.example.com"))
                .containsEntry("access-control-allow-methods", List.of("GET"))
                .containsEntry("access-control-allow-headers", List.of("x-amz-date, x-amz-acl"))
                .containsEntry("access-control-max-age", List.of("60"));
        assertThat(send("GET", "/" + BUCKET + "/shared", "Origin", "http://www.example.com")
                        .headers()
                        .firstValue("access-control-expose-headers"))
                .contains("ETag");
        assertThat(send("GET", "/" + BUCKET + "/shared", "Origin", "http://other.org")
                        .headers()
                        .firstValue("access-control-allow-origin"))
                .isEmpty();
        HttpResponse<String> refused = send(
                "OPTIONS",
                "/" + BUCKET + "/shared",
                "Origin",
                "http://other.org",
                "Access-Control-Request-Method",
                "GET");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("<Code>AccessForbidden</Code>");
        assertThat(send("OPTIONS", "/" + BUCKET + "/shared").statusCode()).isEqualTo(400);
    }

    /** Asks the website's host; a name of the JDK's client cannot be another than that of the address. */
    private String page(String path) throws IOException {
        try (var socket = new Socket("127.0.0.1", region.apiPort())) {
            socket.setSoTimeout(30_000);
            OutputStream out = socket.getOutputStream();
            out.write(("GET " + path + " HTTP/1.1\r\nHost: " + BUCKET
                            + ".s3-website.localhost\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aBucketIsAWebsite() throws Exception {
        put("index.html", "front");
        put("sub/index.html", "inside");
        put("oops.html", "nothing here");
        s3.putBucketWebsite(site -> site.bucket(BUCKET)
                .websiteConfiguration(configuration -> configuration
                        .indexDocument(index -> index.suffix("index.html"))
                        .errorDocument(error -> error.key("oops.html"))
                        .routingRules(RoutingRule.builder()
                                .condition(when -> when.keyPrefixEquals("old/"))
                                .redirect(to -> to.replaceKeyPrefixWith("new/"))
                                .build())));
        assertThat(page("/")).startsWith("HTTP/1.1 200").endsWith("front");
        assertThat(page("/sub/")).endsWith("inside");
        assertThat(page("/sub")).startsWith("HTTP/1.1 302").contains("Location: /sub/");
        assertThat(page("/old/a%20b"))
                .startsWith("HTTP/1.1 301")
                .contains("Location: http://" + BUCKET + ".s3-website.localhost/new/a%20b");
        // Who may not list a bucket is not told what is missing in it.
        assertThat(page("/none")).startsWith("HTTP/1.1 403").endsWith("nothing here");
        s3.deleteObject(object -> object.bucket(BUCKET).key("oops.html"));
        assertThat(page("/<b>")).startsWith("HTTP/1.1 4").doesNotContain("<b>");
    }

    @Test
    void aFormUploadsWhatItsPolicyAllows() throws Exception {
        var fields = new LinkedHashMap<String, String>();
        fields.put("key", "user/${filename}");
        fields.put("Content-Type", "text/plain");
        fields.put("x-amz-meta-who", "me");
        fields.put("success_action_status", "201");
        HttpResponse<String> made = upload(fields, "hello");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        assertThat(made.body()).contains("<Key>user/a.txt</Key>");
        var stored = s3.getObjectAsBytes(object -> object.bucket(BUCKET).key("user/a.txt"));
        assertThat(stored.asUtf8String()).isEqualTo("hello");
        assertThat(stored.response().metadata()).containsEntry("who", "me");
        assertThat(upload(fields, "x".repeat(101)).body()).contains("<Code>EntityTooLarge</Code>");
        fields.put("key", "other/x");
        assertThat(upload(fields, "hello").statusCode()).isEqualTo(403);
        fields.put("key", "user/x");
        fields.put("acl", "public-read");
        assertThat(upload(fields, "hello").body()).contains("<Code>AccessDenied</Code>");
    }

    @Test
    void fieldsOfAFormBecomeHeadersThatCanBeRead() throws Exception {
        var fields = new LinkedHashMap<String, String>();
        fields.put("key", "user/fields");
        fields.put("Content-Type", "text/plain");
        fields.put("x-amz-meta-who", "中文");
        fields.put("success_action_status", "201");
        assertThat(upload(fields, "hello").statusCode()).isEqualTo(201);
        assertThat(s3.headObject(object -> object.bucket(BUCKET).key("user/fields"))
                        .metadata())
                .containsEntry("who", "=?UTF-8?B?5Lit5paH?=");
        // An object with such a field could be answered with no more.
        for (String value : List.of("a\r\nX-Other: b", "a\0b", "a\177b")) {
            fields.put("x-amz-meta-who", value);
            assertThat(upload(fields, "again").body()).contains("<Code>InvalidArgument</Code>");
            fields.put("x-amz-meta-who", "me");
            fields.put("Content-Type", "text/" + value);
            assertThat(upload(fields, "again").body()).contains("<Code>InvalidArgument</Code>");
            fields.put("Content-Type", "text/plain");
        }
        assertThat(s3.getObjectAsBytes(object -> object.bucket(BUCKET).key("user/fields"))
                        .asUtf8String())
                .isEqualTo("hello");
    }

    private HttpResponse<String> upload(Map<String, String> fields, String file) throws Exception {
        String policy = """
                {"expiration": "%s", "conditions": [{"bucket": "%s"}, ["starts-with", "$key", "user/"],
                 ["starts-with", "$Content-Type", "text/"], ["starts-with", "$x-amz-meta-who", ""],
                 {"success_action_status": "201"}, ["content-length-range", 1, 100]]}""".formatted(Instant.now().plusSeconds(600).truncatedTo(ChronoUnit.SECONDS), BUCKET);
        String encoded = Base64.getEncoder().encodeToString(policy.getBytes(StandardCharsets.UTF_8));
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(Region.SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
        var all = new LinkedHashMap<>(fields);
        all.put("AWSAccessKeyId", Region.ACCESS_KEY_ID);
        all.put("policy", encoded);
        all.put("signature", Base64.getEncoder().encodeToString(mac.doFinal(encoded.getBytes(StandardCharsets.UTF_8))));
        var body = new StringBuilder();
        all.forEach((name, value) -> body.append("--limit\r\nContent-Disposition: form-data; name=\"")
                .append(name)
                .append("\"\r\n\r\n")
                .append(value)
                .append("\r\n"));
        body.append("--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n")
                .append(file)
                .append("\r\n--limit--\r\n");
        var request = HttpRequest.newBuilder(URI.create(region.api() + "/" + BUCKET))
                .header("Content-Type", "multipart/form-data; boundary=limit")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
