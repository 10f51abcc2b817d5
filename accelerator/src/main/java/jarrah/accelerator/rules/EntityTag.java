package jarrah.accelerator.rules;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entity tag (RFC 9110, 8.8.3).
 *
 * @param opaque with its quotes
 */
record EntityTag(boolean weak, String opaque) {
    /** The tag; null if the text is missing or not one. */
    static @Nullable EntityTag parse(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String tag = text.strip();
        boolean weak = tag.startsWith("W/");
        String opaque = weak ? tag.substring(2) : tag;
        boolean quoted = opaque.length() >= 2 && opaque.startsWith("\"") && opaque.endsWith("\"");
        return quoted && opaque.indexOf('"', 1) == opaque.length() - 1 ? new EntityTag(weak, opaque) : null;
    }

    /** The tags of a list field; what is not one is left out. Commas may stand within a tag. */
    static List<EntityTag> parseList(String text) {
        var tags = new ArrayList<EntityTag>();
        int at = 0;
        while (at < text.length()) {
            int open = text.indexOf('"', at);
            int close = open < 0 ? -1 : text.indexOf('"', open + 1);
            if (close < 0) {
                break;
            }
            boolean weak = text.substring(at, open).endsWith("W/");
            tags.add(new EntityTag(weak, text.substring(open, close + 1)));
            at = close + 1;
        }
        return tags;
    }

    /** RFC 9110, 8.8.3.2: both strong and equal. */
    boolean matchesStrongly(EntityTag other) {
        return !weak && !other.weak && opaque.equals(other.opaque);
    }

    /** RFC 9110, 8.8.3.2: equal but for the W/. */
    boolean matchesWeakly(EntityTag other) {
        return opaque.equals(other.opaque);
    }
}
