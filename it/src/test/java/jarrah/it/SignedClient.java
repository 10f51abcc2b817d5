package jarrah.it;

import jarrah.aws.RequestSigner;
import jarrah.http.Headers;
import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;

/** Sends requests whose every byte a test chooses, signed as a good client would. */
final class SignedClient {
    private final int port;
    private final String service;

    /** Signs for S3, on the port of the API. */
    SignedClient(Region region) {
        this(region.apiPort(), "s3");
    }

    SignedClient(int port, String service) {
        this.port = port;
        this.service = service;
    }

    /** Signs with the body's true digest. */
    RawMessage send(String method, String target, byte[] body, String... fields) {
        return send(method, target, sha256(body), body, fields);
    }

    /** Signs with whatever digest is given. */
    RawMessage send(String method, String target, String payloadHash, byte[] body, String... fields) {
        return exchange(method, target, signed(method, target, payloadHash, fields), body);
    }

    /** The fields of a signed request. */
    Headers signed(String method, String target, String payloadHash, String... fields) {
        Headers headers = Headers.of(fields).set("Host", "127.0.0.1:" + port);
        int mark = target.indexOf('?');
        String path = mark < 0 ? target : target.substring(0, mark);
        String query = mark < 0 ? null : target.substring(mark + 1);
        new RequestSigner(Region.ACCESS_KEY_ID, Region.SECRET, "us-east-1", service, Clock.systemUTC())
                .sign(method, path, query, headers, payloadHash);
        return headers;
    }

    /** Sends as it is. */
    RawMessage exchange(String method, String target, Headers headers, byte[] body) {
        var head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        if (!headers.contains("Content-Length") && (body.length > 0 || !method.equals("GET"))) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        try (RawClient client = RawClient.connect(port)) {
            client.send(head.append("\r\n").toString()).send(body);
            return method.equals("HEAD") ? client.readHead() : client.read();
        }
    }

    static String sha256(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
