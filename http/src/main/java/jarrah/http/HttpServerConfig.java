package jarrah.http;

import java.time.Duration;

/**
 * What a listener allows. Every wait and every size has a bound.
 *
 * @param host the address to listen on, e.g. {@code 127.0.0.1}
 * @param port TCP port; 0 picks a free one
 * @param maxRequestLineBytes method, target and version; longer gets 414
 * @param maxHeaderBytes all header fields together; more gets 431
 * @param maxHeaderCount number of header fields; more gets 431
 * @param maxBodyBytes of a request; more gets 413. {@link Long#MAX_VALUE} where the handler bounds it
 * @param headTimeout from the first byte of a request to the end of its head; then 408 and close
 * @param bodyTimeout the longest silence within a body, either way; then close
 * @param idleTimeout the longest silence between two requests on a connection
 * @param maxConnections open at once; further ones are closed at once
 * @param maxConnectionsPerClient open at once from one address; further ones are closed at once
 * @param eventLoops threads that do the network's work; 0 for one per core
 * @param serverName value of the {@code Server} field; empty for none
 */
public record HttpServerConfig(
        String host,
        int port,
        int maxRequestLineBytes,
        int maxHeaderBytes,
        int maxHeaderCount,
        long maxBodyBytes,
        Duration headTimeout,
        Duration bodyTimeout,
        Duration idleTimeout,
        int maxConnections,
        int maxConnectionsPerClient,
        int eventLoops,
        String serverName) {

    /** Limits that suit S3 and caches: 16 KiB request line, 64 KiB of headers, 5 GiB bodies, half a minute of patience. */
    public static HttpServerConfig of(String host, int port) {
        return new HttpServerConfig(
                host,
                port,
                16 * 1024,
                64 * 1024,
                200,
                Long.MAX_VALUE,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                10_000,
                5_000,
                0,
                "Jarrah");
    }

    /** The same with other limits on the head of a request. */
    public HttpServerConfig withHeadLimits(int requestLineBytes, int headerBytes, int headerCount) {
        return new HttpServerConfig(
                host,
                port,
                requestLineBytes,
                headerBytes,
                headerCount,
                maxBodyBytes,
                headTimeout,
                bodyTimeout,
                idleTimeout,
                maxConnections,
                maxConnectionsPerClient,
                eventLoops,
                serverName);
    }

    /** The same with another limit on bodies, bytes. */
    public HttpServerConfig withMaxBodyBytes(long bytes) {
        return new HttpServerConfig(
                host,
                port,
                maxRequestLineBytes,
                maxHeaderBytes,
                maxHeaderCount,
                bytes,
                headTimeout,
                bodyTimeout,
                idleTimeout,
                maxConnections,
                maxConnectionsPerClient,
                eventLoops,
                serverName);
    }

    /** The same with other deadlines. */
    public HttpServerConfig withTimeouts(Duration head, Duration body, Duration idle) {
        return new HttpServerConfig(
                host,
                port,
                maxRequestLineBytes,
                maxHeaderBytes,
                maxHeaderCount,
                maxBodyBytes,
                head,
                body,
                idle,
                maxConnections,
                maxConnectionsPerClient,
                eventLoops,
                serverName);
    }

    /** The same with other bounds on connections, in all and from one address. */
    public HttpServerConfig withConnections(int inAll, int perClient) {
        return new HttpServerConfig(
                host,
                port,
                maxRequestLineBytes,
                maxHeaderBytes,
                maxHeaderCount,
                maxBodyBytes,
                headTimeout,
                bodyTimeout,
                idleTimeout,
                inAll,
                perClient,
                eventLoops,
                serverName);
    }

    /** The same with that many event loops; 0 for one per core. */
    public HttpServerConfig withEventLoops(int loops) {
        return new HttpServerConfig(
                host,
                port,
                maxRequestLineBytes,
                maxHeaderBytes,
                maxHeaderCount,
                maxBodyBytes,
                headTimeout,
                bodyTimeout,
                idleTimeout,
                maxConnections,
                maxConnectionsPerClient,
                loops,
                serverName);
    }
}
