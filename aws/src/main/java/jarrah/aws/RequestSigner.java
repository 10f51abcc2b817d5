package jarrah.aws;

import jarrah.http.Headers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Signs requests with Signature Version 4, for our own calls to S3-compatible stores and regions.
 *
 * @param accessKeyId the key's public half
 * @param secret its secret half
 * @param region the region to sign for
 * @param service the service to sign for, e.g. {@code s3}
 */
public record RequestSigner(String accessKeyId, String secret, String region, String service, Clock clock) {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";

    /**
     * Adds {@code X-Amz-Date}, {@code x-amz-content-sha256} and {@code Authorization} to the fields, which hold
     * {@code Host} already.
     *
     * @param path percent-encoded, as it will be sent
     * @param query percent-encoded, without the question mark; null for none
     * @param payloadHash SHA-256 of the body in hex, or {@code UNSIGNED-PAYLOAD}
     */
    public void sign(String method, String path, @Nullable String query, Headers headers, String payloadHash) {
        Instant now = clock.instant();
        headers.set("X-Amz-Date", AwsTime.basic(now)).set("x-amz-content-sha256", payloadHash);
        List<String> names = CanonicalRequest.namesToSign(headers);
        String canonicalPath = service.equals("s3") ? path : UriEncoding.encodePath(path);
        String canonical = CanonicalRequest.of(method, canonicalPath, query, headers, names, payloadHash);
        headers.set(
                "Authorization",
                ALGORITHM + " Credential=" + accessKeyId + "/" + scope(now) + ", SignedHeaders="
                        + String.join(";", names) + ", Signature=" + signature(now, canonical));
    }

    /**
     * A URL's query that lets anyone who has it make this one request.
     *
     * @param host the value of {@code Host} that the request will carry
     * @param expires how long it holds, up to seven days
     */
    public String presign(String method, String host, String path, Duration expires) {
        Instant now = clock.instant();
        String query = "X-Amz-Algorithm=" + ALGORITHM + "&X-Amz-Credential="
                + UriEncoding.encode(accessKeyId + "/" + scope(now)) + "&X-Amz-Date=" + AwsTime.basic(now)
                + "&X-Amz-Expires=" + expires.toSeconds() + "&X-Amz-SignedHeaders=host";
        String canonical =
                CanonicalRequest.of(method, path, query, Headers.of("Host", host), List.of("host"), "UNSIGNED-PAYLOAD");
        return query + "&X-Amz-Signature=" + signature(now, canonical);
    }

    private CredentialScope scope(Instant now) {
        return new CredentialScope(AwsTime.basic(now).substring(0, 8), region, service);
    }

    private String signature(Instant now, String canonical) {
        String stringToSign =
                ALGORITHM + "\n" + AwsTime.basic(now) + "\n" + scope(now) + "\n" + Hashing.sha256Hex(canonical);
        return SigningKey.derive(secret, scope(now)).sign(stringToSign);
    }
}
