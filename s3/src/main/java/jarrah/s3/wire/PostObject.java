package jarrah.s3.wire;

import jarrah.aws.Authentication;
import jarrah.aws.BodySigning;
import jarrah.aws.FormSignature;
import jarrah.aws.XmlWriter;
import jarrah.http.Body;
import jarrah.http.Headers;
import jarrah.http.ResponseHead;
import jarrah.iam.AccessKey;
import jarrah.iam.Accounts;
import jarrah.iam.Principal;
import jarrah.s3.settings.TagSet;
import jarrah.s3.store.StoredObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Uploads by a browser's form ("POST Object", S3 API reference): the form becomes a put of the same meaning. */
final class PostObject {
    /** Fields of the form that a put has as header fields. */
    private static final Set<String> HEADERS = Set.of(
            "cache-control", "content-type", "content-disposition", "content-encoding", "content-language", "expires");
    /** Fields that say how the form is signed. */
    private static final Set<String> SIGNING =
            Set.of("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "x-amz-security-token");

    private final ObjectWrites writes;
    private final ExpirationHeader expiration;
    private final FormSignature signature;
    private final Accounts accounts;
    private final Clock clock;

    PostObject(
            ObjectWrites writes, ExpirationHeader expiration, FormSignature signature, Accounts accounts, Clock clock) {
        this.writes = writes;
        this.expiration = expiration;
        this.signature = signature;
        this.accounts = accounts;
        this.clock = clock;
    }

    void post(S3Request request) throws IOException {
        UploadForm form = UploadForm.read(request.headers(), request.exchange().body());
        Map<String, String> fields = new TreeMap<>(form.fields());
        String key = fields.getOrDefault("key", "");
        if (key.isEmpty()) {
            throw new S3WireException.InvalidArgument(
                    "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the"
                            + " fields.",
                    "key",
                    "");
        }
        key = key.replace("${filename}", form.fileName());
        fields.put("key", key);
        Principal principal = principal(fields);
        String policy = fields.get("policy");
        if (policy == null && !(principal instanceof Principal.Anonymous)) {
            throw new S3WireException.InvalidArgument(
                    "Bucket POST must contain a field named 'policy'.  If it is specified, please check the order of the"
                            + " fields.",
                    "policy",
                    "");
        }
        long least = 0;
        long most = Long.MAX_VALUE;
        if (policy != null) {
            if (principal instanceof Principal.Anonymous) {
                throw new S3WireException.InvalidArgument(
                        "Bucket POST must contain a field named 'AWSAccessKeyId'.  If it is specified, please check the"
                                + " order of the fields.",
                        "AWSAccessKeyId",
                        "");
            }
            FormPolicy held = FormPolicy.read(policy, clock.instant());
            fields.put("bucket", request.bucket());
            held.require(fields);
            least = held.least();
            most = held.most();
        }
        var put = new S3Request(
                request.exchange(),
                request.id(),
                new S3Address(request.bucket(), key),
                request.query(),
                principal,
                new Authentication.Anonymous(new BodySigning.Unsigned()),
                S3Operation.PUT_OBJECT,
                request.always(),
                headers(fields));
        StoredObject stored = writes.store(put, new BoundedFile(form.file(), least, most));
        answer(put, fields, stored);
    }

    private Principal principal(Map<String, String> fields) {
        String accessKeyId = signature.verify(fields);
        AccessKey key = accessKeyId == null ? null : accounts.key(accessKeyId);
        return key == null ? Principal.ANONYMOUS : key.principal();
    }

    private static Headers headers(Map<String, String> fields) throws IOException {
        var headers = Headers.of();
        fields.forEach((name, value) -> {
            if (name.equals("acl")) {
                add(headers, "x-amz-acl", value);
            } else if (HEADERS.contains(name) || (name.startsWith("x-amz-") && !SIGNING.contains(name))) {
                add(headers, name, value);
            }
        });
        String tagging = fields.get("tagging");
        if (tagging != null && !tagging.isBlank()) {
            TagSet tags =
                    TagSet.of(S3Request.xml(tagging.getBytes(StandardCharsets.UTF_8), "Tagging"), TagSet.MAX_OF_OBJECT);
            headers.add(
                    "x-amz-tagging",
                    tags.tags().entrySet().stream()
                            .map(tag -> encoded(tag.getKey()) + "=" + encoded(tag.getValue()))
                            .collect(Collectors.joining("&")));
        }
        return headers;
    }

    /** Adds a field as it would have come with a put: bytes of UTF-8 in ISO 8859-1, and nothing that no header can hold. */
    private static void add(Headers headers, String name, String value) {
        String field = new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        if (!Headers.isName(name) || !Headers.isValue(field)) {
            throw new S3WireException.InvalidArgument("The field cannot stand in a header.", name, value);
        }
        headers.add(name, field);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private void answer(S3Request request, Map<String, String> fields, StoredObject stored) {
        String etag = "\"" + stored.etag() + "\"";
        @Nullable String redirect = fields.getOrDefault("success_action_redirect", fields.get("redirect"));
        if (redirect != null && isUrl(redirect)) {
            ResponseHead head = request.head(303);
            expiration.write(request.bucket(), stored, head.headers());
            head.headers()
                    .add("ETag", etag)
                    .add(
                            "Location",
                            redirect + (redirect.contains("?") ? "&" : "?") + "bucket=" + encoded(request.bucket())
                                    + "&key=" + encoded(stored.key()) + "&etag=" + encoded(etag));
            request.answer(head, Body.EMPTY);
            return;
        }
        String status = fields.getOrDefault("success_action_status", "204");
        ResponseHead head = request.head(status.equals("200") ? 200 : status.equals("201") ? 201 : 204);
        String location = location(request, stored.key());
        expiration.write(request.bucket(), stored, head.headers());
        head.headers().add("ETag", etag).add("Location", location);
        ChecksumHeaders.write(stored.checksum(), head.headers());
        if (head.status() != 201) {
            request.answer(head, Body.EMPTY);
            return;
        }
        head.headers().add("Content-Type", "application/xml");
        var xml = new XmlWriter("PostResponse")
                .text("Location", location)
                .text("Bucket", request.bucket())
                .text("Key", stored.key())
                .text("ETag", etag);
        request.answer(head, Body.of(xml.bytes()));
    }

    private static boolean isUrl(String text) {
        try {
            String scheme = URI.create(text).getScheme();
            return "http".equals(scheme) || "https".equals(scheme);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String location(S3Request request, String key) {
        String path = request.exchange().request().path();
        String host = String.valueOf(request.exchange().request().host());
        String base = path.endsWith("/") ? path : path + "/";
        return "http://" + host + base + encoded(key).replace("+", "%20").replace("%2F", "/");
    }
}
