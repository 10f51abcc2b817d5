package jarrah.http;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request, as it was sent.
 *
 * @param method the method, case kept, e.g. {@code GET}
 * @param target the request target exactly as received, percent-encoding untouched: a client's signature covers it, and
 *     a key may hold {@code %2F}, {@code //} and {@code ..}
 * @param headers the header fields in the order received, duplicates kept
 * @param remote the peer's address
 * @param local the address that the connection was accepted on
 * @param secure whether the connection is TLS
 * @param protocol {@code HTTP/1.0}, {@code HTTP/1.1} or {@code HTTP/2.0}
 */
public record RequestHead(
        String method,
        String target,
        Headers headers,
        InetSocketAddress remote,
        InetSocketAddress local,
        boolean secure,
        String protocol) {

    /** A head of HTTP/1.1. */
    public RequestHead(
            String method,
            String target,
            Headers headers,
            InetSocketAddress remote,
            InetSocketAddress local,
            boolean secure) {
        this(method, target, headers, remote, local, secure, "HTTP/1.1");
    }

    /** The target up to the first {@code ?}, still percent-encoded; never empty ({@code *} for {@code OPTIONS *}). */
    public String path() {
        int mark = target.indexOf('?');
        return mark < 0 ? target : target.substring(0, mark);
    }

    /** The target after the first {@code ?}, still percent-encoded; null if there is none. */
    public @Nullable String query() {
        int mark = target.indexOf('?');
        return mark < 0 ? null : target.substring(mark + 1);
    }

    /** The Host field as sent, port included; null in HTTP/1.0 without one. */
    public @Nullable String host() {
        return headers.first("Host");
    }
}
