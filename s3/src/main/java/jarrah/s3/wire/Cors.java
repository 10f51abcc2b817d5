package jarrah.s3.wire;

import jarrah.http.Headers;
import jarrah.http.RequestHead;
import jarrah.s3.settings.CorsRules;
import jarrah.s3.store.BucketSettings;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What pages of other origins are told ("Using cross-origin resource sharing", W3C CORS). */
public final class Cors {
    private static final String WANTED_METHOD = "Access-Control-Request-Method";
    private static final String WANTED_HEADERS = "Access-Control-Request-Headers";

    private final BucketSettings settings;

    public Cors(S3Store store) {
        settings = store.settings();
    }

    /** The rules of a document as it is kept. */
    static CorsRules read(byte[] document) {
        return CorsRules.of(S3Request.xml(document, Setting.CORS.root()));
    }

    private Optional<CorsRules> rules(String bucket) {
        return settings.get(bucket, BucketSettings.Kind.CORS, Cors::read);
    }

    /** The fields that an answer has for a page of another origin; none for other requests. */
    public Headers fields(RequestHead request, S3Address address) {
        var fields = Headers.of();
        String origin = request.headers().first("Origin");
        if (origin == null || address.bucket().isEmpty()) {
            return fields;
        }
        try {
            String asked = request.headers().first(WANTED_METHOD);
            rules(address.bucket())
                    .flatMap(rules -> rules.match(origin, asked == null ? request.method() : asked, List.of()))
                    .ifPresent(rule -> add(fields, rule, origin, List.of()));
        } catch (S3Exception.NoSuchBucket missing) {
            return fields; // the operation says so
        }
        return fields;
    }

    /**
     * The answer to a preflight.
     *
     * @throws S3WireException.CorsForbidden if no rule fits
     */
    public Headers preflight(RequestHead request, S3Address address) {
        String origin = request.headers().first("Origin");
        String method = request.headers().first(WANTED_METHOD);
        if (origin == null) {
            throw new S3WireException.BadPreflight("Insufficient information. Origin request header needed.");
        }
        if (method == null || !List.of("GET", "PUT", "HEAD", "POST", "DELETE").contains(method)) {
            throw new S3WireException.BadPreflight("Invalid Access-Control-Request-Method: " + method);
        }
        String type = address.isObject() ? "OBJECT" : address.bucket().isEmpty() ? "SERVICE" : "BUCKET";
        String asked = request.headers().first(WANTED_HEADERS);
        List<String> headers = asked == null
                ? List.of()
                : Arrays.stream(asked.split(","))
                        .map(name -> name.strip().toLowerCase(Locale.ROOT))
                        .filter(name -> !name.isEmpty())
                        .toList();
        CorsRules rules = present(address, method, type);
        CorsRules.Rule rule = rules.match(origin, method, headers)
                .orElseThrow(() -> new S3WireException.CorsForbidden(
                        "This CORS request is not allowed. This is usually because the evalution of Origin, request"
                                + " method / Access-Control-Request-Method or Access-Control-Request-Headers are not"
                                + " whitelisted by the resource's CORS spec.",
                        method,
                        type));
        var fields = Headers.of();
        add(fields, rule, origin, headers);
        return fields;
    }

    private CorsRules present(S3Address address, String method, String type) {
        try {
            if (!address.bucket().isEmpty()) {
                Optional<CorsRules> rules = rules(address.bucket());
                if (rules.isPresent()) {
                    return rules.get();
                }
            }
        } catch (S3Exception.NoSuchBucket missing) {
            throw new S3WireException.CorsForbidden("Bucket not found", method, type);
        }
        throw new S3WireException.CorsForbidden("CORS is not enabled for this bucket.", method, type);
    }

    private static void add(Headers fields, CorsRules.Rule rule, String origin, List<String> askedHeaders) {
        fields.add("Access-Control-Allow-Origin", rule.allowsEveryOrigin() ? "*" : origin)
                .add("Access-Control-Allow-Methods", String.join(", ", rule.methods()));
        if (!askedHeaders.isEmpty()) {
            fields.add("Access-Control-Allow-Headers", String.join(", ", askedHeaders));
        }
        if (!rule.exposed().isEmpty()) {
            fields.add("Access-Control-Expose-Headers", String.join(", ", rule.exposed()));
        }
        rule.maxAgeSeconds().ifPresent(age -> fields.add("Access-Control-Max-Age", Long.toString(age)));
        if (!rule.allowsEveryOrigin()) {
            fields.add("Access-Control-Allow-Credentials", "true");
        }
        fields.add("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
    }
}
