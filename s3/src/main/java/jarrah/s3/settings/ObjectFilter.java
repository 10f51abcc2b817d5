package jarrah.s3.settings;

import jarrah.aws.XmlElement;
import jarrah.s3.settings.SettingsException.InvalidRequest;
import jarrah.s3.settings.SettingsException.MalformedXml;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which objects a rule of a lifecycle or of a replication is about.
 *
 * @param prefix of keys; empty for all
 * @param tags that an object must have
 * @param above only objects of more bytes
 * @param below only objects of fewer bytes
 */
public record ObjectFilter(String prefix, Map<String, String> tags, Optional<Long> above, Optional<Long> below) {
    private static final String[] CONDITIONS = {"Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "And"};

    /** All objects under a prefix. */
    public static ObjectFilter prefix(String prefix) {
        return new ObjectFilter(prefix, Map.of(), Optional.empty(), Optional.empty());
    }

    /**
     * Reads a {@code Filter}: one condition, or several under {@code And}. Several beside each other, which AWS refuses and
     * other stores take, must all hold too.
     */
    static ObjectFilter of(XmlElement element) {
        Fields fields = Fields.of(element, CONDITIONS);
        ObjectFilter own = conditions(fields);
        return fields.child("And")
                .map(and -> own.and(
                        conditions(Fields.of(and, "Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan"))))
                .orElse(own);
    }

    private ObjectFilter and(ObjectFilter other) {
        String longer = prefix.length() < other.prefix.length() ? other.prefix : prefix;
        var both = new LinkedHashMap<>(tags);
        both.putAll(other.tags);
        boolean contradict = !longer.startsWith(prefix)
                || !longer.startsWith(other.prefix)
                || !both.entrySet().containsAll(tags.entrySet());
        if (contradict) {
            throw new MalformedXml();
        }
        Optional<Long> most = below.isEmpty() ? other.below : below.map(own -> Math.min(own, other.below.orElse(own)));
        Optional<Long> least = above.isEmpty() ? other.above : above.map(own -> Math.max(own, other.above.orElse(own)));
        return new ObjectFilter(longer, both, least, most);
    }

    private static ObjectFilter conditions(Fields fields) {
        var tags = new LinkedHashMap<String, String>();
        for (XmlElement tag : fields.all("Tag")) {
            Fields pair = Fields.of(tag, "Key", "Value");
            if (tags.containsKey(pair.required("Key").text())) {
                throw new InvalidRequest("Duplicate Tag Keys are not allowed.");
            }
            TagSet.add(tags, pair.required("Key").text(), pair.required("Value").text());
        }
        Optional<Long> above = fields.number("ObjectSizeGreaterThan");
        Optional<Long> below = fields.number("ObjectSizeLessThan");
        if (above.isPresent() && below.isPresent() && below.get() <= above.get() + 1) {
            throw new InvalidRequest("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.");
        }
        return new ObjectFilter(fields.text("Prefix").orElse(""), tags, above, below);
    }

    /** Whether an object is meant. */
    public boolean matches(String key, long size, Map<String, String> objectTags) {
        return key.startsWith(prefix)
                && above.map(least -> size > least).orElse(true)
                && below.map(most -> size < most).orElse(true)
                && tags.entrySet().stream().allMatch(tag -> tag.getValue().equals(objectTags.get(tag.getKey())));
    }
}
