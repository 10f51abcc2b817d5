package jarrah.http;

import java.net.URI;

/**
 * Where requests go: scheme, host and port.
 *
 * @param secure whether to speak TLS
 * @param host name or address, an IPv6 address without brackets
 * @param port TCP port
 */
public record HttpOrigin(boolean secure, String host, int port) {
    public HttpOrigin {
        if (host.isEmpty() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("not a host and a port: " + host + " " + port);
        }
    }

    /**
     * The origin of a URL such as {@code https://example.org:8443/path}; the path does not matter.
     *
     * @throws IllegalArgumentException if the URL is not http or https with a host
     */
    public static HttpOrigin of(String url) {
        URI uri = URI.create(url);
        String scheme = uri.getScheme();
        boolean secure = "https".equalsIgnoreCase(scheme);
        if ((!secure && !"http".equalsIgnoreCase(scheme)) || uri.getHost() == null) {
            throw new IllegalArgumentException("not an http or https URL with a host: " + url);
        }
        String host = uri.getHost();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return new HttpOrigin(secure, bare, uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80);
    }

    /** The value of the Host field: the port only where it is not the scheme's own. */
    public String authority() {
        String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return port == (secure ? 443 : 80) ? name : name + ":" + port;
    }

    @Override
    public String toString() {
        return (secure ? "https://" : "http://") + authority();
    }
}
