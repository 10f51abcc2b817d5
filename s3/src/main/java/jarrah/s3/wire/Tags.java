package jarrah.s3.wire;

import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.http.PercentCoding;
import jarrah.s3.settings.SettingsException;
import jarrah.s3.settings.TagSet;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tags as documents and headers carry them ("Categorizing your storage using tags"). */
final class Tags {
    private Tags() {}

    /**
     * The tags of a {@code Tagging} document.
     *
     * @param most how many there may be
     */
    static Map<String, String> read(XmlElement root, int most) {
        Map<String, String> tags = TagSet.of(root, Integer.MAX_VALUE).tags();
        if (tags.size() > most) {
            throw new SettingsException.InvalidTag("Object tags cannot be greater than " + most, "");
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
            if (tags.containsKey(name)) {
                throw badHeader(header);
            }
            TagSet.add(tags, name, value);
        }
        return TagSet.bounded(tags, TagSet.MAX_OF_OBJECT).tags();
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

    /** A {@code Tagging} document. */
    static XmlWriter write(Map<String, String> tags) {
        var xml = new XmlWriter("Tagging", S3Request.NAMESPACE);
        new TagSet(tags).write(xml);
        return xml;
    }
}
