/**
 * An HTTP/1.1 server and client over Netty, behind a facade small enough to read in ten minutes.
 *
 * <p>Start with {@link jarrah.http.Exchange}: one request and the one answer that it gets. A {@link jarrah.http.Handler}
 * is plain blocking Java on a virtual thread of its own; a {@link jarrah.http.LoopHandler} may answer first, on the
 * event loop, when it can do so without waiting. {@link jarrah.http.HttpServer} listens, {@link jarrah.http.HttpClient}
 * calls out.
 *
 * <p>Nothing here knows of AWS, of storage or of caching. Nothing of Netty shows in a public signature, so that HTTP/2
 * and TLS can come without a change above.
 */
@NullMarked
package jarrah.http;

import org.jspecify.annotations.NullMarked;
