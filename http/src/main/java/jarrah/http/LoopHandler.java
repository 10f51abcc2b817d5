package jarrah.http;

/** Answers, on the event loop, the requests that need no waiting at all: cache hits. */
@FunctionalInterface
public interface LoopHandler {
    /**
     * Answers the request at once, or leaves it to the {@link Handler}. Called on the event loop for each request that
     * has no body; must not block, read files or take contended locks.
     *
     * @param exchange the request; only {@link Exchange#request()}, {@link Exchange#send} and
     *     {@link Exchange#onComplete} may be called here
     * @return true if an answer was sent; false leaves the exchange untouched for the handler
     */
    boolean tryHandle(Exchange exchange);
}
