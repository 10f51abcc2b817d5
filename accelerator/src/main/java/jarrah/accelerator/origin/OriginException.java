package jarrah.accelerator.origin;

import java.io.IOException;

/** An origin gave no answer, or none that can be trusted. */
public final class OriginException extends IOException {
    /** How it failed, with the status that a client gets (RFC 9110, 15.6). */
    public enum Kind {
        /** It answers in a way that is no HTTP, or breaks off. */
        BROKEN(502),
        /** It cannot be reached at all. */
        UNREACHABLE(503),
        /** It is silent for too long. */
        SILENT(504);

        private final int status;

        Kind(int status) {
            this.status = status;
        }

        public int status() {
            return status;
        }
    }

    private final Kind kind;

    public OriginException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
