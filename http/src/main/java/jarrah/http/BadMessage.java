package jarrah.http;

import java.io.IOException;

/** A message that breaks the grammar or a limit, with the status that a server answers. */
final class BadMessage extends IOException {
    private final int status;

    BadMessage(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }

    /** Hostile input must stay cheap: no stack trace. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
