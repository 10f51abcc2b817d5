package jarrah.s3.settings;

import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.s3.settings.SettingsException.InvalidTag;
import jarrah.s3.settings.SettingsException.TooManyTags;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Tags of a bucket or an object ("Tag restrictions"): names of 1 to 128 characters, values of up to 256, no name twice,
 * none that begins with {@code aws:}.
 *
 * @param tags by name, in the order in which they were given
 */
public record TagSet(Map<String, String> tags) {
    /** The most tags of a bucket. */
    public static final int MAX_OF_BUCKET = 50;
    /** The most tags of an object. */
    public static final int MAX_OF_OBJECT = 10;

    private static final int MAX_NAME = 128;
    private static final int MAX_VALUE = 256;
    private static final Pattern CHARACTERS = Pattern.compile("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*");

    /** Reads a {@code Tagging} document. */
    public static TagSet of(XmlElement tagging, int most) {
        XmlElement set = Fields.of(tagging, "TagSet").required("TagSet");
        var tags = new LinkedHashMap<String, String>();
        for (XmlElement tag : Fields.of(set, "Tag").all("Tag")) {
            Fields fields = Fields.of(tag, "Key", "Value");
            // White space belongs to a tag.
            add(tags, fields.required("Key").text(), fields.required("Value").text());
        }
        return bounded(tags, most);
    }

    /** Adds a tag, checked. */
    public static void add(Map<String, String> tags, String name, String value) {
        if (name.isEmpty()
                || name.length() > MAX_NAME
                || !CHARACTERS.matcher(name).matches()) {
            throw new InvalidTag("The TagKey you have provided is invalid", name);
        }
        if (value.length() > MAX_VALUE || !CHARACTERS.matcher(value).matches()) {
            throw new InvalidTag("The TagValue you have provided is invalid", name);
        }
        if (name.startsWith("aws:")) {
            throw new InvalidTag("System tags cannot be added/updated by requester", name);
        }
        if (tags.put(name, value) != null) {
            throw new InvalidTag("Cannot provide multiple Tags with the same key", name);
        }
    }

    /** The tags, if they are not too many. */
    public static TagSet bounded(Map<String, String> tags, int most) {
        if (tags.size() > most) {
            throw new TooManyTags(
                    most == MAX_OF_BUCKET
                            ? "Bucket tag count cannot be greater than 50"
                            : "Object tags cannot be greater than 10");
        }
        return new TagSet(tags);
    }

    /** Writes the {@code TagSet} element. */
    public void write(XmlWriter xml) {
        xml.start("TagSet");
        tags.forEach((name, value) ->
                xml.start("Tag").text("Key", name).text("Value", value).end());
        xml.end();
    }
}
