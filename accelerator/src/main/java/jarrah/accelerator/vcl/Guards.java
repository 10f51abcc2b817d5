package jarrah.accelerator.vcl;

import jarrah.accelerator.vcl.Vcl.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * The conditions under which a statement is reached, sorted by what they ask about.
 *
 * @param methods those among {@link #METHODS} and what the conditions name for which it is reached; empty if no condition
 *     is about the method
 * @param networks conditions that the client's address is, or is not, in a list of the program's
 * @param endings patterns of access rules for the paths that a condition asks for
 * @param others what is none of these
 */
record Guards(Optional<List<String>> methods, List<InAcl> networks, List<String> endings, List<Expression> others) {
    /** What a site can allow one by one. */
    static final List<String> METHODS = List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private static final Set<String> METHOD = Set.of("req.method", "bereq.method");
    private static final Set<String> CLIENT = Set.of("client.ip", "remote.ip");

    /** @param inside whether the client has to be in it */
    record InAcl(String acl, boolean inside) {}

    static Guards of(List<Expression> conditions) {
        var aboutMethods = new ArrayList<Expression>();
        var networks = new ArrayList<InAcl>();
        var endings = new ArrayList<String>();
        var others = new ArrayList<Expression>();
        for (Expression condition : conditions) {
            Optional<InAcl> network = network(condition);
            Optional<List<String>> ends = endings(condition);
            if (holds(condition, "GET").isPresent()) {
                aboutMethods.add(condition);
            } else if (network.isPresent()) {
                networks.add(network.get());
            } else if (ends.isPresent() && endings.isEmpty()) {
                endings.addAll(ends.get());
            } else {
                others.add(condition);
            }
        }
        return new Guards(
                aboutMethods.isEmpty() ? Optional.empty() : Optional.of(methods(aboutMethods)),
                networks,
                endings,
                others);
    }

    /** Whether it is always reached. */
    boolean none() {
        return methods.isEmpty() && onlyMethods();
    }

    /** Whether the method alone decides. */
    boolean onlyMethods() {
        return networks.isEmpty() && endings.isEmpty() && others.isEmpty();
    }

    /** Whether it is for requests that no client of a site sends, such as PURGE. */
    boolean administrative() {
        return methods.isPresent()
                && !methods.get().isEmpty()
                && methods.get().stream().noneMatch(METHODS::contains);
    }

    /** Whether all other conditions are of a kind. */
    boolean others(Predicate<Expression> kind) {
        return methods.isEmpty()
                && networks.isEmpty()
                && endings.isEmpty()
                && others.stream().allMatch(kind);
    }

    private static List<String> methods(List<Expression> conditions) {
        Stream<String> named = conditions.stream().flatMap(Guards::named);
        return Stream.concat(METHODS.stream(), named)
                .distinct()
                .filter(method -> conditions.stream()
                        .allMatch(condition -> holds(condition, method).orElse(false)))
                .toList();
    }

    private static Stream<String> named(Expression condition) {
        return switch (condition) {
            case Expression.Not(var of) -> named(of);
            case Expression.And(var all) -> all.stream().flatMap(Guards::named);
            case Expression.Or(var any) -> any.stream().flatMap(Guards::named);
            case Expression.Comparison(var operator, var _, Expression.Text(var text)) ->
                operator.endsWith("=")
                        ? Stream.of(text)
                        : Patterns.plain(text.replaceAll("^\\^|\\$$", "")).stream()
                                .flatMap(List::stream);
            default -> Stream.empty();
        };
    }

    /** Whether a condition on the method alone holds for one; empty if it is about something else. */
    private static Optional<Boolean> holds(Expression condition, String method) {
        return switch (condition) {
            case Expression.Not(var of) -> holds(of, method).map(value -> !value);
            case Expression.And(var all) -> join(all, method, false);
            case Expression.Or(var any) -> join(any, method, true);
            case Expression.Comparison(var operator, Expression.Name(var name), Expression.Text(var text))
            when METHOD.contains(name) ->
                switch (operator) {
                    case "==" -> Optional.of(method.equals(text));
                    case "!=" -> Optional.of(!method.equals(text));
                    case "~" -> matches(text, method);
                    case "!~" -> matches(text, method).map(value -> !value);
                    default -> Optional.empty();
                };
            default -> Optional.empty();
        };
    }

    private static Optional<Boolean> join(List<Expression> parts, String method, boolean decisive) {
        boolean decided = false;
        for (Expression part : parts) {
            Optional<Boolean> value = holds(part, method);
            if (value.isEmpty()) {
                return value;
            }
            decided |= value.get() == decisive;
        }
        return Optional.of(decided == decisive);
    }

    private static Optional<Boolean> matches(String regex, String method) {
        try {
            return Optional.of(Pattern.compile(regex).matcher(method).find());
        } catch (PatternSyntaxException e) {
            return Optional.empty();
        }
    }

    private static Optional<InAcl> network(Expression condition) {
        return condition
                                instanceof
                                Expression.Comparison(var operator, Expression.Name(var name), Expression.Name(var acl))
                        && CLIENT.contains(name.toLowerCase(Locale.ROOT))
                        && (operator.equals("~") || operator.equals("!~"))
                ? Optional.of(new InAcl(acl, operator.equals("~")))
                : Optional.empty();
    }

    private static Optional<List<String>> endings(Expression condition) {
        return condition
                                instanceof
                                Expression.Comparison(
                                        var operator,
                                        Expression.Name(var name),
                                        Expression.Text(var text))
                        && Cell.URLS.contains(name)
                        && operator.equals("~")
                ? Patterns.endings(text)
                : Optional.empty();
    }
}
