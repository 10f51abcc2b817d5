package jarrah.accelerator.site;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pattern on paths: {@code *} stands for any characters, slashes too, {@code ?} for one; everything else for itself,
 * case included.
 */
public record Glob(String pattern) {
    /** Matches in time proportional to the product of the lengths at worst: only the last star is ever gone back to. */
    public boolean matches(String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = 0;
        while (t < text.length()) {
            char c = p < pattern.length() ? pattern.charAt(p) : '\0';
            if (p < pattern.length() && c == '*') {
                star = p++;
                resume = t;
            } else if (p < pattern.length() && (c == '?' || c == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /**
     * What each star stands for, each as short as can be, from the left; null if the text does not match. Takes time
     * proportional to the product of the lengths at worst.
     */
    @Nullable
    List<String> captures(String text) {
        String[] parts = pattern.split("\\*", -1);
        String first = parts[0];
        if (parts.length == 1) {
            return matches(text) ? List.of() : null;
        }
        String last = parts[parts.length - 1];
        int end = text.length() - last.length();
        if (end < first.length() || !isAt(first, text, 0) || !isAt(last, text, end)) {
            return null;
        }
        var captures = new ArrayList<String>();
        int at = first.length();
        for (int i = 1; i < parts.length - 1; i++) {
            int found = at;
            while (found + parts[i].length() <= end && !isAt(parts[i], text, found)) {
                found++;
            }
            if (found + parts[i].length() > end) {
                return null;
            }
            captures.add(text.substring(at, found));
            at = found + parts[i].length();
        }
        captures.add(text.substring(at, end));
        return captures;
    }

    private static boolean isAt(String part, String text, int at) {
        for (int i = 0; i < part.length(); i++) {
            if (part.charAt(i) != '?' && part.charAt(i) != text.charAt(at + i)) {
                return false;
            }
        }
        return true;
    }
}
