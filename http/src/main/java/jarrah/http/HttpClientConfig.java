package jarrah.http;

import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What the client allows itself and its origins.
 *
 * @param connectTimeout for the TCP connection; TLS gets as long again
 * @param firstByteTimeout from the end of the request to the first byte of the response
 * @param betweenBytesTimeout the longest silence within a response, and the longest stall while sending a request
 * @param idleTimeout how long a pooled connection may lie unused
 * @param acquireTimeout how long a request waits for a connection when the bounds are reached
 * @param maxPerOrigin connections to one origin
 * @param maxTotal connections in all
 * @param maxHeaderBytes all fields of a response's head together
 * @param maxHeaderCount fields of a response's head
 * @param tls certificates to trust; null for the system's
 */
public record HttpClientConfig(
        Duration connectTimeout,
        Duration firstByteTimeout,
        Duration betweenBytesTimeout,
        Duration idleTimeout,
        Duration acquireTimeout,
        int maxPerOrigin,
        int maxTotal,
        int maxHeaderBytes,
        int maxHeaderCount,
        @Nullable SSLContext tls) {

    /** 5 s to connect, 60 s to the first byte, 30 s between bytes; 64 connections an origin, 1,024 in all. */
    public static HttpClientConfig defaults() {
        return new HttpClientConfig(
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                64,
                1_024,
                64 * 1024,
                200,
                null);
    }

    /** The same with other deadlines: to connect, to the first byte, between bytes. */
    public HttpClientConfig withTimeouts(Duration connect, Duration firstByte, Duration betweenBytes) {
        return new HttpClientConfig(
                connect,
                firstByte,
                betweenBytes,
                idleTimeout,
                acquireTimeout,
                maxPerOrigin,
                maxTotal,
                maxHeaderBytes,
                maxHeaderCount,
                tls);
    }

    /** The same with other bounds on connections, and another patience when they are reached. */
    public HttpClientConfig withConnections(int perOrigin, int inAll, Duration patience) {
        return new HttpClientConfig(
                connectTimeout,
                firstByteTimeout,
                betweenBytesTimeout,
                idleTimeout,
                patience,
                perOrigin,
                inAll,
                maxHeaderBytes,
                maxHeaderCount,
                tls);
    }

    /** The same with another life of unused connections. */
    public HttpClientConfig withIdleTimeout(Duration idle) {
        return new HttpClientConfig(
                connectTimeout,
                firstByteTimeout,
                betweenBytesTimeout,
                idle,
                acquireTimeout,
                maxPerOrigin,
                maxTotal,
                maxHeaderBytes,
                maxHeaderCount,
                tls);
    }

    /** The same with other certificates to trust. */
    public HttpClientConfig withTls(SSLContext context) {
        return new HttpClientConfig(
                connectTimeout,
                firstByteTimeout,
                betweenBytesTimeout,
                idleTimeout,
                acquireTimeout,
                maxPerOrigin,
                maxTotal,
                maxHeaderBytes,
                maxHeaderCount,
                context);
    }
}
