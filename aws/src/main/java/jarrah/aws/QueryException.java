package jarrah.aws;

/** Faults that every Query service shares ("Common Errors" of the API references). */
public abstract sealed class QueryException extends AwsException {
    private QueryException(String code, int status, String message) {
        super(code, status, message);
    }

    /** No {@code Action} parameter. */
    public static final class MissingAction extends QueryException {
        public MissingAction() {
            super("MissingAction", 400, "The request must contain the parameter Action.");
        }
    }

    /** The parameters cannot be read. */
    public static final class Malformed extends QueryException {
        public Malformed() {
            super("MalformedQueryString", 400, "The query string contains a syntax error.");
        }
    }

    /** No such action in AWS's model of the service. */
    public static final class InvalidAction extends QueryException {
        public InvalidAction(String action) {
            super("InvalidAction", 400, "The action " + action + " is not valid for this web service.");
        }
    }

    /** An action of AWS's that is not served here. */
    public static final class UnsupportedOperation extends QueryException {
        public UnsupportedOperation(String action) {
            super("UnsupportedOperation", 400, "The action " + action + " is not supported by this region.");
        }
    }

    /** A parameter has a value that the action does not take. */
    public static final class InvalidParameter extends QueryException {
        public InvalidParameter(String message) {
            super("ValidationError", 400, message);
        }
    }

    /** The form is longer than any that AWS defines. */
    public static final class RequestTooLarge extends QueryException {
        public RequestTooLarge() {
            super("RequestEntityTooLarge", 413, "The request is longer than 1 MiB.");
        }
    }

    /** The caller may not do this. */
    public static final class AccessDenied extends QueryException {
        public AccessDenied(String message) {
            super("AccessDenied", 403, message);
        }
    }
}
