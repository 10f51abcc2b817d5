package jarrah.aws;

import jarrah.http.Headers;
import jarrah.http.QueryParameters;
import jarrah.http.RequestHead;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Verifies AWS Signature Version 4, in the {@code Authorization} field or in the query (presigned URLs).
 *
 * <p>Thread-safe. Sources: "Authenticating Requests (AWS Signature Version 4)" in the S3 API reference for S3's way of
 * treating paths, bodies and query parameters; "Signing AWS API requests" for all other services.
 */
public final class SignatureVerifier {
    /** How far a client's clock may be from ours. */
    public static final Duration MAX_SKEW = Duration.ofMinutes(15);

    private static final Duration MAX_PRESIGNED = Duration.ofDays(7);
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final String BODY_HASH = "x-amz-content-sha256";
    private static final Pattern SHA256_HEX = Pattern.compile("[0-9a-fA-F]{64}");
    /** Derived keys kept; one per access key, day, region and service. */
    private static final int MAX_CACHED_KEYS = 1_024;

    private final SigningSecrets secrets;
    private final Clock clock;
    private final ConcurrentHashMap<CacheKey, SigningKey> keys = new ConcurrentHashMap<>();

    private record CacheKey(String secret, CredentialScope scope) {}

    /** What the client says of its signature, from whichever place. */
    private record Claim(
            CredentialScope.Credential credential,
            List<String> signedHeaders,
            String signature,
            Instant time,
            boolean presigned) {
        String accessKeyId() {
            return credential.accessKeyId();
        }

        CredentialScope scope() {
            return credential.scope();
        }
    }

    public SignatureVerifier(SigningSecrets secrets, Clock clock) {
        this.secrets = secrets;
        this.clock = clock;
    }

    /**
     * Verifies a request to S3, before its body is read. Paths are signed as sent, encoded once; the body's digest is
     * taken from {@code x-amz-content-sha256} and is checked while {@link SignedBody} reads.
     *
     * @throws AuthenticationException if the request carries a signature that does not hold
     */
    public Authentication verifyS3(RequestHead head) {
        Claim claim = claim(head);
        String declared = head.headers().first(BODY_HASH);
        if (claim == null) {
            return new Authentication.Anonymous(anonymousBody(declared));
        }
        if (declared == null && !claim.presigned()) {
            throw new AuthenticationException.Unsupported(
                    "Missing required header for this request: x-amz-content-sha256");
        }
        String payloadHash = declared == null ? "UNSIGNED-PAYLOAD" : declared;
        requireAmzHeadersSigned(head.headers(), claim);
        SigningKey key = key(claim);
        // Clients sign their own spelling of the path; AWS decodes and encodes it again. Both name the same object.
        List<String> spellings = List.of(head.path(), UriEncoding.canonical(head.path(), true));
        verify(head, claim, key, payloadHash, spellings);
        return signed(claim, s3Body(payloadHash, claim, key));
    }

    /**
     * Verifies a request to any other service; its path is signed encoded twice, its body by the digest of its bytes.
     *
     * @param body all of it
     * @throws AuthenticationException if the request carries a signature that does not hold
     */
    public Authentication verify(RequestHead head, byte[] body) {
        Claim claim = claim(head);
        if (claim == null) {
            return new Authentication.Anonymous(new BodySigning.Unsigned());
        }
        requireAmzHeadersSigned(head.headers(), claim);
        String twice = UriEncoding.encodePath(UriEncoding.canonical(head.path(), true));
        verify(head, claim, key(claim), Hashing.sha256Hex(body), List.of(twice, head.path()));
        return signed(claim, new BodySigning.Unsigned());
    }

    private static Authentication signed(Claim claim, BodySigning body) {
        return new Authentication.Signed(claim.accessKeyId(), claim.scope(), claim.time(), claim.presigned(), body);
    }

    private void verify(RequestHead head, Claim claim, SigningKey key, String payloadHash, List<String> spellings) {
        Headers fields = claim.presigned() ? PresignedFields.of(head) : head.headers();
        String first = "";
        for (String path : spellings) {
            String canonical =
                    CanonicalRequest.of(head.method(), path, head.query(), fields, claim.signedHeaders(), payloadHash);
            if (Hashing.same(key.sign(stringToSign(claim, canonical)), claim.signature())) {
                return;
            }
            first = first.isEmpty() ? canonical : first;
        }
        throw new AuthenticationException.Mismatch(
                claim.accessKeyId(), claim.signature(), stringToSign(claim, first), first);
    }

    private static String stringToSign(Claim claim, String canonicalRequest) {
        return ALGORITHM + "\n" + AwsTime.basic(claim.time()) + "\n" + claim.scope() + "\n"
                + Hashing.sha256Hex(canonicalRequest);
    }

    private SigningKey key(Claim claim) {
        String secret = secrets.secretOf(claim.accessKeyId());
        if (secret == null) {
            throw new AuthenticationException.UnknownAccessKey(claim.accessKeyId());
        }
        if (keys.size() > MAX_CACHED_KEYS) {
            keys.clear();
        }
        return keys.computeIfAbsent(
                new CacheKey(secret, claim.scope()), cached -> SigningKey.derive(secret, cached.scope()));
    }

    private @Nullable Claim claim(RequestHead head) {
        String authorization = head.headers().first("Authorization");
        // AWS takes an empty field for none.
        authorization = authorization != null && authorization.isBlank() ? null : authorization;
        String query = head.query();
        if (query != null && query.contains("X-Amz-Algorithm=")) {
            if (authorization != null) {
                throw new AuthenticationException.Unsupported(
                        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query"
                                + " string parameter or the Authorization header should be specified");
            }
            return presignedClaim(query);
        }
        if (authorization == null) {
            if (query != null && query.contains("AWSAccessKeyId=") && query.contains("Signature=")) {
                throw unsupportedMechanism();
            }
            return null;
        }
        if (!authorization.startsWith(ALGORITHM + " ") && !authorization.startsWith(ALGORITHM + ",")) {
            throw unsupportedMechanism();
        }
        return headerClaim(head.headers(), authorization.substring(ALGORITHM.length() + 1));
    }

    private static AuthenticationException unsupportedMechanism() {
        return new AuthenticationException.Unsupported(
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");
    }

    private Claim headerClaim(Headers headers, String fields) {
        String credential = null;
        String signedHeaders = null;
        String signature = null;
        for (String field : fields.split(",")) {
            String trimmed = field.strip();
            if (trimmed.startsWith("Credential=")) {
                credential = trimmed.substring("Credential=".length());
            } else if (trimmed.startsWith("SignedHeaders=")) {
                signedHeaders = trimmed.substring("SignedHeaders=".length());
            } else if (trimmed.startsWith("Signature=")) {
                signature = trimmed.substring("Signature=".length());
            }
        }
        if (credential == null || signedHeaders == null || signature == null) {
            throw new AuthenticationException.Malformed(
                    false,
                    "The authorization header is malformed; the authorization header requires three components:"
                            + " Credential, SignedHeaders, and Signature.");
        }
        Instant time = headerTime(headers);
        var claim = new Claim(parseCredential(credential, false), names(signedHeaders), signature, time, false);
        requireScopeDate(claim, false);
        if (Duration.between(time, clock.instant()).abs().compareTo(MAX_SKEW) > 0) {
            throw new AuthenticationException.TimeSkewed(AwsTime.basic(time), AwsTime.isoSeconds(clock.instant()));
        }
        return claim;
    }

    private static Instant headerTime(Headers headers) {
        String amzDate = headers.first("X-Amz-Date");
        Instant time = amzDate != null ? AwsTime.parseBasic(amzDate) : null;
        String date = headers.first("Date");
        if (amzDate == null && date != null) {
            time = AwsTime.parseBasic(date);
            time = time == null ? AwsTime.parseRfc1123(date) : time;
        }
        if (time == null) {
            throw new AuthenticationException.Undated();
        }
        return time;
    }

    private Claim presignedClaim(String query) {
        QueryParameters parameters = QueryParameters.parse(query, QueryParameters.Plus.LITERAL)
                .orElseThrow(() -> new AuthenticationException.Malformed(true, "The query string cannot be read."));
        String credential = parameters.first("X-Amz-Credential");
        String date = parameters.first("X-Amz-Date");
        String expires = parameters.first("X-Amz-Expires");
        String signedHeaders = parameters.first("X-Amz-SignedHeaders");
        String signature = parameters.first("X-Amz-Signature");
        if (credential == null || date == null || expires == null || signedHeaders == null || signature == null) {
            throw new AuthenticationException.Malformed(
                    true,
                    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential,"
                            + " X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
        }
        if (!ALGORITHM.equals(parameters.first("X-Amz-Algorithm"))) {
            throw new AuthenticationException.Malformed(true, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
        }
        Instant time = AwsTime.parseBasic(date);
        if (time == null) {
            throw new AuthenticationException.Malformed(
                    true, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
        }
        var claim = new Claim(parseCredential(credential, true), names(signedHeaders), signature, time, true);
        requireScopeDate(claim, true);
        requireNotExpired(time, expires);
        return claim;
    }

    private void requireNotExpired(Instant time, String expires) {
        long seconds;
        try {
            seconds = Long.parseLong(expires);
        } catch (NumberFormatException e) {
            throw new AuthenticationException.Malformed(true, "X-Amz-Expires should be a number");
        }
        if (seconds < 0) {
            throw new AuthenticationException.LifeOutOfRange("X-Amz-Expires must be non-negative");
        }
        if (seconds > MAX_PRESIGNED.toSeconds()) {
            throw new AuthenticationException.LifeOutOfRange(
                    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be"
                            + " less than 604800 seconds");
        }
        Instant now = clock.instant();
        Instant end = time.plusSeconds(seconds);
        if (now.isAfter(end)) {
            throw new AuthenticationException.Expired(
                    "Request has expired", expires, AwsTime.isoSeconds(end), AwsTime.isoSeconds(now));
        }
        if (time.isAfter(now.plus(MAX_SKEW))) {
            throw new AuthenticationException.Expired(
                    "Request is not valid yet", expires, AwsTime.isoSeconds(end), AwsTime.isoSeconds(now));
        }
    }

    private static CredentialScope.Credential parseCredential(String text, boolean inQuery) {
        var credential = CredentialScope.Credential.parse(text);
        if (credential == null) {
            throw new AuthenticationException.Malformed(
                    inQuery,
                    inQuery
                            ? "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting"
                                    + " \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."
                            : "The authorization header is malformed; the Credential is mal-formed; expecting"
                                    + " \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
        }
        return credential;
    }

    private static void requireScopeDate(Claim claim, boolean inQuery) {
        String day = AwsTime.basic(claim.time()).substring(0, 8);
        if (!claim.scope().date().equals(day)) {
            throw new AuthenticationException.Malformed(
                    inQuery,
                    "Invalid credential date \"" + claim.scope().date()
                            + "\". This date is not the same as X-Amz-Date: \"" + day + "\".");
        }
    }

    private static List<String> names(String signedHeaders) {
        return List.of(signedHeaders.toLowerCase(Locale.ROOT).split(";"));
    }

    /** S3 refuses a request whose {@code x-amz-} fields or host a man in the middle could have changed. */
    private static void requireAmzHeadersSigned(Headers headers, Claim claim) {
        var missing = new ArrayList<String>();
        if (!claim.signedHeaders().contains("host")) {
            missing.add("host");
        }
        headers.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith("x-amz-") && !claim.signedHeaders().contains(lower) && !missing.contains(lower)) {
                missing.add(lower);
            }
        });
        // The digest is part of what is signed whether or not it is listed among the fields.
        missing.remove(BODY_HASH);
        if (!missing.isEmpty()) {
            throw new AuthenticationException.HeadersNotSigned(String.join(", ", missing));
        }
    }

    private static BodySigning anonymousBody(@Nullable String declared) {
        if (declared == null) {
            return new BodySigning.Unsigned();
        }
        if (declared.equals("STREAMING-UNSIGNED-PAYLOAD-TRAILER")) {
            return new BodySigning.Chunked(null, true);
        }
        return SHA256_HEX.matcher(declared).matches()
                ? new BodySigning.Digest(declared.toLowerCase(Locale.ROOT))
                : new BodySigning.Unsigned();
    }

    private static BodySigning s3Body(String payloadHash, Claim claim, SigningKey key) {
        if (SHA256_HEX.matcher(payloadHash).matches()) {
            return new BodySigning.Digest(payloadHash.toLowerCase(Locale.ROOT));
        }
        return switch (payloadHash) {
            case "UNSIGNED-PAYLOAD" -> new BodySigning.Unsigned();
            case "STREAMING-UNSIGNED-PAYLOAD-TRAILER" -> new BodySigning.Chunked(null, true);
            case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" -> new BodySigning.Chunked(chain(claim, key), false);
            case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" -> new BodySigning.Chunked(chain(claim, key), true);
            default ->
                throw new AuthenticationException.Unsupported(
                        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER,"
                                + " STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a"
                                + " valid sha256 value.");
        };
    }

    private static ChunkChain chain(Claim claim, SigningKey key) {
        return new ChunkChain(key, claim.accessKeyId(), AwsTime.basic(claim.time()), claim.scope(), claim.signature());
    }
}
