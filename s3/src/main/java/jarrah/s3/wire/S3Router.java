package jarrah.s3.wire;

import jarrah.http.Headers;
import jarrah.s3.store.S3Exception;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells which operation a request is: by method, by whether it names the service, a bucket or an object, and by the
 * sub-resource in its query.
 */
public final class S3Router {
    /** Parameters of the query that stand for a sub-resource; one that is none of ours is {@code NotImplemented}. */
    private static final Set<String> SUB_RESOURCES = Set.of(
            "accelerate",
            "acl",
            "analytics",
            "attributes",
            "cors",
            "delete",
            "encryption",
            "intelligent-tiering",
            "inventory",
            "legal-hold",
            "lifecycle",
            "location",
            "logging",
            "metadataConfiguration",
            "metadataTable",
            "metrics",
            "notification",
            "object-lock",
            "ownershipControls",
            "policy",
            "policyStatus",
            "publicAccessBlock",
            "renameObject",
            "replication",
            "requestPayment",
            "restore",
            "retention",
            "select",
            "session",
            "tagging",
            "torrent",
            "uploads",
            "versioning",
            "versions",
            "website",
            "abac",
            ChangeOperations.SUB_RESOURCE);

    private static final Map<String, S3Operation> READ_BUCKET = Map.ofEntries(
            Map.entry("location", S3Operation.GET_BUCKET_LOCATION),
            Map.entry("acl", S3Operation.GET_BUCKET_ACL),
            Map.entry("versioning", S3Operation.GET_BUCKET_VERSIONING),
            Map.entry("versions", S3Operation.LIST_OBJECT_VERSIONS),
            Map.entry("uploads", S3Operation.LIST_MULTIPART_UPLOADS),
            Map.entry("ownershipControls", S3Operation.GET_BUCKET_OWNERSHIP_CONTROLS),
            Map.entry("requestPayment", S3Operation.GET_BUCKET_REQUEST_PAYMENT),
            Map.entry("logging", S3Operation.GET_BUCKET_LOGGING),
            Map.entry("notification", S3Operation.GET_BUCKET_NOTIFICATION_CONFIGURATION),
            Map.entry("accelerate", S3Operation.GET_BUCKET_ACCELERATE_CONFIGURATION),
            Map.entry("policy", S3Operation.GET_BUCKET_POLICY),
            Map.entry("policyStatus", S3Operation.GET_BUCKET_POLICY_STATUS),
            Map.entry("cors", S3Operation.GET_BUCKET_CORS),
            Map.entry("lifecycle", S3Operation.GET_BUCKET_LIFECYCLE_CONFIGURATION),
            Map.entry("tagging", S3Operation.GET_BUCKET_TAGGING),
            Map.entry("encryption", S3Operation.GET_BUCKET_ENCRYPTION),
            Map.entry("website", S3Operation.GET_BUCKET_WEBSITE),
            Map.entry("replication", S3Operation.GET_BUCKET_REPLICATION),
            Map.entry("object-lock", S3Operation.GET_OBJECT_LOCK_CONFIGURATION),
            Map.entry("publicAccessBlock", S3Operation.GET_PUBLIC_ACCESS_BLOCK),
            Map.entry(ChangeOperations.SUB_RESOURCE, S3Operation.FOLLOW_CHANGES));

    private static final Map<String, S3Operation> WRITE_BUCKET = Map.ofEntries(
            Map.entry("acl", S3Operation.PUT_BUCKET_ACL),
            Map.entry("versioning", S3Operation.PUT_BUCKET_VERSIONING),
            Map.entry("object-lock", S3Operation.PUT_OBJECT_LOCK_CONFIGURATION),
            Map.entry("ownershipControls", S3Operation.PUT_BUCKET_OWNERSHIP_CONTROLS),
            Map.entry("policy", S3Operation.PUT_BUCKET_POLICY),
            Map.entry("publicAccessBlock", S3Operation.PUT_PUBLIC_ACCESS_BLOCK),
            Map.entry("cors", S3Operation.PUT_BUCKET_CORS),
            Map.entry("website", S3Operation.PUT_BUCKET_WEBSITE),
            Map.entry("lifecycle", S3Operation.PUT_BUCKET_LIFECYCLE_CONFIGURATION),
            Map.entry("tagging", S3Operation.PUT_BUCKET_TAGGING),
            Map.entry("encryption", S3Operation.PUT_BUCKET_ENCRYPTION),
            Map.entry("replication", S3Operation.PUT_BUCKET_REPLICATION),
            Map.entry("logging", S3Operation.PUT_BUCKET_LOGGING),
            Map.entry("notification", S3Operation.PUT_BUCKET_NOTIFICATION_CONFIGURATION),
            Map.entry("requestPayment", S3Operation.PUT_BUCKET_REQUEST_PAYMENT),
            Map.entry("accelerate", S3Operation.PUT_BUCKET_ACCELERATE_CONFIGURATION));

    private static final Map<String, S3Operation> CLEAR_BUCKET = Map.ofEntries(
            Map.entry("ownershipControls", S3Operation.DELETE_BUCKET_OWNERSHIP_CONTROLS),
            Map.entry("policy", S3Operation.DELETE_BUCKET_POLICY),
            Map.entry("publicAccessBlock", S3Operation.DELETE_PUBLIC_ACCESS_BLOCK),
            Map.entry("cors", S3Operation.DELETE_BUCKET_CORS),
            Map.entry("website", S3Operation.DELETE_BUCKET_WEBSITE),
            Map.entry("lifecycle", S3Operation.DELETE_BUCKET_LIFECYCLE),
            Map.entry("tagging", S3Operation.DELETE_BUCKET_TAGGING),
            Map.entry("encryption", S3Operation.DELETE_BUCKET_ENCRYPTION),
            Map.entry("replication", S3Operation.DELETE_BUCKET_REPLICATION));

    /** Of these a bucket has several, each with an id; a read without one lists them. */
    private static final Map<String, Named> NAMED = Map.of(
            "analytics",
                    new Named(
                            S3Operation.GET_BUCKET_ANALYTICS_CONFIGURATION,
                            S3Operation.LIST_BUCKET_ANALYTICS_CONFIGURATIONS,
                            S3Operation.PUT_BUCKET_ANALYTICS_CONFIGURATION,
                            S3Operation.DELETE_BUCKET_ANALYTICS_CONFIGURATION),
            "intelligent-tiering",
                    new Named(
                            S3Operation.GET_BUCKET_INTELLIGENT_TIERING_CONFIGURATION,
                            S3Operation.LIST_BUCKET_INTELLIGENT_TIERING_CONFIGURATIONS,
                            S3Operation.PUT_BUCKET_INTELLIGENT_TIERING_CONFIGURATION,
                            S3Operation.DELETE_BUCKET_INTELLIGENT_TIERING_CONFIGURATION),
            "inventory",
                    new Named(
                            S3Operation.GET_BUCKET_INVENTORY_CONFIGURATION,
                            S3Operation.LIST_BUCKET_INVENTORY_CONFIGURATIONS,
                            S3Operation.PUT_BUCKET_INVENTORY_CONFIGURATION,
                            S3Operation.DELETE_BUCKET_INVENTORY_CONFIGURATION),
            "metrics",
                    new Named(
                            S3Operation.GET_BUCKET_METRICS_CONFIGURATION,
                            S3Operation.LIST_BUCKET_METRICS_CONFIGURATIONS,
                            S3Operation.PUT_BUCKET_METRICS_CONFIGURATION,
                            S3Operation.DELETE_BUCKET_METRICS_CONFIGURATION));

    private record Named(S3Operation get, S3Operation list, S3Operation put, S3Operation delete) {
        @Nullable
        S3Operation of(String method, boolean id) {
            return switch (method) {
                case "GET" -> id ? get : list;
                case "PUT" -> put;
                case "DELETE" -> delete;
                default -> null;
            };
        }
    }

    private static final Map<String, S3Operation> READ_OBJECT = Map.of(
            "acl", S3Operation.GET_OBJECT_ACL,
            "attributes", S3Operation.GET_OBJECT_ATTRIBUTES,
            "legal-hold", S3Operation.GET_OBJECT_LEGAL_HOLD,
            "retention", S3Operation.GET_OBJECT_RETENTION,
            "tagging", S3Operation.GET_OBJECT_TAGGING);

    private static final Map<String, S3Operation> WRITE_OBJECT = Map.of(
            "acl", S3Operation.PUT_OBJECT_ACL,
            "legal-hold", S3Operation.PUT_OBJECT_LEGAL_HOLD,
            "retention", S3Operation.PUT_OBJECT_RETENTION,
            "tagging", S3Operation.PUT_OBJECT_TAGGING);

    private static final List<String> METHODS = List.of("GET", "HEAD", "PUT", "POST", "DELETE");

    private S3Router() {}

    /**
     * The operation of a request.
     *
     * @throws S3WireException.NotImplemented for an operation of S3's that is not served
     * @throws S3Exception.PreconditionFailed for an upload by a form that is none
     * @throws S3WireException.MethodNotAllowed for what no operation of S3 is
     * @throws S3WireException.InvalidArgument for a write of an object that names a version, or a part of no upload
     */
    public static S3Operation route(String method, S3Address address, S3Query query, Headers headers) {
        if (!METHODS.contains(method)) {
            throw new S3WireException.MethodNotAllowed(method);
        }
        String sub = subResource(query);
        if (address.bucket().isEmpty()) {
            return routeService(method);
        }
        S3Operation operation = address.isObject()
                ? routeObject(method, sub, query, headers)
                : method.equals("POST") && sub == null && UploadForm.isMeant(headers)
                        ? S3Operation.POST_OBJECT
                        : routeBucket(method, sub, query);
        if (operation == null && method.equals("POST") && sub == null && !address.isObject()) {
            throw new S3Exception.PreconditionFailed("Bucket POST must be of the enclosure-type multipart/form-data");
        }
        if (operation == null) {
            throw new S3WireException.NotImplemented(method + (sub == null ? "" : "?" + sub));
        }
        return operation;
    }

    private static @Nullable String subResource(S3Query query) {
        for (String name : SUB_RESOURCES) {
            if (query.has(name)) {
                return name;
            }
        }
        return null;
    }

    private static S3Operation routeService(String method) {
        if (method.equals("GET")) {
            return S3Operation.LIST_BUCKETS;
        }
        throw new S3WireException.MethodNotAllowed(method);
    }

    private static @Nullable S3Operation routeBucket(String method, @Nullable String sub, S3Query query) {
        Named named = sub == null ? null : NAMED.get(sub);
        if (named != null) {
            return named.of(method, query.has("id"));
        }
        return switch (method) {
            case "GET" -> {
                if (sub == null) {
                    yield query.get("list-type", "1").equals("2")
                            ? S3Operation.LIST_OBJECTS_V2
                            : S3Operation.LIST_OBJECTS;
                }
                yield READ_BUCKET.get(sub);
            }
            case "HEAD" -> sub == null ? S3Operation.HEAD_BUCKET : null;
            case "PUT" -> sub == null ? S3Operation.CREATE_BUCKET : WRITE_BUCKET.get(sub);
            case "DELETE" -> sub == null ? S3Operation.DELETE_BUCKET : CLEAR_BUCKET.get(sub);
            case "POST" -> "delete".equals(sub) ? S3Operation.DELETE_OBJECTS : null;
            default -> null;
        };
    }

    /** A write of a whole object is of no part and of no version: it must not pass for one. */
    private static void requireWhole(S3Query query) {
        if (query.has("versionId")) {
            throw new S3WireException.InvalidArgument(
                    "This operation does not accept a version-id.", "versionId", query.get("versionId", ""));
        }
        if (query.has("partNumber")) {
            throw new S3WireException.InvalidArgument(
                    "This operation does not accept a part number without an upload id.",
                    "partNumber",
                    query.get("partNumber", ""));
        }
    }

    private static @Nullable S3Operation routeObject(
            String method, @Nullable String sub, S3Query query, Headers headers) {
        boolean upload = query.has("uploadId");
        boolean copy = headers.contains("x-amz-copy-source");
        return switch (method) {
            case "GET" -> {
                if (sub == null) {
                    yield upload ? S3Operation.LIST_PARTS : S3Operation.GET_OBJECT;
                }
                yield READ_OBJECT.get(sub);
            }
            case "HEAD" -> sub == null ? S3Operation.HEAD_OBJECT : null;
            case "PUT" -> {
                if (sub != null) {
                    yield WRITE_OBJECT.get(sub);
                }
                if (!upload) {
                    requireWhole(query);
                }
                if (upload) {
                    yield copy ? S3Operation.UPLOAD_PART_COPY : S3Operation.UPLOAD_PART;
                }
                yield copy ? S3Operation.COPY_OBJECT : S3Operation.PUT_OBJECT;
            }
            case "DELETE" -> {
                if (sub != null) {
                    yield sub.equals("tagging") ? S3Operation.DELETE_OBJECT_TAGGING : null;
                }
                yield upload ? S3Operation.ABORT_MULTIPART_UPLOAD : S3Operation.DELETE_OBJECT;
            }
            case "POST" ->
                switch (sub) {
                    case null -> upload ? S3Operation.COMPLETE_MULTIPART_UPLOAD : null;
                    case "uploads" -> S3Operation.CREATE_MULTIPART_UPLOAD;
                    case "restore" -> S3Operation.RESTORE_OBJECT;
                    default -> null;
                };
            default -> null;
        };
    }
}
