package jarrah.server;

import jarrah.http.Exchange;
import java.io.IOException;

/** Calls of the admin API, whichever way they came: {@link LocalAdmin} or {@link RemoteAdmin}. */
interface AdminCalls {
    /** The longest request taken. */
    int MAX_REQUEST_BYTES = 64 * 1024;

    /**
     * Carries one call out and answers it, refusals too, as JSON.
     *
     * @param call method and path, e.g. {@code POST /accelerator/purge}
     * @param body what was sent, not yet looked at
     * @throws IOException if the client is gone
     */
    void handle(Exchange exchange, String call, byte[] body) throws IOException;
}
