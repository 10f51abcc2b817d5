package jarrah.accelerator.site;

import java.net.InetAddress;
import java.util.List;

/**
 * Who may ask for what, judged on every request, hit or miss: the first rule that matches decides; if none does, the
 * request is denied. A site without rules allows all.
 *
 * @param rules in the file's order
 */
public record AccessRules(List<Rule> rules) {
    /** Everybody may have everything. */
    public static final AccessRules OPEN = new AccessRules(List.of());

    /**
     * One rule.
     *
     * @param allow whether what it matches is allowed
     * @param networks addresses that it matches; empty for all
     * @param path which paths it matches; {@code *} for all
     */
    public record Rule(boolean allow, List<Network> networks, PathPattern path) {}

    /**
     * A pattern on the path of a request.
     *
     * @param whole whether it is matched against the whole path; else against what lies under the site's path
     */
    public record PathPattern(String pattern, boolean whole) {
        /** All paths. */
        public static final PathPattern ALL = new PathPattern("*", false);

        /** A pattern that begins with a slash speaks of the whole path. */
        public static PathPattern of(String pattern) {
            return new PathPattern(pattern, pattern.startsWith("/"));
        }

        boolean matches(String path, String rest) {
            return pattern.equals("*") || new Glob(pattern).matches(whole ? path : rest);
        }
    }

    public boolean isOpen() {
        return rules.isEmpty();
    }

    /**
     * Decides.
     *
     * @param client who asks
     * @param path the whole path, decoded
     * @param rest what lies under the site's path
     */
    public boolean allows(InetAddress client, String path, String rest) {
        for (Rule rule : rules) {
            if (rule.path().matches(path, rest) && contains(rule.networks(), client)) {
                return rule.allow();
            }
        }
        return rules.isEmpty();
    }

    private static boolean contains(List<Network> networks, InetAddress client) {
        for (Network network : networks) {
            if (network.contains(client)) {
                return true;
            }
        }
        return networks.isEmpty();
    }
}
