package jarrah.accelerator.rules;

import jarrah.http.ETag;
import jarrah.http.Headers;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which answers of a site that compresses are sent as gzip, and how their heads differ then (RFC 9110, 8.4.1.3 and 12.5.3).
 * Each has two variants, chosen by Accept-Encoding, which is brought down to {@code gzip} or nothing before anything is
 * looked for.
 */
public final class Compression {
    /** The coding, as in Accept-Encoding and Content-Encoding. */
    public static final String GZIP = "gzip";

    /** What is shorter fits one packet anyway. */
    private static final long MIN_BYTES = 1_024;

    /** What is longer is downloaded rather than read, in parts too, and would hold a processor for long. */
    private static final long MAX_BYTES = 16L << 20;

    private static final Set<String> TYPES = Set.of(
            "application/javascript",
            "application/json",
            "application/ld+json",
            "application/manifest+json",
            "application/vnd.ms-fontobject",
            "application/wasm",
            "application/x-javascript",
            "application/x-ndjson",
            "application/xml",
            "application/yaml",
            "font/otf",
            "font/ttf",
            "image/bmp",
            "image/svg+xml",
            "image/x-icon");

    /** Events are worth most when they come at once. */
    private static final String EVENTS = "text/event-stream";

    /** Digests of the bytes before they were compressed (RFC 9530; the first two are obsolete). */
    private static final List<String> DIGESTS = List.of("Content-MD5", "Digest", "Content-Digest", "Repr-Digest");

    private Compression() {}

    /**
     * Whether a client is to get gzip where there is one: it would rather have it, and asks for nothing that hangs on the bytes
     * of the representation, such as parts of it.
     */
    public static boolean isWanted(RequestFacts request, @Nullable String acceptEncoding) {
        if (acceptEncoding == null
                || request.range() != null
                || request.ifMatch() != null
                || request.directives().has("no-transform")) {
            return false;
        }
        int gzip = Math.max(Weights.of(acceptEncoding, GZIP), Weights.of(acceptEncoding, "x-gzip"));
        gzip = gzip == Weights.UNNAMED ? Weights.of(acceptEncoding, "*") : gzip;
        return gzip > 0 && gzip >= Weights.of(acceptEncoding, "identity");
    }

    /**
     * Whether the Range of a request can be left unheeded, and is to be: a date tells not which variant the client has a part
     * of, and parts of the two do not go together.
     */
    public static boolean isRangeAmbiguous(RequestFacts request) {
        String condition = request.ifRange();
        return request.range() != null
                && condition != null
                && ETag.parse(condition.strip()).isEmpty();
    }

    /**
     * Whether an answer has a compressed variant.
     *
     * @param length of the body, bytes; -1 if unknown
     */
    public static boolean applies(int status, Headers answer, CacheControl control, long length) {
        return status == 200
                && (length < 0 || (length >= MIN_BYTES && length <= MAX_BYTES))
                && !answer.contains("Content-Encoding")
                && !answer.contains("Content-Range")
                && !control.has("no-transform")
                && isText(answer.first("Content-Type"));
    }

    private static boolean isText(@Nullable String contentType) {
        if (contentType == null) {
            return false;
        }
        int parameters = contentType.indexOf(';');
        String type = (parameters < 0 ? contentType : contentType.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
        return !type.equals(EVENTS)
                && (type.startsWith("text/")
                        || type.endsWith("+json")
                        || type.endsWith("+xml")
                        || TYPES.contains(type));
    }

    /** Says that the answer, compressed or not, was chosen by Accept-Encoding. */
    public static void vary(Headers answer) {
        List<String> names = Vary.of(answer);
        if (!names.contains("accept-encoding") && !names.contains("*")) {
            answer.add("Vary", "Accept-Encoding");
        }
    }

    /**
     * Makes the head that of the compressed variant. Its tag is weak: the bytes are others, what they say is the same
     * (RFC 9110, 8.8.1); so no part of it is asked for by that tag.
     */
    public static void encode(Headers answer) {
        answer.set("Content-Encoding", GZIP).remove("Content-Length").remove("Accept-Ranges");
        DIGESTS.forEach(answer::remove);
        String tag = answer.first("ETag");
        if (tag != null && !tag.strip().startsWith("W/")) {
            answer.set("ETag", "W/" + tag.strip());
        }
    }

    /** Whether a stored head may be one that {@link #encode} made. */
    public static boolean isEncoded(Headers stored) {
        String tag = stored.first("ETag");
        return GZIP.equals(stored.first("Content-Encoding"))
                && !stored.contains("Accept-Ranges")
                && (tag == null || tag.startsWith("W/"));
    }

    /** The tag to ask the origin by, which knows that of its own bytes; stores that compare tags as text know no weak ones. */
    public static @Nullable String originTag(@Nullable String tag) {
        return tag != null && tag.startsWith("W/") ? tag.substring(2) : tag;
    }
}
