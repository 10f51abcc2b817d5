package jarrah.http;

/** Answers requests with plain blocking code; each call runs on a virtual thread of its own. */
@FunctionalInterface
public interface Handler {
    /**
     * Answers one request. Returns when the answer has been handed over; an exchange that was not answered by then, or
     * an exception that escapes before the head was sent, becomes a bare 500, and after it closes the connection.
     *
     * @param exchange the request, and the way to answer it; not to be kept after this method returns
     * @throws Exception anything that went wrong; it is logged once
     */
    void handle(Exchange exchange) throws Exception;
}
