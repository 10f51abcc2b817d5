package jarrah.s3.wire;

import jarrah.aws.Authentication;
import jarrah.http.QueryParameters;
import jarrah.iam.policy.CallerContext;
import jarrah.iam.policy.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The condition keys of an S3 request; looked up only when a policy asks.
 *
 * @param resourceAccount the account that owns the bucket
 * @param tags of the object, and for it
 * @param caller the global keys
 */
record S3Context(S3Request request, String resourceAccount, Tags tags, CallerContext caller) implements Context {
    private static final String EXISTING_TAG = "s3:existingobjecttag/";
    private static final String REQUEST_TAG = "s3:requestobjecttag/";

    /** Keys that are a header's name behind {@code s3:}. */
    private static final Set<String> HEADERS = Set.of(
            "x-amz-acl",
            "x-amz-grant-read",
            "x-amz-grant-write",
            "x-amz-grant-read-acp",
            "x-amz-grant-write-acp",
            "x-amz-grant-full-control",
            "x-amz-content-sha256",
            "x-amz-metadata-directive",
            "x-amz-server-side-encryption",
            "x-amz-server-side-encryption-aws-kms-key-id",
            "x-amz-server-side-encryption-customer-algorithm",
            "x-amz-storage-class",
            "x-amz-website-redirect-location",
            "x-amz-object-ownership");

    /**
     * Tags by key.
     *
     * @param existing of the object that is asked for
     * @param given by the request's body
     */
    record Tags(Map<String, String> existing, Map<String, String> given) {
        static final Tags NONE = new Tags(Map.of(), Map.of());
    }

    @Override
    public List<String> values(String key) {
        if (key.startsWith("aws:")) {
            return key.equals("aws:resourceaccount") ? List.of(resourceAccount) : caller.values(key);
        }
        if (!key.startsWith("s3:")) {
            return List.of();
        }
        if (key.startsWith(EXISTING_TAG)) {
            return one(tags.existing().get(key.substring(EXISTING_TAG.length())));
        }
        if (key.startsWith(REQUEST_TAG)) {
            return one(requestTags().get(key.substring(REQUEST_TAG.length())));
        }
        String name = key.substring(3);
        return HEADERS.contains(name) ? one(request.headers().joined(name)) : others(name);
    }

    private List<String> others(String name) {
        return switch (name) {
            case "prefix", "delimiter", "max-keys" -> one(request.query().get(name));
            case "versionid" -> one(versionId());
            case "x-amz-copy-source" -> one(copySource());
            case "requestobjecttagkeys" -> new ArrayList<>(requestTags().keySet());
            case "object-lock-mode", "object-lock-retain-until-date", "object-lock-legal-hold" ->
                one(request.header("x-amz-" + name));
            case "object-lock-remaining-retention-days" -> one(remainingDays());
            case "resourceaccount" -> List.of(resourceAccount);
            case "authtype", "signatureversion", "signatureage" -> ofSignature(name);
            default -> List.of();
        };
    }

    private List<String> ofSignature(String name) {
        if (!(request.authentication() instanceof Authentication.Signed signed)) {
            return List.of();
        }
        return switch (name) {
            case "authtype" -> List.of(signed.presigned() ? "REST-QUERY-STRING" : "REST-HEADER");
            case "signatureversion" -> List.of("AWS4-HMAC-SHA256");
            default ->
                List.of(Long.toString(Math.max(
                        0, Duration.between(signed.time(), caller.now()).toMillis())));
        };
    }

    private @Nullable String versionId() {
        String inQuery = request.query().get("versionId");
        String source = inQuery == null ? request.header("x-amz-copy-source") : null;
        int mark = source == null ? -1 : source.indexOf("?versionId=");
        return source == null || mark < 0 ? inQuery : source.substring(mark + "?versionId=".length());
    }

    /** {@code bucket/key}, decoded, without the slash that clients may put in front. */
    private @Nullable String copySource() {
        String header = request.header("x-amz-copy-source");
        if (header == null) {
            return null;
        }
        int mark = header.indexOf("?versionId=");
        String path = RawText.decode((mark < 0 ? header : header.substring(0, mark)).replace("+", "%20"));
        return path.startsWith("/") ? path.substring(1) : path;
    }

    private @Nullable String remainingDays() {
        String until = request.header("x-amz-object-lock-retain-until-date");
        try {
            return until == null
                    ? null
                    : Long.toString(Duration.between(caller.now(), java.time.Instant.parse(until))
                            .toDays());
        } catch (java.time.DateTimeException e) {
            return null;
        }
    }

    private Map<String, String> requestTags() {
        String header = request.header("x-amz-tagging");
        if (!tags.given().isEmpty() || header == null) {
            return tags.given();
        }
        var given = new TreeMap<String, String>();
        QueryParameters.parse(header, QueryParameters.Plus.SPACE)
                .ifPresent(parsed -> parsed.pairs().forEach(pair -> given.put(pair.name(), pair.value())));
        return given;
    }

    private static List<String> one(@Nullable String value) {
        return value == null ? List.of() : List.of(value);
    }
}
