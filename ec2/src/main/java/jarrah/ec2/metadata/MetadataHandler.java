package jarrah.ec2.metadata;

import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Handler;
import jarrah.http.Headers;
import jarrah.http.PercentCoding;
import jarrah.http.RequestHead;
import jarrah.http.ResponseHead;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Answers at 169.254.169.254 for one VPC. Who asks is told by the address that the request came from, which the fabric
 * has made sure of.
 *
 * <p>Any dated version and {@code 1.0} read the same tree as {@code latest}: cloud-init asks under a date of its own
 * choice. IMDSv1 (no token) is answered where the instance does not require IMDSv2; a token that is sent must be good in
 * either case ("Use the Instance Metadata Service to access instance metadata", EC2 user guide).
 */
public final class MetadataHandler implements Handler {
    private static final String TOKEN = "X-aws-ec2-metadata-token";
    private static final String TOKEN_LIFE = "X-aws-ec2-metadata-token-ttl-seconds";
    private static final String TOKEN_PATH = "/latest/api/token";
    private static final int USUAL_HOPS = 64;
    private static final Pattern VERSION = Pattern.compile("latest|1\\.0|\\d{4}-\\d{2}-\\d{2}");
    private static final String VERSIONS = """
            1.0
            2007-01-19
            2007-03-01
            2007-08-29
            2007-10-10
            2007-12-15
            2008-02-01
            2008-09-01
            2009-04-04
            2011-01-01
            2011-05-01
            2012-01-12
            2014-02-25
            2014-11-05
            2015-10-20
            2016-04-19
            2016-06-30
            2016-09-02
            2018-03-28
            2018-08-17
            2018-09-24
            2019-10-01
            2020-10-27
            2021-01-03
            2021-03-23
            2021-07-15
            2022-09-24
            latest""";

    private final Function<RequestHead, Optional<InstanceMetadata>> callers;
    private final MetadataTokens tokens;
    private final Clock clock;

    private MetadataHandler(
            Function<RequestHead, Optional<InstanceMetadata>> callers, MetadataTokens tokens, Clock clock) {
        this.callers = callers;
        this.tokens = tokens;
        this.clock = clock;
    }

    /**
     * Answers for a VPC.
     *
     * @param vpcId the VPC that requests come from
     * @param instances finds who asks
     * @param tokens the seal of IMDSv2's tokens
     */
    public static MetadataHandler ofVpc(String vpcId, InstanceLookup instances, MetadataTokens tokens, Clock clock) {
        return new MetadataHandler(
                request -> instances.find(vpcId, request.remote().getAddress().getHostAddress()), tokens, clock);
    }

    /** Answers for one card, where a request's way alone tells who asks. */
    public static MetadataHandler ofCard(
            String vpcId, String address, InstanceLookup instances, MetadataTokens tokens, Clock clock) {
        return new MetadataHandler(_ -> instances.find(vpcId, address), tokens, clock);
    }

    @Override
    public void handle(Exchange exchange) {
        RequestHead request = exchange.request();
        Optional<InstanceMetadata> caller = callers.apply(request);
        if (caller.isEmpty()) {
            fail(exchange, 404, "Not Found");
            return;
        }
        switch (request.method()) {
            case "PUT" -> issueToken(exchange, caller.get());
            case "GET", "HEAD" -> read(exchange, caller.get());
            default -> fail(exchange, 405, "Method Not Allowed");
        }
    }

    private void issueToken(Exchange exchange, InstanceMetadata caller) {
        RequestHead request = exchange.request();
        if (!request.path().equals(TOKEN_PATH)) {
            fail(exchange, 405, "Method Not Allowed");
            return;
        }
        if (request.headers().contains("X-Forwarded-For")) { // it came through a proxy that anyone may use
            fail(exchange, 403, "Forbidden");
            return;
        }
        String asked = request.headers().first(TOKEN_LIFE);
        int seconds = asked == null || !asked.matches("\\d{1,6}") ? 0 : Integer.parseInt(asked);
        if (seconds < 1 || seconds > MetadataTokens.MAX_SECONDS) {
            fail(exchange, 400, "Bad Request");
            return;
        }
        String token = tokens.issue(caller.instanceId(), clock.instant(), Duration.ofSeconds(seconds));
        // The token gets no further than the instance allows: a proxy or a container behind it may be a stranger's.
        exchange.hopLimit(caller.hopLimit());
        var fields = fields("text/plain").add(TOKEN_LIFE, Integer.toString(seconds));
        exchange.send(new ResponseHead(200, fields), Body.of(token));
    }

    private void read(Exchange exchange, InstanceMetadata caller) {
        exchange.hopLimit(USUAL_HOPS);
        RequestHead request = exchange.request();
        String token = request.headers().first(TOKEN);
        boolean welcome = token == null
                ? !caller.httpTokensRequired()
                : tokens.isValid(token, caller.instanceId(), clock.instant());
        if (!welcome) {
            fail(exchange, 401, "Unauthorized");
            return;
        }
        Optional<String> path = PercentCoding.decode(request.path()).map(MetadataHandler::withoutOuterSlashes);
        if (path.isEmpty()) {
            fail(exchange, 400, "Bad Request");
        } else if (path.get().isEmpty()) {
            exchange.send(new ResponseHead(200, fields("text/plain")), Body.of(VERSIONS));
        } else {
            readVersion(exchange, caller, path.get());
        }
    }

    private static void readVersion(Exchange exchange, InstanceMetadata caller, String path) {
        int slash = path.indexOf('/');
        String version = slash < 0 ? path : path.substring(0, slash);
        String rest = slash < 0 ? "" : path.substring(slash + 1);
        if (!VERSION.matcher(version).matches()) {
            fail(exchange, 404, "Not Found");
            return;
        }
        byte[] userData = caller.userData().orElse(new byte[0]);
        Optional<String> text = switch (rest) {
            case "" -> Optional.of("dynamic\nmeta-data" + (userData.length == 0 ? "" : "\nuser-data"));
            case "user-data" -> Optional.empty();
            default -> MetadataTree.of(caller).read(rest);
        };
        if (rest.equals("user-data") && userData.length > 0) {
            exchange.send(new ResponseHead(200, fields("application/octet-stream")), Body.of(userData));
        } else if (text.isPresent()) {
            exchange.send(new ResponseHead(200, fields("text/plain")), Body.of(text.get()));
        } else {
            fail(exchange, 404, "Not Found");
        }
    }

    /** Clients write slashes twice and at the end, and mean nothing by it. */
    private static String withoutOuterSlashes(String path) {
        String text = path.replaceAll("/{2,}", "/");
        return text.substring(
                text.startsWith("/") ? 1 : 0,
                text.length() > 1 && text.endsWith("/") ? text.length() - 1 : text.length());
    }

    private static Headers fields(String type) {
        return Headers.of("Content-Type", type, "Server", "EC2ws");
    }

    private static void fail(Exchange exchange, int status, String reason) {
        String body = """
                <?xml version="1.0" encoding="iso-8859-1"?>
                <!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
                <html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
                 <head>
                  <title>%d - %s</title>
                 </head>
                 <body>
                  <h1>%d - %s</h1>
                 </body>
                </html>
                """.formatted(status, reason, status, reason);
        exchange.send(new ResponseHead(status, fields("text/html")), Body.of(body));
    }
}
