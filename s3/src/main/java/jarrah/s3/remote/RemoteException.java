package jarrah.s3.remote;

import java.io.IOException;
import java.util.Set;

/** An endpoint did not do what it was asked. */
public final class RemoteException extends IOException {
    /** What is to be done about it. */
    public enum Kind {
        /** Nothing: it will say the same next time. */
        REFUSED,
        /** To be tried again later. */
        NOT_NOW,
        /** It does not answer at all, so that nothing else needs to be asked of it now. */
        UNREACHABLE
    }

    /** Codes below 500 that say that the same request may succeed later ("Error responses", S3 API). */
    private static final Set<String> NOT_NOW =
            Set.of("RequestTimeout", "SlowDown", "Throttling", "OperationAborted", "ConditionalRequestConflict");

    private static final Set<Integer> NOT_NOW_STATUS = Set.of(408, 425, 429);
    private static final Set<Integer> NEVER = Set.of(501, 505);

    private final Kind kind;
    private final int status;

    private RemoteException(Kind kind, int status, String message, Exception cause) {
        super(message, cause);
        this.kind = kind;
        this.status = status;
    }

    /** There is no answer. */
    static RemoteException unreachable(String message, Exception cause) {
        return new RemoteException(Kind.UNREACHABLE, 0, message, cause);
    }

    /** The answer broke off, or cannot be understood. */
    static RemoteException broken(String message, Exception cause) {
        return new RemoteException(Kind.NOT_NOW, 0, message, cause);
    }

    /** It cannot be done at that endpoint. */
    static RemoteException refused(String message) {
        return new RemoteException(Kind.REFUSED, 0, message, new IOException(message));
    }

    /**
     * It answered that it did not.
     *
     * @param code of the error document; empty if there is none
     */
    static RemoteException answered(String what, int status, String code) {
        String message = what + " is answered by " + status + (code.isEmpty() ? "" : " " + code);
        return new RemoteException(kind(status, code), status, message, new IOException(message));
    }

    private static Kind kind(int status, String code) {
        boolean later = NOT_NOW.contains(code)
                || NOT_NOW_STATUS.contains(status)
                || status == 200 // an error document, as CompleteMultipartUpload may have behind a good status
                || (status >= 500 && !NEVER.contains(status));
        return later ? Kind.NOT_NOW : Kind.REFUSED;
    }

    public Kind kind() {
        return kind;
    }

    /** The status of the answer; 0 if there was none. */
    public int status() {
        return status;
    }
}
