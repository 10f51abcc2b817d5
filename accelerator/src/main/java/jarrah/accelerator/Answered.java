package jarrah.accelerator;

import org.jspecify.annotations.Nullable;

/**
 * One answer, for those who look on.
 *
 * @param millis when it had left, milliseconds of the epoch
 * @param client address of the peer
 * @param host as the client named it; null if it did not
 * @param target as the client sent it
 * @param site name; null if no site covers the request
 * @param handling {@code hit}, {@code grace}, {@code miss}, {@code joined} (a miss that waited for the fetch of another),
 *     {@code pass} or {@code refused}
 * @param status sent; 0 if none was
 * @param bytes of the body
 * @param nanos from the end of the request's head to the end of the answer
 * @param whole whether it left whole
 */
public record Answered(
        long millis,
        String client,
        String method,
        @Nullable String host,
        String target,
        @Nullable String site,
        String handling,
        int status,
        long bytes,
        long nanos,
        boolean whole) {}
