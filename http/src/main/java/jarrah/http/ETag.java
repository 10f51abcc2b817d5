package jarrah.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An entity tag (RFC 9110, 8.8.3).
 *
 * @param weak whether it was marked {@code W/}
 * @param opaque the text between the quotation marks
 */
public record ETag(boolean weak, String opaque) {

    /** A strong tag of that text, which holds no quotation mark, space or control character. */
    public static ETag strong(String opaque) {
        return new ETag(false, opaque);
    }

    /** Reads one tag: {@code "x"} or {@code W/"x"}; empty if the text is anything else. */
    public static Optional<ETag> parse(String text) {
        boolean weak = text.startsWith("W/");
        int open = weak ? 2 : 0;
        int close = end(text, open);
        return close == text.length() && close > 0
                ? Optional.of(new ETag(weak, text.substring(open + 1, close - 1)))
                : Optional.empty();
    }

    /** The offset after the quoted text that begins there; -1 if none does. */
    private static int end(String text, int open) {
        if (open >= text.length() || text.charAt(open) != '"') {
            return -1;
        }
        for (int i = open + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                return i + 1;
            }
            if (c <= ' ' || c == 0x7f) {
                return -1;
            }
        }
        return -1;
    }

    /** Strong comparison: both strong and the same (for If-Match, If-Range). */
    public boolean strongMatches(ETag other) {
        return !weak && !other.weak && opaque.equals(other.opaque);
    }

    /** Weak comparison: the same but for the mark (for If-None-Match). */
    public boolean weakMatches(ETag other) {
        return opaque.equals(other.opaque);
    }

    /** As in a field: {@code "x"} or {@code W/"x"}. */
    @Override
    public String toString() {
        return weak ? "W/\"" + opaque + '"' : '"' + opaque + '"';
    }

    /**
     * The value of If-Match or If-None-Match.
     *
     * @param any whether it is {@code *}
     * @param tags the tags, if it is not
     */
    public record Condition(boolean any, List<ETag> tags) {

        /** Reads the value, several fields joined by commas; empty if the grammar is broken. */
        public static Optional<Condition> parse(String value) {
            String text = value.strip();
            if (text.equals("*")) {
                return Optional.of(new Condition(true, List.of()));
            }
            var tags = new ArrayList<ETag>();
            int at = 0;
            while (at < text.length()) {
                char c = text.charAt(at);
                if (c == ',' || c == ' ' || c == '\t') {
                    at++;
                    continue;
                }
                boolean weak = text.startsWith("W/", at);
                int open = weak ? at + 2 : at;
                int close = end(text, open);
                if (close < 0 || (close < text.length() && ", \t".indexOf(text.charAt(close)) < 0)) {
                    return Optional.empty();
                }
                tags.add(new ETag(weak, text.substring(open + 1, close - 1)));
                at = close;
            }
            return tags.isEmpty() ? Optional.empty() : Optional.of(new Condition(false, List.copyOf(tags)));
        }

        /** Whether a current representation with that tag matches by strong comparison (If-Match). */
        public boolean strongMatches(ETag current) {
            return any || tags.stream().anyMatch(current::strongMatches);
        }

        /** Whether a current representation with that tag matches by weak comparison (If-None-Match). */
        public boolean weakMatches(ETag current) {
            return any || tags.stream().anyMatch(current::weakMatches);
        }
    }
}
