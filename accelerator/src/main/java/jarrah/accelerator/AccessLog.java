package jarrah.accelerator;

import jarrah.http.Exchange;
import jarrah.http.RequestHead;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A line for each answer, in the combined format of web servers or as JSON, by the logger {@code
 * jarrah.accelerator.access}. What a client wrote is escaped, so that no request forges a line.
 */
final class AccessLog {
    private static final Logger LOG = LoggerFactory.getLogger("jarrah.accelerator.access");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT).withZone(ZoneOffset.UTC);

    private AccessLog() {}

    /**
     * Logs the answer as a JSON object once it has left; names are left out where nothing is known.
     *
     * @param site its name; null for none
     * @param cacheStatus what the answer says in that field; null for nothing
     */
    static void json(Exchange exchange, Clock clock, @Nullable String site, @Nullable String cacheStatus) {
        RequestHead request = exchange.request();
        var start = new StringBuilder("{\"time\":\"").append(clock.instant()).append('"');
        member(start, "site", site);
        member(start, "client", request.remote().getAddress().getHostAddress());
        member(start, "method", request.method());
        member(start, "host", request.host());
        member(start, "target", request.target());
        member(start, "cache", cacheStatus);
        member(start, "forwardedFor", request.headers().joined("X-Forwarded-For"));
        member(start, "referer", request.headers().first("Referer"));
        member(start, "userAgent", request.headers().first("User-Agent"));
        String known = start.toString();
        exchange.onComplete(outcome -> LOG.info(
                "{},\"status\":{},\"bytes\":{},\"microseconds\":{},\"whole\":{}}",
                known,
                outcome.status(),
                outcome.bytesSent(),
                outcome.nanos() / 1_000,
                outcome.failure() == null));
    }

    private static void member(StringBuilder line, String name, @Nullable String value) {
        if (value == null) {
            return;
        }
        line.append(",\"").append(name).append("\":\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\' || c < ' ' || c > '~') {
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
        line.append('"');
    }

    /** Logs the answer in the combined format once it has left. */
    static void combined(Exchange exchange, Clock clock) {
        RequestHead request = exchange.request();
        String line = request.remote().getAddress().getHostAddress() + " - - [" + TIME.format(clock.instant()) + "] \""
                + escaped(request.method()) + ' ' + escaped(request.target()) + ' ' + request.protocol() + "\" ";
        String clientFields = " \"" + field(request.headers().first("Referer")) + "\" \""
                + field(request.headers().first("User-Agent")) + '"';
        exchange.onComplete(
                outcome -> LOG.info("{}{} {}{}", line, outcome.status(), outcome.bytesSent(), clientFields));
    }

    private static String field(@Nullable String value) {
        return value == null ? "-" : escaped(value);
    }

    private static String escaped(String text) {
        var line = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\' || c < ' ' || c > '~') {
                line.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
            } else {
                line.append(c);
            }
        }
        return line.toString();
    }
}
