package jarrah.http;

import java.net.InetAddress;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What stands between a TCP listener and HTTP.
 *
 * @param tls the certificates if it speaks TLS
 * @param balancers peers whose connections begin with a PROXY header, version 1 or 2, that names the client; one of them
 *     that sends none is cut. Asked for each connection, on an event loop. HAProxy's "The PROXY protocol", 2020
 */
public record Transport(Optional<Tls> tls, Predicate<InetAddress> balancers) {
    /** Plain TCP, nobody in between. */
    public static final Transport PLAIN = new Transport(Optional.empty(), _ -> false);

    /** TLS, nobody in between. */
    public static Transport of(Tls tls) {
        return new Transport(Optional.of(tls), _ -> false);
    }
}
