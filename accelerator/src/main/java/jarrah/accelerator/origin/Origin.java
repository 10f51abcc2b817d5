package jarrah.accelerator.origin;

import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.store.Generations;
import jarrah.http.Headers;
import jarrah.http.RequestBody;
import jarrah.http.ResponseBody;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The source of a site's answers; safe for many threads. */
public interface Origin extends AutoCloseable {
    /**
     * Asks, and gives the answer to the receiver, all on the calling virtual thread.
     *
     * @throws OriginException if there is no answer, or none that can be trusted; before the receiver's head or after
     * @throws IOException also what the receiver throws
     */
    void fetch(Asked asked, Receiver receiver) throws IOException;

    /**
     * What a bucket has under a prefix, up to the next slash; asked anew each time. Blocks.
     *
     * @param prefix of the keys; empty, or it ends in a slash as a rule
     * @param token of the page, from the one before; null for the first
     * @param most names on it, up to {@link BucketListing#MOST_NAMES}
     * @throws IOException as {@link #fetch}; what the store refuses is told by the listing's status
     */
    default BucketListing list(String prefix, @Nullable String token, int most) throws IOException {
        throw new UnsupportedOperationException("an HTTP origin has no names to list");
    }

    /**
     * What vouches for an answer that is fetched from now on; null if only time does. Blocks.
     *
     * @param key of the answer
     */
    @Nullable
    Generations generations(CacheKey key);

    /** Whether {@link #generations} vouch for all its answers, so that no time does; does not wait. */
    default boolean vouches() {
        return false;
    }

    /** How it stands with following the changes of a store elsewhere; null if it does not. */
    default @Nullable Coherence coherence() {
        return null;
    }

    /** What keeps it from answering as configured, a sentence each; empty if nothing does. Blocks. */
    List<String> check();

    /** Gives back what it holds, when no site has it any more; fetches under way end by themselves. */
    @Override
    default void close() {}

    /**
     * A request to an origin.
     *
     * @param method as the client sent it
     * @param key what is asked for
     * @param target path and query for origins that speak HTTP, percent-encoded
     * @param headers fields to send, those of the connection left out
     * @param body of the request; null if there is none
     */
    record Asked(
            String method,
            CacheKey key,
            String target,
            Headers headers,
            @Nullable RequestBody body) {}

    /** Takes an answer. */
    interface Receiver {
        /**
         * An interim response (RFC 9110, 15.2), such as 103 (RFC 8297), before the head; any number of them.
         *
         * @param headers the receiver's own to change
         */
        default void interim(int status, Headers headers) {}

        /**
         * The head of the answer, once.
         *
         * @param headers the receiver's own to change
         * @param length of the body, bytes; -1 if it shows only at its end. For HEAD what a GET would have
         * @return takes the body, and is closed after its last byte and not otherwise: what was not closed is not whole.
         *     For a HEAD nothing is written
         */
        ResponseBody head(int status, Headers headers, long length) throws IOException;
    }
}
