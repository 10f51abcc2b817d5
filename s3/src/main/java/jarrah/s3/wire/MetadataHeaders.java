package jarrah.s3.wire;

import jarrah.http.Headers;
import jarrah.s3.store.Metadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What an upload says of its object, and how it comes back. */
final class MetadataHeaders {
    static final String REDIRECT = "x-amz-website-redirect-location";
    /** What an object has whose upload named no type. */
    static final String DEFAULT_TYPE = "binary/octet-stream";

    private static final List<String> KEPT = List.of(
            "content-type",
            "cache-control",
            "content-disposition",
            "content-encoding",
            "content-language",
            "expires",
            REDIRECT);

    private static final Map<String, String> WRITTEN = Map.of(
            "content-type", "Content-Type",
            "cache-control", "Cache-Control",
            "content-disposition", "Content-Disposition",
            "content-encoding", "Content-Encoding",
            "content-language", "Content-Language",
            "expires", "Expires");

    /** Classes that an upload may choose; all lie in one place here. */
    private static final Set<String> SERVED_CLASSES = Set.of(
            "STANDARD",
            "REDUCED_REDUNDANCY",
            "STANDARD_IA",
            "ONEZONE_IA",
            "INTELLIGENT_TIERING",
            "GLACIER_IR",
            "GLACIER",
            "DEEP_ARCHIVE");

    private static final Set<String> OTHER_CLASSES =
            Set.of("OUTPOSTS", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS", "FSX_ONTAP");

    /** Headers that ask for what is not served: saying OK to them would promise what is not kept. */
    private static final List<String> REFUSED = List.of("x-amz-write-offset-bytes");

    private static final int MAX_REDIRECT_BYTES = 2_048;

    private MetadataHeaders() {}

    /** Refuses what an upload must not ask for here. */
    static void requireServed(Headers headers) {
        for (String name : REFUSED) {
            if (headers.contains(name)) {
                throw new S3WireException.NotImplemented(name);
            }
        }
    }

    static Metadata read(Headers headers) {
        var kept = new TreeMap<String, String>();
        for (String name : KEPT) {
            String value = headers.joined(name);
            if (value != null) {
                kept.put(name, value);
            }
        }
        String encoding = withoutChunking(kept.remove("content-encoding"));
        if (encoding != null) {
            kept.put("content-encoding", encoding);
        }
        kept.putIfAbsent("content-type", DEFAULT_TYPE);
        redirect(headers);
        return new Metadata(kept, UserMetadata.of(headers), storageClass(headers.first("x-amz-storage-class")));
    }

    /** Where a website sends who asks for the object; null if nothing is said of it. */
    static @Nullable String redirect(Headers headers) {
        String location = headers.joined(REDIRECT);
        if (location != null) {
            requireLocation(location);
        }
        return location;
    }

    /** "(Optional) Configuring a webpage redirect", Amazon S3 User Guide. */
    private static void requireLocation(String redirect) {
        if (!redirect.startsWith("/") && !redirect.startsWith("http://") && !redirect.startsWith("https://")) {
            throw new S3WireException.InvalidRedirectLocation(
                    "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.");
        }
        if (redirect.length() > MAX_REDIRECT_BYTES) {
            throw new S3WireException.InvalidRedirectLocation(
                    "The length of website redirect location cannot exceed 2,048 characters.");
        }
    }

    /** {@code aws-chunked} is how the body came, not what the object is. */
    private static @Nullable String withoutChunking(@Nullable String encoding) {
        if (encoding == null) {
            return null;
        }
        var kept = new ArrayList<String>();
        for (String coding : encoding.split(",")) {
            if (!coding.strip().equalsIgnoreCase("aws-chunked") && !coding.isBlank()) {
                kept.add(coding.strip());
            }
        }
        return kept.isEmpty() ? null : String.join(",", kept);
    }

    private static String storageClass(@Nullable String name) {
        if (name == null || SERVED_CLASSES.contains(name)) {
            return name == null ? Metadata.STANDARD : name;
        }
        if (OTHER_CLASSES.contains(name)) {
            throw new S3WireException.NotImplemented("x-amz-storage-class: " + name);
        }
        throw new S3WireException.InvalidStorageClass(name);
    }

    /** Adds an object's metadata to an answer, with the parameters of the request in place of what they override. */
    static void write(Metadata metadata, S3Request request, Headers headers) {
        WRITTEN.forEach((name, written) -> {
            String override = request.query().get("response-" + name);
            if (override != null && !Headers.isValue(override)) {
                throw new S3WireException.InvalidArgument(
                        "Header value cannot be represented using ISO-8859-1.", "response-" + name, override);
            }
            String value = override == null ? metadata.headers().get(name) : override;
            if (value != null) {
                headers.add(written, value);
            }
        });
        String redirect = metadata.headers().get("x-amz-website-redirect-location");
        if (redirect != null) {
            headers.add("x-amz-website-redirect-location", redirect);
        }
        UserMetadata.write(metadata.user(), headers);
        if (!metadata.storageClass().equals(Metadata.STANDARD)) {
            headers.add("x-amz-storage-class", metadata.storageClass());
        }
    }

    /** Whether the request overrides anything of an answer. */
    static boolean overrides(S3Request request) {
        return WRITTEN.keySet().stream().anyMatch(name -> request.query().has("response-" + name));
    }
}
