package jarrah.server;

import jarrah.aws.QueryXml;
import jarrah.aws.RequestId;
import jarrah.aws.RestJson;
import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Handler;
import jarrah.http.LoopHandler;
import jarrah.http.RequestHead;
import jarrah.http.ResponseHead;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The one API port: tells the services apart by historical path, then by the service that the credential names; what is
 * left is S3, whose anonymous requests name no service at all.
 *
 * @param s3 the object store's endpoint
 * @param s3AtOnce the same, for what takes no waiting
 * @param query endpoints of the Query services by signing name
 */
record ApiGateway(Handler s3, LoopHandler s3AtOnce, Map<String, Handler> query) implements Handler, LoopHandler {
    /** Paths of the Eucalyptus years with the services that they lead to. */
    private static final Map<String, String> HISTORICAL = Map.of(
            "compute", "ec2",
            "Eucalyptus", "ec2",
            "objectstorage", "s3",
            "Walrus", "s3",
            "Euare", "iam",
            "Tokens", "sts");

    /** Services whose clients read JSON errors. */
    private static final Set<String> XML = Set.of("s3", "ec2", "iam", "sts", "sqs", "sns", "autoscaling", "monitoring");

    private static final Pattern HISTORICAL_PATH = Pattern.compile("/services/([A-Za-z]+)(?=/|$)");
    private static final Pattern SCOPE =
            Pattern.compile("Credential=[^,&]*?/[0-9]{8}/[^/,&]*/([^/,&]+)/aws4_request", Pattern.CASE_INSENSITIVE);

    @Override
    public boolean tryHandle(Exchange exchange) {
        return service(exchange.request()).equals("s3") && s3AtOnce.tryHandle(exchange);
    }

    @Override
    public void handle(Exchange exchange) throws Exception {
        RequestHead head = exchange.request();
        String service = service(head);
        Handler endpoint = service.equals("s3") ? s3 : query.get(service);
        if (endpoint != null) {
            endpoint.handle(exchange);
        } else {
            refuse(exchange, service);
        }
    }

    static String service(RequestHead head) {
        Matcher path = HISTORICAL_PATH.matcher(head.path());
        if (path.lookingAt()) {
            String service = HISTORICAL.get(path.group(1));
            if (service != null) {
                return service;
            }
        }
        String signed = signedService(head);
        if (signed != null) {
            return signed;
        }
        // An unsigned form to the root is a Query call that lost its signature: STS answers it as AWS does.
        boolean form = head.method().equals("POST")
                && head.path().equals("/")
                && contentType(head).startsWith("application/x-www-form-urlencoded");
        return form ? "sts" : "s3";
    }

    private static @Nullable String signedService(RequestHead head) {
        String authorization = head.headers().first("Authorization");
        Matcher header = SCOPE.matcher(authorization == null ? "" : authorization);
        if (header.find()) {
            return header.group(1).toLowerCase(Locale.ROOT);
        }
        String query = head.query();
        if (query == null || !query.contains("X-Amz-Credential=")) {
            return null;
        }
        Matcher inQuery = SCOPE.matcher(query.replace("%2F", "/").replace("%2f", "/"));
        return inQuery.find() ? inQuery.group(1).toLowerCase(Locale.ROOT) : null;
    }

    private static String contentType(RequestHead head) {
        String type = head.headers().first("Content-Type");
        return type == null ? "" : type.toLowerCase(Locale.ROOT);
    }

    /** A service that this region does not have. */
    private static void refuse(Exchange exchange, String service) {
        String message = "The service " + service + " is not served by this region.";
        RequestId requestId = RequestId.query();
        if (XML.contains(service) || contentType(exchange.request()).startsWith("application/x-www-form-urlencoded")) {
            exchange.send(
                    ResponseHead.of(400, "Content-Type", "text/xml;charset=UTF-8", "x-amzn-RequestId", requestId.id()),
                    Body.of(QueryXml.error("UnsupportedOperation", 400, message, "", requestId)));
        } else {
            exchange.send(
                    ResponseHead.of(
                            400,
                            "Content-Type",
                            "application/json",
                            "x-amzn-RequestId",
                            requestId.id(),
                            RestJson.ERROR_TYPE,
                            "UnsupportedOperation"),
                    Body.of(RestJson.error("UnsupportedOperation", message)));
        }
    }
}
