package jarrah.aws;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A request's fault, in AWS's own words: code, HTTP status and message.
 *
 * <p>Expected, so it carries no stack trace. Each service owns a closed family below this class; one place at the top of
 * its endpoint renders it.
 */
public abstract class AwsException extends RuntimeException {
    private final String code;
    private final int status;
    private final Map<String, String> fields = new LinkedHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>();

    /**
     * @param code the error code that clients test for, e.g. {@code NoSuchKey}
     * @param status the HTTP status, 300 to 599
     * @param message one sentence for people
     */
    protected AwsException(String code, int status, String message) {
        super(message, null, false, false);
        this.code = code;
        this.status = status;
    }

    public final String code() {
        return code;
    }

    public final int status() {
        return status;
    }

    /** The message; never null. */
    public final String text() {
        return String.valueOf(getMessage());
    }

    /** Further elements of the error document, in order, e.g. {@code BucketName}. */
    public final Map<String, String> fields() {
        return fields;
    }

    /** Adds an element to the error document. */
    protected final void field(String name, String value) {
        fields.put(name, value);
    }

    /** Header fields that the answer has besides, in order. */
    public final Map<String, String> headers() {
        return headers;
    }

    /** Adds a header field to the answer. */
    protected final void header(String name, String value) {
        headers.put(name, value);
    }
}
