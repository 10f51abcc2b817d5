package jarrah.s3;

import jarrah.aws.Authentication;
import jarrah.aws.RequestId;
import jarrah.http.Exchange;
import jarrah.http.RequestHead;
import jarrah.iam.Principal;
import jarrah.s3.store.Bucket;
import jarrah.s3.wire.S3Address;
import jarrah.s3.wire.S3Operation;
import jarrah.s3.wire.S3Query;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request as a line of an access log ("Amazon S3 server access log format"). What is not known when the answer has
 * left is a hyphen: turn-around time, size of an object read in part, whether an ACL counted.
 *
 * @param code of the error; null if there was none
 */
record AccessLogLine(
        Bucket bucket,
        Instant time,
        RequestId id,
        RequestHead head,
        S3Address address,
        S3Query query,
        Principal principal,
        Authentication authentication,
        S3Operation operation,
        Exchange.Outcome outcome,
        @Nullable String code) {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT).withZone(ZoneOffset.UTC);
    /** What a parameter makes the request be about, where AWS's word is not the parameter's. */
    private static final Map<String, String> RESOURCES = Map.ofEntries(
            Map.entry("acl", "ACL"),
            Map.entry("policy", "BUCKETPOLICY"),
            Map.entry("versioning", "VERSIONING"),
            Map.entry("versions", "BUCKETVERSIONS"),
            Map.entry("location", "LOCATION"),
            Map.entry("logging", "LOGGING_STATUS"),
            Map.entry("notification", "NOTIFICATION"),
            Map.entry("lifecycle", "LIFECYCLE"),
            Map.entry("cors", "CORS"),
            Map.entry("website", "WEBSITE"),
            Map.entry("encryption", "ENCRYPTION"),
            Map.entry("replication", "REPLICATION"),
            Map.entry("uploads", "UPLOADS"),
            Map.entry("requestPayment", "REQUEST_PAYMENT"),
            Map.entry("accelerate", "ACCELERATE"),
            Map.entry("publicAccessBlock", "PUBLIC_ACCESS_BLOCK"),
            Map.entry("ownershipControls", "OWNERSHIP_CONTROLS"),
            Map.entry("object-lock", "OBJECT_LOCK_CONFIGURATION"),
            Map.entry("retention", "OBJECT_LOCK_RETENTION"),
            Map.entry("legal-hold", "OBJECT_LOCK_LEGALHOLD"),
            Map.entry("attributes", "OBJECT_ATTRIBUTES"),
            Map.entry("delete", "MULTI_OBJECT_DELETE"));

    String text() {
        String key = address.key();
        return String.join(
                " ",
                bucket.ownerId(),
                bucket.name(),
                "[" + TIME.format(time) + "]",
                head.remote().getAddress() == null
                        ? "-"
                        : head.remote().getAddress().getHostAddress(),
                requester(),
                id.id(),
                named(),
                key.isEmpty() ? "-" : escaped(key),
                "\"" + head.method() + " " + head.target().replace("\"", "%22") + " HTTP/1.1\"",
                number(outcome.status()),
                code == null ? "-" : code,
                number(outcome.bytesSent()),
                objectSize(),
                Long.toString(outcome.nanos() / 1_000_000),
                "-",
                quoted("Referer"),
                quoted("User-Agent"),
                word(query.get("versionId")),
                id.hostId(),
                signature(),
                "-",
                authenticated(),
                word(head.host()),
                "-", // which version of TLS the connection has is not known here
                "-",
                "-");
    }

    private String requester() {
        return principal instanceof Principal.User user
                ? user.arn().endsWith(":root") ? user.canonicalId() : user.arn()
                : "-";
    }

    private String named() {
        String method = head.headers().contains("x-amz-copy-source") ? "COPY" : head.method();
        String resource = address.isObject() ? "OBJECT" : "BUCKET";
        if (query.has("uploadId")) {
            resource = query.has("partNumber") ? "PART" : "UPLOAD";
        } else if (query.has("tagging")) {
            resource = address.isObject() ? "OBJECT_TAGGING" : "TAGGING";
        } else {
            for (Map.Entry<String, String> one : RESOURCES.entrySet()) {
                if (query.has(one.getKey())) {
                    resource = one.getValue();
                }
            }
        }
        return "REST." + method + "." + resource;
    }

    private String objectSize() {
        String decoded = head.headers().first("x-amz-decoded-content-length");
        return switch (operation) {
            case PUT_OBJECT, UPLOAD_PART ->
                word(decoded == null ? head.headers().first("Content-Length") : decoded);
            case GET_OBJECT -> outcome.status() == 200 ? number(outcome.bytesSent()) : "-";
            default -> "-";
        };
    }

    private String signature() {
        return authentication instanceof Authentication.Signed signed ? signed.version2() ? "SigV2" : "SigV4" : "-";
    }

    private String authenticated() {
        return authentication instanceof Authentication.Signed signed
                ? signed.presigned() ? "QueryString" : "AuthHeader"
                : "-";
    }

    private static String number(long number) {
        return number == 0 ? "-" : Long.toString(number);
    }

    private static String word(@Nullable String value) {
        return value == null || value.isEmpty() ? "-" : escaped(value);
    }

    private String quoted(String field) {
        String value = head.headers().first(field);
        return "\"" + (value == null ? "-" : value.replace("\"", "%22")) + "\"";
    }

    /** Nothing in a field may look like the end of it. */
    private static String escaped(String text) {
        return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8)
                .replace("%2F", "/")
                .replace("%3A", ":");
    }
}
