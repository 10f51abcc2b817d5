package jarrah.aws;

/**
 * Why a request's signature was not accepted.
 *
 * <p>The codes and statuses are S3's; {@link #queryCode()} and {@link #ec2Code()} are the words of the Query services
 * for the same fault (their "Common Errors" pages).
 */
public abstract sealed class AuthenticationException extends AwsException {
    private AuthenticationException(String code, int status, String message) {
        super(code, status, message);
    }

    /** The code that IAM and STS use. */
    public final String queryCode() {
        return switch (this) {
            case UnknownAccessKey _, InvalidToken _ -> "InvalidClientTokenId";
            case Malformed _, LifeOutOfRange _ -> "IncompleteSignature";
            case Missing _, Undated _ -> "MissingAuthenticationToken";
            case Mismatch _, TimeSkewed _, Expired _, HeadersNotSigned _ -> "SignatureDoesNotMatch";
            case Unsupported _, InvalidV2 _, Unauthorized _, MissingFormField _ -> "IncompleteSignature";
        };
    }

    /** The code that EC2 uses. */
    public final String ec2Code() {
        return switch (this) {
            case UnknownAccessKey _, Mismatch _, InvalidToken _ -> "AuthFailure";
            case Expired _, TimeSkewed _ -> "RequestExpired";
            case InvalidV2 _, Unauthorized _, MissingFormField _ -> "IncompleteSignature";
            case Missing _, Undated _ -> "MissingAuthenticationToken";
            case Malformed _, LifeOutOfRange _, HeadersNotSigned _, Unsupported _ -> "IncompleteSignature";
        };
    }

    /** No such access key, or it is not active. */
    public static final class UnknownAccessKey extends AuthenticationException {
        public UnknownAccessKey(String accessKeyId) {
            super("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.");
            field("AWSAccessKeyId", accessKeyId);
        }
    }

    /** The signature is not the one that the secret gives. */
    public static final class Mismatch extends AuthenticationException {
        /**
         * @param stringToSign what we signed, shown so that the client can compare
         * @param canonicalRequest what the string was made from; empty for chunk signatures
         */
        public Mismatch(String accessKeyId, String provided, String stringToSign, String canonicalRequest) {
            super(
                    "SignatureDoesNotMatch",
                    403,
                    "The request signature we calculated does not match the signature you provided. Check your key and"
                            + " signing method.");
            field("AWSAccessKeyId", accessKeyId);
            field("StringToSign", stringToSign);
            field("SignatureProvided", provided);
            if (!canonicalRequest.isEmpty()) {
                field("CanonicalRequest", canonicalRequest);
            }
        }
    }

    /** The request's time is more than fifteen minutes from ours. */
    public static final class TimeSkewed extends AuthenticationException {
        public TimeSkewed(String requestTime, String serverTime) {
            super(
                    "RequestTimeTooSkewed",
                    403,
                    "The difference between the request time and the current time is too large.");
            field("RequestTime", requestTime);
            field("ServerTime", serverTime);
            field("MaxAllowedSkewMilliseconds", "900000");
        }
    }

    /** A presigned URL past its end, or before its time. */
    public static final class Expired extends AuthenticationException {
        public Expired(String message, String expiresSeconds, String expires, String serverTime) {
            super("AccessDenied", 403, message);
            field("X-Amz-Expires", expiresSeconds);
            field("Expires", expires);
            field("ServerTime", serverTime);
        }
    }

    /** The authorization header or the query parameters are not of the form that AWS documents. */
    public static final class Malformed extends AuthenticationException {
        public Malformed(boolean inQuery, String message) {
            super(inQuery ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed", 400, message);
        }
    }

    /** A presigned URL whose life is none that can be given; refused as what it gives would be, not as a mistake in form. */
    public static final class LifeOutOfRange extends AuthenticationException {
        public LifeOutOfRange(String message) {
            super("AuthorizationQueryParametersError", 403, message);
        }
    }

    /** Fields that change the request's meaning were not covered by the signature. */
    public static final class HeadersNotSigned extends AuthenticationException {
        public HeadersNotSigned(String names) {
            super("AccessDenied", 403, "There were headers present in the request which were not signed");
            field("HeadersNotSigned", names);
        }
    }

    /** The session token is not one that we gave. */
    public static final class InvalidToken extends AuthenticationException {
        public InvalidToken() {
            super("InvalidToken", 400, "The provided token is malformed or otherwise invalid.");
        }
    }

    /** No signature where one is required. */
    public static final class Missing extends AuthenticationException {
        public Missing() {
            super("AccessDenied", 403, "Request is missing Authentication Token");
        }
    }

    /** A signature without a date that can be read. */
    public static final class Undated extends AuthenticationException {
        public Undated() {
            super("AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header");
        }
    }

    /** A way of signing that we do not take. */
    public static final class Unsupported extends AuthenticationException {
        public Unsupported(String message) {
            super("InvalidRequest", 400, message);
        }
    }

    /** A field of version 2 without id or signature. */
    public static final class InvalidV2 extends AuthenticationException {
        public InvalidV2(String given) {
            super("InvalidArgument", 400, "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature");
            field("ArgumentName", "Authorization");
            field("ArgumentValue", "AWS " + given);
        }
    }

    /** A presigned URL of version 2 that lacks a part, or has one that makes no sense. */
    public static final class Unauthorized extends AuthenticationException {
        public Unauthorized(String message) {
            super("AccessDenied", 403, message);
        }
    }

    /** A form that is signed, but not wholly. */
    public static final class MissingFormField extends AuthenticationException {
        public MissingFormField(String name) {
            super(
                    "InvalidArgument",
                    400,
                    "Bucket POST must contain a field named '" + name
                            + "'.  If it is specified, please check the order of the fields.");
            field("ArgumentName", name);
        }
    }
}
