package jarrah.accelerator.site;

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
}
