package jarrah.iam.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A text of a policy that may hold wildcards ({@code *}, {@code ?}) and variables ({@code ${aws:username}},
 * {@code ${aws:username, 'nobody'}}); {@code ${*}}, {@code ${?}} and {@code ${$}} are those characters themselves.
 *
 * <p>What a variable stands for is never read as a wildcard, so that nobody widens a policy by the name of a tag.
 */
public final class Template {
    /** Stands for any run of characters; no character has this number. */
    static final int STAR = -1;
    /** Stands for any one character. */
    static final int ANY = -2;

    private final String source;
    private final List<Part> parts;
    /** The one part's characters where there is no variable, so that most matches allocate nothing. */
    private final int @Nullable [] fixed;

    private sealed interface Part {
        record Fixed(int[] symbols) implements Part {}

        record Variable(String key, @Nullable String otherwise) implements Part {}
    }

    private Template(String source, List<Part> parts) {
        this.source = source;
        this.parts = parts;
        if (parts.isEmpty()) {
            fixed = new int[0];
        } else {
            fixed = parts.size() == 1 && parts.getFirst() instanceof Part.Fixed(var symbols) ? symbols : null;
        }
    }

    /**
     * Reads a text in which {@code *} and {@code ?} are wildcards.
     *
     * @param variables whether the policy's version knows variables
     * @throws PolicyException if a variable does not end
     */
    public static Template pattern(String text, boolean variables) {
        return read(text, true, variables);
    }

    /** Reads a text in which {@code *} and {@code ?} are themselves. */
    public static Template literal(String text, boolean variables) {
        return read(text, false, variables);
    }

    private static Template read(String text, boolean wildcards, boolean variables) {
        var parts = new ArrayList<Part>();
        int[] run = new int[text.length()];
        int length = 0;
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (variables && text.startsWith("${", at)) {
                int end = text.indexOf('}', at);
                if (end < 0) {
                    throw new PolicyException("Policy has an invalid variable: " + text);
                }
                String name = text.substring(at + 2, end).strip();
                at = end + 1;
                if (name.equals("*") || name.equals("?") || name.equals("$")) {
                    run[length++] = name.charAt(0);
                    continue;
                }
                if (length > 0) {
                    parts.add(new Part.Fixed(Arrays.copyOf(run, length)));
                    length = 0;
                }
                parts.add(variable(name, text));
                continue;
            }
            run[length++] = wildcards && c == '*' ? STAR : wildcards && c == '?' ? ANY : c;
            at++;
        }
        if (length > 0) {
            parts.add(new Part.Fixed(Arrays.copyOf(run, length)));
        }
        return new Template(text, List.copyOf(parts));
    }

    private static Part variable(String name, String text) {
        int comma = name.indexOf(',');
        String key = comma < 0 ? name : name.substring(0, comma).strip();
        if (key.isEmpty() || key.contains("{") || key.contains("$")) {
            throw new PolicyException("Policy has an invalid variable: " + text);
        }
        if (comma < 0) {
            return new Part.Variable(Context.normal(key), null);
        }
        String otherwise = name.substring(comma + 1).strip();
        if (otherwise.length() < 2 || !otherwise.startsWith("'") || !otherwise.endsWith("'")) {
            throw new PolicyException("Policy has an invalid variable: " + text);
        }
        return new Part.Variable(Context.normal(key), otherwise.substring(1, otherwise.length() - 1));
    }

    /** The text as the policy has it. */
    public String source() {
        return source;
    }

    /** Whether the text is the same for every request. */
    public boolean isFixed() {
        return fixed != null;
    }

    /** Whether it matches everything. */
    public boolean isEverything() {
        return fixed != null && fixed.length > 0 && Arrays.stream(fixed).allMatch(symbol -> symbol == STAR);
    }

    /** Whether a wildcard or a variable is in it. */
    public boolean isOpen() {
        return fixed == null || Arrays.stream(fixed).anyMatch(symbol -> symbol < 0);
    }

    /** Whether the text is matched from its first to its last character. */
    public boolean matches(String text, Context context) {
        int[] symbols = symbols(context);
        return symbols != null && matches(symbols, 0, symbols.length, text, 0, text.length(), false);
    }

    /** {@link #matches} where the ASCII letters' case does not count. */
    public boolean matchesIgnoreCase(String text, Context context) {
        int[] symbols = symbols(context);
        return symbols != null && matches(symbols, 0, symbols.length, text, 0, text.length(), true);
    }

    /** {@link #matches} for names of resources: no wildcard reaches over a colon of the first five. */
    public boolean matchesArn(String arn, Context context) {
        int[] symbols = symbols(context);
        if (symbols == null) {
            return false;
        }
        int patternAt = 0;
        int textAt = 0;
        for (int i = 0; i < 5; i++) {
            int patternEnd = colon(symbols, patternAt);
            int textEnd = arn.indexOf(':', textAt);
            if (patternEnd < 0 || textEnd < 0) {
                return false;
            }
            if (!matches(symbols, patternAt, patternEnd, arn, textAt, textEnd, false)) {
                return false;
            }
            patternAt = patternEnd + 1;
            textAt = textEnd + 1;
        }
        return matches(symbols, patternAt, symbols.length, arn, textAt, arn.length(), false);
    }

    private static int colon(int[] symbols, int from) {
        for (int i = from; i < symbols.length; i++) {
            if (symbols[i] == ':') {
                return i;
            }
        }
        return -1;
    }

    /** The text with its variables filled in, wildcards as themselves; null if a variable has no value. */
    public @Nullable String text(Context context) {
        int[] symbols = symbols(context);
        if (symbols == null) {
            return null;
        }
        var text = new StringBuilder(symbols.length);
        for (int symbol : symbols) {
            text.append(symbol == STAR ? '*' : symbol == ANY ? '?' : (char) symbol);
        }
        return text.toString();
    }

    private int @Nullable [] symbols(Context context) {
        if (fixed != null) {
            return fixed;
        }
        int[] symbols = new int[64];
        int length = 0;
        for (Part part : parts) {
            int[] more;
            switch (part) {
                case Part.Fixed(var these) -> more = these;
                case Part.Variable(var key, var otherwise) -> {
                    List<String> values = context.values(key);
                    // A key with several values cannot stand for one text.
                    String value = values.size() == 1 ? values.getFirst() : otherwise;
                    if (value == null) {
                        return null;
                    }
                    more = value.chars().toArray();
                }
            }
            if (length + more.length > symbols.length) {
                symbols = Arrays.copyOf(symbols, Math.max(symbols.length * 2, length + more.length));
            }
            System.arraycopy(more, 0, symbols, length, more.length);
            length += more.length;
        }
        return Arrays.copyOf(symbols, length);
    }

    /** Goes back to the last star only, so the cost is at most the product of the lengths. */
    private static boolean matches(
            int[] pattern, int patternFrom, int patternTo, String text, int textFrom, int textTo, boolean ignoreCase) {
        int p = patternFrom;
        int t = textFrom;
        int star = -1;
        int resume = 0;
        while (t < textTo) {
            if (p < patternTo && pattern[p] == STAR) {
                star = p++;
                resume = t;
            } else if (p < patternTo && same(pattern[p], text.charAt(t), ignoreCase)) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < patternTo && pattern[p] == STAR) {
            p++;
        }
        return p == patternTo;
    }

    private static boolean same(int symbol, char c, boolean ignoreCase) {
        if (symbol == ANY || symbol == c) {
            return true;
        }
        return ignoreCase && symbol >= 0 && Character.toLowerCase(symbol) == Character.toLowerCase(c);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Template template && template.source.equals(source);
    }

    @Override
    public int hashCode() {
        return source.hashCode();
    }

    /** As the policy has it. */
    @Override
    public String toString() {
        return source;
    }

    /** The source in lower case, for comparing names of actions. */
    String lower() {
        return source.toLowerCase(Locale.ROOT);
    }
}
