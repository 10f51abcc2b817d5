package jarrah.accelerator.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The directives of {@code Cache-Control} (RFC 9111, 5.2), read leniently where that is safe and otherwise so that less
 * is cached.
 *
 * <p>Names have no case. An argument may be a token or a quoted string (5.2). Of a directive that is given twice the
 * first counts (4.2.1). What stands inside quotes is never a directive; a quote without its end is an ordinary
 * character, so that it cannot hide what follows.
 */
public final class CacheControl {
    /** No directives. */
    public static final CacheControl NONE = new CacheControl(Map.of());
    /** What {@link #seconds} says of a directive that is not there. */
    public static final long ABSENT = -1;

    /** An argument that is there and cannot be meant. */
    static final String INVALID = "\0";

    private final Map<String, String> directives;

    CacheControl(Map<String, String> directives) {
        this.directives = directives;
    }

    /** Reads the field's lines joined by commas; null or empty gives {@link #NONE}. */
    public static CacheControl parse(@Nullable String value) {
        if (value == null || value.isBlank()) {
            return NONE;
        }
        var directives = new HashMap<String, String>();
        int start = 0;
        while (start < value.length()) {
            int end = memberEnd(value, start);
            member(value.substring(start, end).strip(), directives);
            start = end + 1;
        }
        return new CacheControl(directives);
    }

    /** The comma that ends the member which begins there, commas within closed quotes apart. */
    private static int memberEnd(String value, int start) {
        for (int i = start; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == ',') {
                return i;
            }
            if (c == '"') {
                int close = closingQuote(value, i);
                i = close < 0 ? i : close;
            }
        }
        return value.length();
    }

    private static int closingQuote(String value, int open) {
        for (int i = open + 1; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                return i;
            }
        }
        return -1;
    }

    private static void member(String member, Map<String, String> directives) {
        if (member.isEmpty()) {
            return;
        }
        int equals = member.indexOf('=');
        String name = equals < 0 ? member : member.substring(0, equals);
        String argument = equals < 0 ? "" : argument(member.substring(equals + 1));
        // White space around "=" is no part of the grammar: the directive is meant, its argument is not to be trusted.
        String trimmed = name.strip();
        directives.putIfAbsent(
                trimmed.toLowerCase(Locale.ROOT), trimmed.length() == name.length() ? argument : INVALID);
    }

    private static String argument(String raw) {
        if (!raw.startsWith("\"")) {
            return raw;
        }
        if (closingQuote(raw, 0) != raw.length() - 1) {
            return INVALID;
        }
        var text = new StringBuilder();
        for (int i = 1; i < raw.length() - 1; i++) {
            if (raw.charAt(i) == '\\') {
                i++;
            }
            text.append(raw.charAt(i));
        }
        return text.toString();
    }

    /** Whether the directive is there, with or without an argument. */
    public boolean has(String name) {
        return directives.containsKey(name);
    }

    /** Whether the directive is there and applies to the whole message, not only to the fields that it names. */
    public boolean hasUnqualified(String name) {
        return has(name) && fields(name).isEmpty();
    }

    /**
     * A directive's seconds, at most {@link DeltaSeconds#MAX}; {@link #ABSENT} if it is not there.
     *
     * @param ifInvalid what counts when the argument is missing or is no number (4.2.1 would have it stale)
     */
    public long seconds(String name, long ifInvalid) {
        String argument = directives.get(name);
        if (argument == null) {
            return ABSENT;
        }
        long seconds = DeltaSeconds.parse(argument);
        return seconds < 0 ? ifInvalid : seconds;
    }

    /** The field names of {@code no-cache="a, b"} or {@code private="a"}; empty without an argument. */
    public List<String> fields(String name) {
        String argument = directives.get(name);
        if (argument == null || argument.equals(INVALID)) {
            return List.of();
        }
        var names = new ArrayList<String>();
        for (String field : argument.split(",")) {
            if (!field.isBlank()) {
                names.add(field.strip());
            }
        }
        return names;
    }

    @Override
    public String toString() {
        return directives.toString();
    }
}
