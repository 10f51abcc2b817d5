package jarrah.ec2.compute;

import jarrah.storage.Kv;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The tags of an account's resources: written with the resource, gone with it. */
public final class Tags {
    /** The most tags of a resource. */
    public static final int MAX_TAGS = 50;

    private static final int MAX_KEY_CHARS = 127;
    private static final int MAX_VALUE_CHARS = 256;
    /** The resource types that have tags here, by the prefix of their ids. */
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("i", "instance"),
            Map.entry("ami", "image"),
            Map.entry("aki", "image"),
            Map.entry("ari", "image"),
            Map.entry("vol", "volume"),
            Map.entry("snap", "snapshot"),
            Map.entry("sg", "security-group"),
            Map.entry("key", "key-pair"),
            Map.entry("vpc", "vpc"),
            Map.entry("subnet", "subnet"),
            Map.entry("eni", "network-interface"));

    private final Kv kv;
    private final Table<Tagged> table = new Table<>("tags", Tagged.class);

    /** A resource with its tags. */
    public record Tagged(String resourceId, Map<String, String> tags) {
        /** What AWS calls its type. */
        public String resourceType() {
            return type(resourceId);
        }
    }

    Tags(Kv kv) {
        this.kv = kv;
    }

    /** What AWS calls the type of a resource with such an id; empty if ids of that form are not tagged here. */
    public static String type(String resourceId) {
        int dash = resourceId.indexOf('-');
        return dash < 0 ? "" : TYPES.getOrDefault(resourceId.substring(0, dash), "");
    }

    /** A resource's tags; empty if it has none. */
    public Map<String, String> of(String accountId, String resourceId) {
        Tagged tagged = table.get(kv, accountId, resourceId);
        return tagged == null ? Map.of() : tagged.tags();
    }

    /** All tags of the account. */
    public List<Tagged> all(String accountId) {
        return table.all(kv, accountId);
    }

    /** Adds tags to resources; those of the same key are replaced. */
    void add(Kv.Tx tx, String accountId, String resourceId, Map<String, String> tags) {
        if (tags.isEmpty()) {
            return;
        }
        tags.forEach(Tags::check);
        Tagged there = table.get(tx, accountId, resourceId);
        var merged = new TreeMap<String, String>(there == null ? Map.of() : there.tags());
        merged.putAll(tags);
        if (merged.size() > MAX_TAGS) {
            throw Ec2Error.TAG_LIMIT.because("The maximum number of tags for a resource is " + MAX_TAGS + ".");
        }
        table.put(tx, new Tagged(resourceId, merged), accountId, resourceId);
    }

    /**
     * Removes tags.
     *
     * @param tags key to value; a null value stands for any
     */
    void remove(Kv.Tx tx, String accountId, String resourceId, Map<String, @Nullable String> tags) {
        Tagged there = table.get(tx, accountId, resourceId);
        if (there == null) {
            return;
        }
        var left = new TreeMap<String, String>(there.tags());
        if (tags.isEmpty()) {
            left.clear();
        }
        tags.forEach((key, value) -> {
            if (value == null || value.equals(left.get(key))) {
                left.remove(key);
            }
        });
        if (left.isEmpty()) {
            table.delete(tx, accountId, resourceId);
        } else {
            table.put(tx, new Tagged(resourceId, left), accountId, resourceId);
        }
    }

    /** Forgets a resource's tags, because it is gone. */
    void forget(Kv.Tx tx, String accountId, String resourceId) {
        table.delete(tx, accountId, resourceId);
    }

    /** Refuses what cannot be a tag. */
    static void check(String key, String value) {
        if (key.isEmpty() || key.length() > MAX_KEY_CHARS || value.length() > MAX_VALUE_CHARS) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                    "Tag keys have 1 to " + MAX_KEY_CHARS + " characters, values at most " + MAX_VALUE_CHARS + ".");
        }
        if (key.regionMatches(true, 0, "aws:", 0, 4)) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                    "Tag keys starting with 'aws:' are reserved for internal use");
        }
    }
}
