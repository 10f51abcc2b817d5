package jarrah.http;

import java.nio.channels.ReadableByteChannel;

/**
 * A request to an origin.
 *
 * <p>{@code Host} is added where it is missing; {@code Content-Length}, {@code Transfer-Encoding} and {@code Connection}
 * are the client's to write and are dropped if given, {@code Expect} too.
 *
 * @param method a token
 * @param origin where it goes
 * @param target as it stands in the request line, percent-encoded; begins with a slash, or is {@code *}
 * @param headers the fields, sent as they are and in their order
 * @param body what goes with it
 */
public record ClientRequest(String method, HttpOrigin origin, String target, Headers headers, Content body) {
    /** A GET. */
    public static ClientRequest get(HttpOrigin origin, String target, String... namesAndValues) {
        return new ClientRequest("GET", origin, target, Headers.of(namesAndValues), Content.NONE);
    }

    /** The body of a request. */
    public sealed interface Content {
        /** No body, and no Content-Length either, but for the methods that always have one (POST, PUT, PATCH: 0). */
        Content NONE = new None();

        /** The only value is {@link #NONE}. */
        record None() implements Content {}

        /** Bytes at hand, which can be sent again when a pooled connection turns out to be dead. */
        record Bytes(byte[] bytes) implements Content {}

        /**
         * A stream, read once.
         *
         * @param source read to its end, not closed
         * @param length exact number of bytes; -1 if unknown, and then sent in chunks
         */
        record Stream(ReadableByteChannel source, long length) implements Content {}
    }
}
