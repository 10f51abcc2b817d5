package jarrah.aws;

/** A body that is not what its head, its coding or its signature promised. */
public abstract sealed class BodyException extends AwsException {
    private BodyException(String code, int status, String message) {
        super(code, status, message);
    }

    /** The bytes do not have the digest in {@code x-amz-content-sha256}. */
    public static final class Sha256Mismatch extends BodyException {
        public Sha256Mismatch(String claimed, String computed) {
            super(
                    "XAmzContentSHA256Mismatch",
                    400,
                    "The provided 'x-amz-content-sha256' header does not match what was computed.");
            field("ClientComputedContentSHA256", claimed);
            field("S3ComputedContentSHA256", computed);
        }
    }

    /** Fewer bytes came than were declared. */
    public static final class Incomplete extends BodyException {
        public Incomplete() {
            super(
                    "IncompleteBody",
                    400,
                    "You did not provide the number of bytes specified by the Content-Length HTTP header");
        }
    }

    /** The {@code aws-chunked} coding is broken. */
    public static final class BadChunk extends BodyException {
        public BadChunk(String message) {
            super("InvalidRequest", 400, message);
        }
    }

    /** The trailer is not the one that {@code x-amz-trailer} announced. */
    public static final class BadTrailer extends BodyException {
        public BadTrailer(String message) {
            super("MalformedTrailerError", 400, message);
        }
    }

    /** An {@code aws-chunked} body that does not say how long it is once decoded. */
    public static final class LengthMissing extends BodyException {
        public LengthMissing() {
            super("MissingContentLength", 411, "You must provide the Content-Length HTTP header.");
        }
    }

    /** The body took too long or is too long for the operation. */
    public static final class TimedOut extends BodyException {
        public TimedOut() {
            super(
                    "RequestTimeout",
                    400,
                    "Your socket connection to the server was not read from or written to within the timeout period."
                            + " Idle connections will be closed.");
        }
    }
}
