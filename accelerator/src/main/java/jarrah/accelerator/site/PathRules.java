package jarrah.accelerator.site;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which object of a bucket a path stands for, where that is not the one of the same name.
 *
 * @param index stands in for the name of an object where a path ends with a slash; null for none
 * @param rewrites the first that matches counts
 * @param fallback the key under the site's prefix of what is served with 200 in place of what is missing; null for none
 * @param errorPage the key under the site's prefix of what is served with the error's status in place of an error of the
 *     origin; null for none
 * @param listing whether a path that ends with a slash, and has no index, stands for the names under it
 */
public record PathRules(
        @Nullable String index,
        List<Rewrite> rewrites,
        @Nullable String fallback,
        @Nullable String errorPage,
        boolean listing) {
    /** Each path stands for the object of the same name. */
    public static final PathRules NONE = new PathRules(null, List.of(), null, null, false);

    /** No other rule than an index. */
    public static PathRules index(@Nullable String index) {
        return new PathRules(index, List.of(), null, null, false);
    }

    /**
     * A path that stands for another.
     *
     * @param match a pattern on what lies under the site's path, or, if it begins with a slash, on the whole path
     * @param to what stands in place of what lies under the site's path; {@code $1} to {@code $9} are what the stars of the
     *     pattern stand for, {@code $$} is a dollar
     */
    public record Rewrite(String match, String to) {
        public Rewrite {
            int stars = (int) match.chars().filter(c -> c == '*').count();
            for (int i = to.indexOf('$'); i >= 0; i = to.indexOf('$', i + 2)) {
                char c = i + 1 < to.length() ? to.charAt(i + 1) : ' ';
                if (c != '$' && (c < '1' || c > '9' || c - '0' > stars)) {
                    throw new IllegalArgumentException("`" + to.substring(i, Math.min(i + 2, to.length()))
                            + "` stands for nothing: the pattern has " + stars + " stars; $$ is a dollar");
                }
            }
        }

        /** The rest that the path stands for; null if it does not match. */
        @Nullable
        String apply(String path, String rest) {
            List<String> captures = new Glob(match).captures(match.startsWith("/") ? path : rest);
            if (captures == null) {
                return null;
            }
            var text = new StringBuilder();
            int from = 0;
            for (int i = to.indexOf('$'); i >= 0; i = to.indexOf('$', from)) {
                text.append(to, from, i);
                char c = to.charAt(i + 1);
                text.append(c == '$' ? "$" : captures.get(c - '1'));
                from = i + 2;
            }
            return text.append(to, from, to.length()).toString();
        }
    }

    /** What lies under the site's path once it is rewritten. */
    String rewritten(String path, String rest) {
        for (Rewrite rewrite : rewrites) {
            String to = rewrite.apply(path, rest);
            if (to != null) {
                return to;
            }
        }
        return rest;
    }

    /** Adds the index to what stands for a directory. */
    String indexed(String rewritten) {
        return index != null && isDirectory(rewritten) ? rewritten + index : rewritten;
    }

    /** Whether what lies under the site's path stands for a directory: it is empty, or ends with a slash. */
    static boolean isDirectory(String rest) {
        return rest.isEmpty() || rest.endsWith("/");
    }
}
