package jarrah.accelerator.rules;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code CDN-Cache-Control} (RFC 9213): a dictionary of structured fields (RFC 9651, 3.2) which, where it is valid and
 * not empty, takes the place of {@code Cache-Control} and {@code Expires} for caches like this one.
 *
 * <p>A field that does not parse is ignored as a whole (RFC 9213, 2.1), so one wrong character falls back to what the
 * origin said to everybody.
 */
final class TargetedCacheControl {
    private final String text;
    private int at;

    private TargetedCacheControl(String text) {
        this.text = text;
    }

    /** The directives; null if the field is missing, empty or not valid. */
    static @Nullable CacheControl parse(@Nullable String value) {
        if (value == null) {
            return null;
        }
        var parser = new TargetedCacheControl(value.strip());
        Map<String, String> directives = parser.dictionary();
        return directives == null || directives.isEmpty() ? null : new CacheControl(directives);
    }

    private @Nullable Map<String, String> dictionary() {
        var members = new HashMap<String, String>();
        while (at < text.length()) {
            String key = key();
            if (key == null) {
                return null;
            }
            String value = "";
            int valueAt = at;
            if (peek() == '=') {
                at++;
                valueAt = at;
                value = bareItem();
                if (value == null) {
                    return null;
                }
            }
            if (!parameters()) {
                return null;
            }
            put(members, key, value.isEmpty() || text.charAt(valueAt) != '"' ? value : quotedValue(key, value));
            skip();
            if (at == text.length()) {
                return members;
            }
            if (text.charAt(at++) != ',') {
                return null;
            }
            skip();
            if (at == text.length()) {
                return null; // a comma at the end
            }
        }
        return members;
    }

    /** The last of equal keys counts (RFC 9651, 4.2.2); {@code name=?0} says that the directive does not apply. */
    private static void put(Map<String, String> members, String key, String value) {
        if (value.equals("?0")) {
            members.remove(key);
        } else {
            members.put(key, value.equals("?1") ? "" : value);
        }
    }

    /** Only lists of fields are strings (RFC 9213, 2.1); of another type an argument is not to be trusted. */
    private static String quotedValue(String key, String value) {
        return key.equals("private") || key.equals("no-cache") ? value : CacheControl.INVALID;
    }

    private @Nullable String key() {
        int start = at;
        while (at < text.length() && isKeyCharacter(text.charAt(at), at == start)) {
            at++;
        }
        return at == start ? null : text.substring(start, at);
    }

    private static boolean isKeyCharacter(char c, boolean first) {
        boolean lower = c >= 'a' && c <= 'z';
        return lower || c == '*' || (!first && (isDigit(c) || c == '_' || c == '-' || c == '.'));
    }

    /** An integer, a boolean, a string or a token, as text; null if it is none of these. */
    private @Nullable String bareItem() {
        char c = peek();
        if (c == '"') {
            return quoted();
        }
        int start = at;
        if (c == '?') {
            at += 2;
            String bool = at <= text.length() ? text.substring(start, at) : "";
            return bool.equals("?0") || bool.equals("?1") ? bool : null;
        }
        if (c == '-' || isDigit(c)) {
            at++;
            while (isDigit(peek()) || peek() == '.') {
                at++;
            }
            return at - start > 16 ? null : text.substring(start, at);
        }
        if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '*') {
            while (at < text.length() && " \t,;\"()=".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(start, at);
        }
        return null;
    }

    private @Nullable String quoted() {
        var value = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return value.toString();
            }
            if (c == '\\' && ++at < text.length()) {
                c = text.charAt(at);
            }
            value.append(c);
        }
        return null;
    }

    /** Parameters say nothing to us; their form must be right all the same. */
    private boolean parameters() {
        while (peek() == ';') {
            at++;
            while (peek() == ' ') {
                at++;
            }
            if (key() == null) {
                return false;
            }
            if (peek() == '=') {
                at++;
                if (bareItem() == null) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private void skip() {
        while (peek() == ' ' || peek() == '\t') {
            at++;
        }
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }
}
