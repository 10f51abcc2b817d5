package jarrah.accelerator.origin;

import jarrah.aws.XmlElement;
import jarrah.http.PercentCoding;
import java.net.ProtocolException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of what a bucket has under a prefix, up to the next slash, as ListObjectsV2 of the S3 API tells it: in the order of
 * the names' UTF-8 bytes.
 *
 * @param status of the store's answer; of none but 200 there are names
 * @param directories what names that go on behind a slash have in common, the prefix and that slash included
 * @param objects those whose names do not go on
 * @param next token of the next page; null if there is none
 */
public record BucketListing(
        int status,
        List<String> directories,
        List<Item> objects,
        @Nullable String next) {
    /** The most names of a page; S3 gives no more. */
    public static final int MOST_NAMES = 1_000;

    /** A thousand names of 1,024 bytes, percent-encoded, with what is told of each. */
    static final int MAX_ANSWER_BYTES = 4 << 20;

    /**
     * An object.
     *
     * @param size bytes
     */
    public record Item(String key, long size, Instant modified) {}

    public boolean isEmpty() {
        return directories.isEmpty() && objects.isEmpty();
    }

    /**
     * The query to ask with.
     *
     * @param token of the page; null for the first
     * @param most names, up to {@link #MOST_NAMES}
     */
    static String query(String prefix, @Nullable String token, int most) {
        // XML carries not every character of a key: those with others would be told wrongly, or break the document.
        return (token == null ? "" : "continuation-token=" + PercentCoding.encode(token) + "&")
                + "delimiter=%2F&encoding-type=url&list-type=2&max-keys=" + most + "&prefix="
                + PercentCoding.encode(prefix);
    }

    /**
     * Reads the store's answer.
     *
     * @throws OriginException if it is no listing
     */
    static BucketListing read(int status, byte[] document) throws OriginException {
        if (status != 200) {
            return new BucketListing(status, List.of(), List.of(), null);
        }
        try {
            XmlElement root = XmlElement.parse(document);
            if (!root.name().equals("ListBucketResult")) {
                throw new ProtocolException("a document of another kind: " + root.name());
            }
            boolean encoded = "url".equals(root.childText("EncodingType"));
            var directories = new ArrayList<String>();
            for (XmlElement prefix : root.children("CommonPrefixes")) {
                directories.add(name(prefix, "Prefix", encoded));
            }
            var objects = new ArrayList<Item>();
            for (XmlElement object : root.children("Contents")) {
                objects.add(new Item(
                        name(object, "Key", encoded),
                        Long.parseLong(required(object, "Size").strip()),
                        Instant.parse(required(object, "LastModified").strip())));
            }
            boolean more = "true".equals(root.childText("IsTruncated"));
            return new BucketListing(
                    status,
                    List.copyOf(directories),
                    List.copyOf(objects),
                    more ? root.childText("NextContinuationToken") : null);
        } catch (XmlElement.MalformedXml | ProtocolException | NumberFormatException | DateTimeParseException e) {
            throw new OriginException(OriginException.Kind.BROKEN, "a store's listing cannot be read", e);
        }
    }

    /** AWS writes a space as a plus sign; a plus sign itself is always encoded. */
    private static String name(XmlElement parent, String child, boolean encoded) throws ProtocolException {
        String text = required(parent, child);
        return encoded ? PercentCoding.decode(text, true).orElse(text) : text;
    }

    private static String required(XmlElement parent, String child) throws ProtocolException {
        XmlElement element = parent.child(child);
        if (element == null) {
            throw new ProtocolException(child + " is missing");
        }
        return element.text();
    }
}
