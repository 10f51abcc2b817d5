package jarrah.aws;

import jarrah.http.Headers;
import jarrah.http.QueryParameters;
import jarrah.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Verifies S3's Signature Version 2, of the tools of the first years: {@code Authorization: AWS ID:SIGNATURE}, or
 * {@code AWSAccessKeyId}, {@code Expires} and {@code Signature} in the query. HMAC-SHA1; the body is covered by
 * {@code Content-MD5} alone. Source: "Signing and authenticating REST requests" (S3 Developer Guide, appendix).
 */
public final class SignatureV2 {
    private static final String SCHEME = "AWS ";

    /** The parameters of the query that are signed. */
    private static final Set<String> SIGNED = Set.of(
            "accelerate",
            "acl",
            "analytics",
            "cors",
            "defaultObjectAcl",
            "delete",
            "inventory",
            "lifecycle",
            "location",
            "logging",
            "metrics",
            "notification",
            "object-lock",
            "partNumber",
            "policy",
            "replication",
            "requestPayment",
            "response-cache-control",
            "response-content-disposition",
            "response-content-encoding",
            "response-content-language",
            "response-content-type",
            "response-expires",
            "restore",
            "select",
            "select-type",
            "storageClass",
            "tagging",
            "torrent",
            "uploadId",
            "uploads",
            "versionId",
            "versioning",
            "versions",
            "website");

    private final SigningSecrets secrets;
    private final Clock clock;

    public SignatureV2(SigningSecrets secrets, Clock clock) {
        this.secrets = secrets;
        this.clock = clock;
    }

    /** Whether the request is signed so, rightly or not. */
    public static boolean isMeant(RequestHead head) {
        String authorization = head.headers().first("Authorization");
        if (authorization != null) {
            return authorization.startsWith(SCHEME);
        }
        String query = head.query();
        return query != null && query.contains("AWSAccessKeyId=") && query.contains("Signature=");
    }

    /**
     * Verifies a request for which {@link #isMeant} holds.
     *
     * @param hostedBucket the bucket that the host names; empty for none
     * @throws AuthenticationException if the signature does not hold
     */
    public Authentication verify(RequestHead head, String hostedBucket) {
        QueryParameters query = QueryParameters.parse(head.query(), QueryParameters.Plus.LITERAL)
                .orElseThrow(() -> new AuthenticationException.Malformed(true, "The query string cannot be read."));
        String authorization = head.headers().first("Authorization");
        return authorization == null
                ? inQuery(head, query, hostedBucket)
                : inHeader(head, query, authorization.substring(SCHEME.length()), hostedBucket);
    }

    private Authentication inHeader(RequestHead head, QueryParameters query, String given, String hostedBucket) {
        int colon = given.lastIndexOf(':');
        if (colon < 1 || colon == given.length() - 1) {
            throw new AuthenticationException.InvalidV2(given);
        }
        Instant time = time(head.headers());
        if (Duration.between(time, clock.instant()).abs().compareTo(SignatureVerifier.MAX_SKEW) > 0) {
            throw new AuthenticationException.TimeSkewed(AwsTime.isoSeconds(time), AwsTime.isoSeconds(clock.instant()));
        }
        boolean amzDate = head.headers().contains("x-amz-date");
        String date = amzDate ? "" : String.valueOf(head.headers().first("Date"));
        String id = given.substring(0, colon).strip();
        require(id, given.substring(colon + 1).strip(), head, query, date, hostedBucket);
        return signed(id, time, false);
    }

    private static Instant time(Headers headers) {
        String amzDate = headers.first("x-amz-date");
        String text = amzDate == null ? headers.first("Date") : amzDate;
        Instant time = text == null ? null : AwsTime.parseRfc1123(text);
        time = time == null && text != null ? AwsTime.parseBasic(text) : time;
        if (time == null || time.isBefore(Instant.EPOCH)) { // what is older than every clock is no date to S3
            throw new AuthenticationException.Undated();
        }
        return time;
    }

    private Authentication inQuery(RequestHead head, QueryParameters query, String hostedBucket) {
        String id = query.first("AWSAccessKeyId");
        String expires = query.first("Expires");
        String signature = query.first("Signature");
        if (id == null || expires == null || signature == null) {
            throw new AuthenticationException.Unauthorized(
                    "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
        }
        Instant end = epoch(expires);
        Instant now = clock.instant();
        if (now.isAfter(end)) {
            throw new AuthenticationException.Expired(
                    "Request has expired", expires, AwsTime.isoSeconds(end), AwsTime.isoSeconds(now));
        }
        require(id, signature, head, query, expires, hostedBucket);
        return signed(id, now, true);
    }

    private static Instant epoch(String expires) {
        try {
            return Instant.ofEpochSecond(Math.min(Long.parseLong(expires), 253_402_300_799L));
        } catch (NumberFormatException e) {
            throw new AuthenticationException.Unauthorized("Invalid date (should be seconds since epoch): " + expires);
        }
    }

    private static Authentication signed(String id, Instant time, boolean presigned) {
        return new Authentication.Signed(id, CredentialScope.NONE, time, presigned, new BodySigning.Unsigned());
    }

    private void require(
            String accessKeyId,
            String signature,
            RequestHead head,
            QueryParameters query,
            String date,
            String hostedBucket) {
        String secret = secrets.secretOf(accessKeyId);
        if (secret == null) {
            throw new AuthenticationException.UnknownAccessKey(accessKeyId);
        }
        String path = (hostedBucket.isEmpty() ? "" : "/" + hostedBucket) + head.path();
        String stringToSign = stringToSign(head, query, date, path);
        if (Hashing.same(sign(secret, stringToSign), signature)) {
            return;
        }
        // Some clients end the name of a bucket with a slash when they sign, though not in what they send.
        boolean bucket = path.lastIndexOf('/') == 0 && path.length() > 1;
        if (!bucket || !Hashing.same(sign(secret, stringToSign(head, query, date, path + "/")), signature)) {
            throw new AuthenticationException.Mismatch(accessKeyId, signature, stringToSign, "");
        }
    }

    /** Base64 of the HMAC-SHA1. */
    static String sign(String secret, String text) {
        byte[] key = secret.getBytes(StandardCharsets.UTF_8);
        return Base64.getEncoder().encodeToString(Hashing.hmac("HmacSHA1", key, text));
    }

    static String stringToSign(RequestHead head, QueryParameters query, String date, String path) {
        Headers headers = query.contains("Signature") ? PresignedFields.of(head) : head.headers();
        var text = new StringBuilder();
        text.append(head.method()).append('\n');
        text.append(Optional.ofNullable(headers.first("Content-MD5")).orElse(""))
                .append('\n');
        text.append(Optional.ofNullable(headers.first("Content-Type")).orElse(""))
                .append('\n');
        text.append(date).append('\n');
        amzHeaders(headers)
                .forEach((name, values) -> text.append(name)
                        .append(':')
                        .append(String.join(",", values))
                        .append('\n'));
        text.append(path);
        char separator = '?';
        for (var parameter : signedParameters(query).entrySet()) {
            text.append(separator).append(parameter.getKey());
            if (!parameter.getValue().isEmpty()) {
                text.append('=').append(parameter.getValue());
            }
            separator = '&';
        }
        return text.toString();
    }

    private static Map<String, List<String>> amzHeaders(Headers headers) {
        var found = new TreeMap<String, List<String>>();
        headers.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith("x-amz-")) {
                found.computeIfAbsent(lower, _ -> new ArrayList<>())
                        .add(value.strip().replaceAll("[\\r\\n]+[ \\t]*", " "));
            }
        });
        return found;
    }

    private static Map<String, String> signedParameters(QueryParameters query) {
        var found = new TreeMap<String, String>();
        for (String name : SIGNED) {
            @Nullable String value = query.first(name);
            if (value != null) {
                found.put(name, value);
            }
        }
        return found;
    }
}
