package jarrah.cli.api;

import jarrah.aws.RequestSigner;
import jarrah.aws.XmlElement;
import jarrah.cli.CommandFailed;
import jarrah.http.ClientRequest;
import jarrah.http.ClientResponse;
import jarrah.http.Headers;
import jarrah.http.HttpClient;
import jarrah.http.HttpClientConfig;
import jarrah.http.HttpOrigin;
import java.io.IOException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Signs requests to a service with Signature Version 4 and sends them. One thread uses it. */
public final class Api implements AutoCloseable {
    /** Stands for the digest of a body that is not signed. */
    public static final String UNSIGNED = "UNSIGNED-PAYLOAD";

    private static final int MAX_ERROR_BYTES = 64 * 1024;
    /** Registering an image and taking a large part can be long work for a store. */
    private static final Duration FIRST_BYTE = Duration.ofMinutes(10);

    private final HttpOrigin origin;
    private final String basePath;
    private final String region;
    private final String service;
    private final Credentials.Key key;
    private final Clock clock;
    private final HttpClient client = new HttpClient(
            HttpClientConfig.defaults().withTimeouts(Duration.ofSeconds(10), FIRST_BYTE, Duration.ofSeconds(60)));

    /**
     * A caller of one service.
     *
     * @param url its endpoint, whose path is kept: {@code http://host:8773/services/compute}
     * @param region to sign for
     * @param service to sign for: {@code s3}, {@code ec2}, {@code kms}
     * @throws CommandFailed if the endpoint is none
     */
    public Api(String url, String region, String service, Credentials.Key key, Clock clock) {
        try {
            origin = HttpOrigin.of(url);
            String path = URI.create(url).getRawPath();
            basePath = path == null || path.equals("/") ? "" : path.replaceAll("/+$", "");
        } catch (IllegalArgumentException e) {
            throw new CommandFailed("not an endpoint, http or https with a host: " + url);
        }
        this.region = region;
        this.service = service;
        this.key = key;
        this.clock = clock;
    }

    /** The endpoint, for messages. */
    public String endpoint() {
        return origin + basePath;
    }

    /**
     * Sends a request.
     *
     * @param path percent-encoded, begins with a slash; comes after the endpoint's own
     * @param query percent-encoded; null for none
     * @param headers fields besides those of the signature
     * @param bodyHash SHA-256 of the body in hex, or {@link #UNSIGNED}
     * @throws CommandFailed if the service cannot be reached
     */
    public ClientResponse send(
            String method,
            String path,
            @Nullable String query,
            Headers headers,
            String bodyHash,
            ClientRequest.Content body)
            throws IOException {
        String whole = basePath + path;
        headers.set("Host", origin.authority());
        headers.set("User-Agent", "jarrah/0.1.0");
        key.token().ifPresent(token -> headers.set("X-Amz-Security-Token", token));
        new RequestSigner(key.id(), key.secret(), region, service, clock).sign(method, whole, query, headers, bodyHash);
        String target = query == null ? whole : whole + "?" + query;
        return client.execute(new ClientRequest(method, origin, target, headers, body));
    }

    /**
     * Sends a small body whose digest is signed.
     *
     * @param method e.g. {@code POST}
     * @param path as for {@link #send(String, String, String, Headers, String, ClientRequest.Content)}
     */
    public ClientResponse send(String method, String path, Headers headers, byte[] body) throws IOException {
        return send(method, path, null, headers, sha256(body), new ClientRequest.Content.Bytes(body));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * What a service says of a refusal.
     *
     * @param status HTTP status
     * @param code AWS's code; empty if the answer has none
     * @param message for a person
     */
    public record Refusal(int status, String code, String message) {
        /** One line for a person. */
        public String line(String what) {
            String reason = code.isEmpty() ? "status " + status : code;
            return what + ": " + reason + (message.isEmpty() ? "" : ": " + message);
        }

        /**
         * What to throw. The service's own faults may pass, and are worth another try.
         *
         * @throws CommandFailed if asking again would not help
         */
        public IOException during(String what) {
            if (status < 500) {
                throw new CommandFailed(line(what));
            }
            return new IOException(line(what));
        }
    }

    /** Reads the error document of S3 ({@code Error}) or EC2 ({@code Response/Errors/Error}). */
    public static Refusal refusal(ClientResponse response) throws IOException {
        String code = "";
        String message = "";
        try {
            XmlElement root = XmlElement.parse(response.readAll(MAX_ERROR_BYTES));
            XmlElement error = find(root, "Error").orElse(root);
            code = Optional.ofNullable(error.childText("Code")).orElse("");
            message = Optional.ofNullable(error.childText("Message")).orElse("");
        } catch (XmlElement.MalformedXml e) {
            // Answers to HEAD, and those of proxies, have no document; the status has to do.
        }
        return new Refusal(response.status(), code, message);
    }

    private static Optional<XmlElement> find(XmlElement element, String name) {
        List<XmlElement> open = new ArrayList<>(List.of(element));
        while (!open.isEmpty()) {
            XmlElement next = open.removeFirst();
            if (next.name().equals(name)) {
                return Optional.of(next);
            }
            open.addAll(next.children());
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        client.close();
    }
}
