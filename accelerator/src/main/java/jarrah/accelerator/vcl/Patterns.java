package jarrah.accelerator.vcl;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Regular expressions that say no more than a few plain texts do, as VCL mostly uses them for hosts and paths. A bare dot
 * is taken for a dot, which is what its writer meant.
 */
final class Patterns {
    private static final int MOST = 64;

    /** What may follow a name of a host. */
    private static final List<String> PORTS = List.of("(:[0-9]+)?", "(:\\d+)?", "(?::[0-9]+)?", "(?::\\d+)?");

    /** What may follow a path. */
    private static final List<String> QUERIES = List.of("(\\?.*)?", "(\\?|$)", "(?:\\?.*)?");

    /** What may stand before the end of a path. */
    private static final List<String> PATHS = List.of("^[^?]*", "^[^?]+", "^[^\\?]*", "^[^\\?]+", "^.*", ".*");

    private final String pattern;
    private int at;

    private Patterns(String pattern) {
        this.pattern = pattern;
    }

    /** The hosts that a pattern matches, {@code *.example.com} for all under a name; empty if that cannot be said. */
    static Optional<List<String>> hosts(String regex) {
        String text = insensitive(regex).toLowerCase(Locale.ROOT);
        if (!text.endsWith("$")) {
            return Optional.empty();
        }
        text = without(text.substring(0, text.length() - 1), PORTS);
        boolean whole = text.startsWith("^");
        var hosts = new ArrayList<String>();
        for (String host : plain(whole ? text.substring(1) : text).orElse(List.of())) {
            if (whole) {
                hosts.add(host);
            } else if (host.startsWith(".")) {
                hosts.add("*" + host);
            } else {
                return Optional.empty(); // badexample.com would match too
            }
        }
        return hosts.isEmpty() ? Optional.empty() : Optional.of(hosts);
    }

    /** The folders, with a slash at the end, whose paths a pattern matches; empty if that cannot be said. */
    static Optional<List<String>> folders(String regex) {
        if (!regex.startsWith("^/")) {
            return Optional.empty();
        }
        String text = regex.substring(1);
        for (String end : List.of("(/|$)", "(?:/|$)", "/.*", "/?", "(/.*)?$", "(/.*)?")) {
            if (text.endsWith(end)) {
                text = text.substring(0, text.length() - end.length()) + "/";
                break;
            }
        }
        if (text.endsWith("$")) {
            return Optional.empty();
        }
        return plain(text)
                .map(paths -> paths.stream()
                        .map(path -> path.endsWith("/") ? path : path + "/")
                        .distinct()
                        .toList());
    }

    /** Patterns of access rules, such as {@code *.key}, for the ends of paths that a pattern matches. */
    static Optional<List<String>> endings(String regex) {
        String text = insensitive(regex);
        for (String anything : PATHS) {
            text = text.startsWith(anything) ? text.substring(anything.length()) : text;
        }
        String bare = without(text, QUERIES);
        if (bare.equals(text) && !bare.endsWith("$")) {
            return Optional.empty();
        }
        bare = bare.endsWith("$") ? without(bare.substring(0, bare.length() - 1), QUERIES) : bare;
        if (bare.startsWith("^")) {
            return Optional.empty();
        }
        return plain(bare)
                .map(ends -> ends.stream().map(end -> "*" + end).toList())
                .filter(globs -> globs.stream().noneMatch(glob -> glob.indexOf('*', 1) >= 0 || glob.indexOf('?') >= 0));
    }

    private static String insensitive(String regex) {
        return regex.startsWith("(?i)") ? regex.substring(4) : regex;
    }

    private static String without(String text, List<String> ends) {
        for (String end : ends) {
            if (text.endsWith(end)) {
                return text.substring(0, text.length() - end.length());
            }
        }
        return text;
    }

    /** All texts that the expression matches, if it is made of characters, groups, {@code |} and {@code ?} alone. */
    static Optional<List<String>> plain(String regex) {
        try {
            var patterns = new Patterns(regex);
            List<String> all = patterns.alternatives();
            return patterns.at == regex.length() && all.size() <= MOST ? Optional.of(all) : Optional.empty();
        } catch (NotPlain e) {
            return Optional.empty();
        }
    }

    private static final class NotPlain extends Exception {}

    private List<String> alternatives() throws NotPlain {
        var all = new ArrayList<>(sequence());
        while (at < pattern.length() && pattern.charAt(at) == '|') {
            at++;
            all.addAll(sequence());
        }
        return all;
    }

    private List<String> sequence() throws NotPlain {
        List<String> texts = List.of("");
        while (at < pattern.length() && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
            List<String> next = element();
            var longer = new ArrayList<String>();
            for (String text : texts) {
                for (String end : next) {
                    longer.add(text + end);
                }
            }
            if (longer.size() > MOST) {
                throw new NotPlain();
            }
            texts = longer;
        }
        return texts;
    }

    private List<String> element() throws NotPlain {
        char c = pattern.charAt(at++);
        List<String> element;
        if (c == '(') {
            if (pattern.startsWith("?:", at)) {
                at += 2;
            } else if (pattern.startsWith("?", at)) {
                throw new NotPlain();
            }
            element = alternatives();
            if (at >= pattern.length() || pattern.charAt(at++) != ')') {
                throw new NotPlain();
            }
        } else if (c == '\\') {
            if (at >= pattern.length() || Character.isLetterOrDigit(pattern.charAt(at))) {
                throw new NotPlain();
            }
            element = List.of(String.valueOf(pattern.charAt(at++)));
        } else if ("^$*+?[]{}".indexOf(c) >= 0) {
            throw new NotPlain();
        } else {
            element = List.of(String.valueOf(c));
        }
        if (at < pattern.length() && "*+{".indexOf(pattern.charAt(at)) >= 0) {
            throw new NotPlain();
        }
        if (at < pattern.length() && pattern.charAt(at) == '?') {
            at++;
            var optional = new ArrayList<>(element);
            optional.add("");
            return optional;
        }
        return element;
    }
}
