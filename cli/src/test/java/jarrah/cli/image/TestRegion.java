package jarrah.cli.image;

import jarrah.aws.Authentication;
import jarrah.aws.AuthenticationException;
import jarrah.aws.QueryRequest;
import jarrah.aws.SignatureVerifier;
import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.HttpServer;
import jarrah.http.HttpServerConfig;
import jarrah.http.RequestHead;
import jarrah.http.ResponseHead;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Buckets and images in memory behind verified signatures: what the commands need of S3 and EC2. */
final class TestRegion implements AutoCloseable {
    static final String KEY_ID = "AKIATESTREGION000001";
    static final String SECRET = "a-secret-for-tests";

    final Map<String, byte[]> objects = new ConcurrentHashMap<>();
    final Map<String, String> acls = new ConcurrentHashMap<>();
    final Map<String, String> buckets = new ConcurrentHashMap<>();
    final List<String> calls = new CopyOnWriteArrayList<>();
    final List<QueryRequest> registered = new CopyOnWriteArrayList<>();
    final List<String[]> images = new CopyOnWriteArrayList<>();
    final Map<String, String> regions = new LinkedHashMap<>();
    /** How many of the next PUTs of objects to fail. */
    final AtomicInteger failingPuts = new AtomicInteger();

    private final SignatureVerifier verifier;
    private final HttpServer server;

    TestRegion() {
        verifier = new SignatureVerifier(id -> id.equals(KEY_ID) ? SECRET : null, Clock.systemUTC());
        try {
            server = HttpServer.start(HttpServerConfig.of("127.0.0.1", 0), this::handle, null);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.port();
    }

    private void handle(Exchange exchange) throws IOException {
        byte[] body = exchange.body().readAll(32 * 1024 * 1024);
        RequestHead head = exchange.request();
        calls.add(head.method() + " " + head.target());
        try {
            boolean compute = head.path().startsWith("/services/compute");
            Authentication who = compute ? verifier.verify(head, body) : verifier.verifyS3(head);
            if (!(who instanceof Authentication.Signed)) {
                error(exchange, 403, "AccessDenied", "not signed");
            } else if (compute) {
                compute(exchange, QueryRequest.parse(null, new String(body, java.nio.charset.StandardCharsets.UTF_8)));
            } else {
                store(exchange, head, body);
            }
        } catch (AuthenticationException e) {
            error(exchange, 403, "SignatureDoesNotMatch", "the signature does not hold");
        }
    }

    private void store(Exchange exchange, RequestHead head, byte[] body) {
        String path = head.path().replaceFirst("^/services/objectstorage", "").substring(1);
        int slash = path.indexOf('/');
        String bucket = slash < 0 ? path : path.substring(0, slash);
        if (slash < 0 && head.method().equals("PUT")) {
            String text = new String(body, java.nio.charset.StandardCharsets.UTF_8);
            buckets.put(bucket, text.isEmpty() ? "" : text.replaceAll("(?s).*<LocationConstraint>([^<]*)<.*", "$1"));
            exchange.send(ResponseHead.of(200), Body.EMPTY);
            return;
        }
        String location = buckets.get(bucket);
        if (location == null) {
            error(exchange, 404, "NoSuchBucket", "The specified bucket does not exist");
        } else if (slash < 0) {
            exchange.send(ResponseHead.of(200), Body.of("<LocationConstraint>" + location + "</LocationConstraint>"));
        } else {
            object(exchange, head, path, body);
        }
    }

    private void object(Exchange exchange, RequestHead head, String path, byte[] body) {
        byte[] there = objects.get(path);
        switch (head.method()) {
            case "PUT" -> {
                String md5 = Base64.getEncoder().encodeToString(digest("MD5", body));
                if (failingPuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    error(exchange, 503, "SlowDown", "Please reduce your request rate.");
                } else if (!md5.equals(head.headers().first("Content-MD5"))) {
                    error(exchange, 400, "BadDigest", "Content-MD5 differs");
                } else {
                    objects.put(path, body);
                    acls.put(path, String.valueOf(head.headers().first("x-amz-acl")));
                    exchange.send(ResponseHead.of(200, "ETag", etag(body)), Body.EMPTY);
                }
            }
            case "HEAD" -> {
                if (there == null) {
                    exchange.send(ResponseHead.of(404), Body.EMPTY);
                } else {
                    exchange.send(ResponseHead.of(200, "ETag", etag(there)), new Body.LengthOnly(there.length));
                }
            }
            default -> {
                if (there == null) {
                    error(exchange, 404, "NoSuchKey", "The specified key does not exist.");
                } else {
                    exchange.send(ResponseHead.of(200, "ETag", etag(there)), Body.of(there));
                }
            }
        }
    }

    private void compute(Exchange exchange, QueryRequest request) {
        switch (request.action()) {
            case "RegisterImage" -> {
                registered.add(request);
                exchange.send(
                        ResponseHead.of(200),
                        Body.of("<RegisterImageResponse><imageId>emi-1a2b3c4d</imageId></RegisterImageResponse>"));
            }
            case "DescribeRegions" -> {
                var items = new StringBuilder();
                regions.forEach((name, endpoint) -> items.append("<item><regionName>")
                        .append(name)
                        .append("</regionName><regionEndpoint>")
                        .append(endpoint)
                        .append("</regionEndpoint></item>"));
                exchange.send(ResponseHead.of(200), Body.of("<R><regionInfo>" + items + "</regionInfo></R>"));
            }
            case "DescribeImages" -> describeImages(exchange, request);
            default -> error(exchange, 400, "InvalidAction", "unknown");
        }
    }

    private void describeImages(Exchange exchange, QueryRequest request) {
        @Nullable String id = request.get("ImageId.1");
        var found = new ArrayList<String>();
        for (String[] image : images) {
            if (id == null ? image[1].equals(request.get("Owner.1")) : image[0].equals(id)) {
                found.add("<item><imageId>" + image[0] + "</imageId><imageOwnerId>" + image[1]
                        + "</imageOwnerId><imageType>" + image[2] + "</imageType><imageLocation>" + image[3]
                        + "</imageLocation></item>");
            }
        }
        if (id != null && found.isEmpty()) {
            error(exchange, 400, "InvalidAMIID.NotFound", "The image id '[" + id + "]' does not exist");
        } else {
            exchange.send(
                    ResponseHead.of(200), Body.of("<R><imagesSet>" + String.join("", found) + "</imagesSet></R>"));
        }
    }

    private static void error(Exchange exchange, int status, String code, String message) {
        exchange.send(
                ResponseHead.of(status),
                Body.of("<Response><Errors><Error><Code>" + code + "</Code><Message>" + message
                        + "</Message></Error></Errors></Response>"));
    }

    private static String etag(byte[] bytes) {
        return "\"" + hex("MD5", bytes) + "\"";
    }

    private static String hex(String algorithm, byte[] bytes) {
        return HexFormat.of().formatHex(digest(algorithm, bytes));
    }

    private static byte[] digest(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
