package jarrah.s3.wire;

import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.http.PercentCoding;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tags as documents and headers carry them ("Categorizing your storage using tags"). */
final class Tags {
    /** The most of an object. */
    static final int MAX_OF_OBJECT = 10;

    private static final int MAX_NAME = 128;
    private static final int MAX_VALUE = 256;
    private static final Pattern ALLOWED = Pattern.compile("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*");

    private Tags() {}

    /**
     * The tags of a {@code Tagging} document.
     *
     * @param most how many there may be
     */
    static Map<String, String> read(XmlElement root, int most) {
        XmlElement set = root.child("TagSet");
        if (set == null) {
            throw new S3WireException.MalformedXml();
        }
        var tags = new TreeMap<String, String>();
        for (XmlElement tag : set.children("Tag")) {
            XmlElement name = tag.child("Key");
            XmlElement value = tag.child("Value");
            if (name == null || value == null) {
                throw new S3WireException.MalformedXml();
            }
            requireTag(name.text(), value.text());
            if (tags.put(name.text(), value.text()) != null) {
                throw new S3WireException.InvalidTag("Cannot provide multiple Tags with the same key", name.text());
            }
        }
        if (tags.size() > most) {
            throw new S3WireException.InvalidTag("Object tags cannot be greater than " + most, "");
        }
        return tags;
    }

    /** The tags of {@code x-amz-tagging}, which is written as a query is; none if it is missing. */
    static Map<String, String> ofHeader(@Nullable String header) {
        var tags = new TreeMap<String, String>();
        if (header == null || header.isEmpty()) {
            return tags;
        }
        for (String pair : header.split("&")) {
            int equals = pair.indexOf('=');
            String name = decode(header, equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decode(header, pair.substring(equals + 1));
            requireTag(name, value);
            if (tags.put(name, value) != null) {
                throw badHeader(header);
            }
        }
        if (tags.size() > MAX_OF_OBJECT) {
            throw new S3WireException.TooManyTags();
        }
        return tags;
    }

    private static String decode(String header, String text) {
        return PercentCoding.decode(text.replace("+", "%20")).orElseThrow(() -> badHeader(header));
    }

    private static S3WireException badHeader(String header) {
        return new S3WireException.InvalidArgument(
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag"
                        + " name duplicates.",
                "x-amz-tagging",
                header);
    }

    private static void requireTag(String name, String value) {
        if (name.isEmpty() || name.length() > MAX_NAME || !ALLOWED.matcher(name).matches()) {
            throw new S3WireException.InvalidTag("The TagKey you have provided is invalid", name);
        }
        if (value.length() > MAX_VALUE || !ALLOWED.matcher(value).matches()) {
            throw new S3WireException.InvalidTag("The TagValue you have provided is invalid", name);
        }
        if (name.startsWith("aws:")) {
            throw new S3WireException.InvalidTag("System tags cannot be added/updated by requester", name);
        }
    }

    /** A {@code Tagging} document. */
    static XmlWriter write(Map<String, String> tags) {
        var xml = new XmlWriter("Tagging", S3Request.NAMESPACE).start("TagSet");
        tags.forEach((name, value) ->
                xml.start("Tag").text("Key", name).text("Value", value).end());
        return xml;
    }
}
