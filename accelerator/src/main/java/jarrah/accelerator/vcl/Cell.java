package jarrah.accelerator.vcl;

import jarrah.accelerator.vcl.Vcl.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A part of all URLs within which each condition on host or folder has one value: those of a host, or of no host that the
 * program names, in a folder and in none within it that the program names.
 *
 * @param host in lower case; {@code *.example.com} for those under a name; empty for all that are not named
 * @param folder with slashes at both ends
 */
record Cell(String host, String folder) {
    /** Variables that hold the URL and the host, on either side. */
    static final Set<String> URLS = Set.of("req.url", "bereq.url");

    static final Set<String> HOSTS = Set.of("req.http.host", "bereq.http.host");

    /** The hosts that a comparison asks for; empty if it asks for something else. */
    static Optional<List<String>> hosts(Expression.Comparison comparison) {
        if (!(comparison.left() instanceof Expression.Name(var name))
                || !HOSTS.contains(name.toLowerCase(Locale.ROOT))
                || !(comparison.right() instanceof Expression.Text(var text))) {
            return Optional.empty();
        }
        return switch (comparison.operator()) {
            case "==", "!=" -> Optional.of(List.of(text.toLowerCase(Locale.ROOT).replaceFirst(":[0-9]+$", "")));
            case "~", "!~" -> Patterns.hosts(text);
            default -> Optional.empty();
        };
    }

    /** The folders that a comparison asks for; empty if it asks for something else. */
    static Optional<List<String>> folders(Expression.Comparison comparison) {
        return comparison.left() instanceof Expression.Name(var name)
                        && URLS.contains(name)
                        && comparison.right() instanceof Expression.Text(var text)
                        && (comparison.operator().equals("~")
                                || comparison.operator().equals("!~"))
                ? Patterns.folders(text)
                : Optional.empty();
    }

    /** What is left of a condition here: {@link Expression.Truth} if that is known. */
    Expression within(Expression condition) {
        return switch (condition) {
            case Expression.Not(var of) -> not(within(of));
            case Expression.And(var all) -> join(all, false);
            case Expression.Or(var any) -> join(any, true);
            case Expression.Comparison comparison -> known(comparison);
            default -> condition;
        };
    }

    /** The opposite, with comparisons turned around. */
    static Expression not(Expression of) {
        return switch (of) {
            case Expression.Truth(var value) -> new Expression.Truth(!value);
            case Expression.Not(var inside) -> inside;
            case Expression.And(var all) ->
                new Expression.Or(all.stream().map(Cell::not).toList());
            case Expression.Or(var any) ->
                new Expression.And(any.stream().map(Cell::not).toList());
            case Expression.Comparison(var operator, var left, var right) -> {
                String turned = switch (operator) {
                    case "==" -> "!=";
                    case "!=" -> "==";
                    case "~" -> "!~";
                    case "!~" -> "~";
                    default -> "";
                };
                yield turned.isEmpty() ? new Expression.Not(of) : new Expression.Comparison(turned, left, right);
            }
            default -> new Expression.Not(of);
        };
    }

    /** @param decisive the value that decides the whole: true for or, false for and */
    private Expression join(List<Expression> parts, boolean decisive) {
        var left = new ArrayList<Expression>();
        for (Expression part : parts) {
            Expression here = within(part);
            if (here instanceof Expression.Truth(var value)) {
                if (value == decisive) {
                    return here;
                }
            } else {
                left.add(here);
            }
        }
        if (left.isEmpty()) {
            return new Expression.Truth(!decisive);
        }
        if (left.size() == 1) {
            return left.getFirst();
        }
        return decisive ? new Expression.Or(left) : new Expression.And(left);
    }

    private Expression known(Expression.Comparison comparison) {
        boolean turned = comparison.operator().startsWith("!");
        Optional<Boolean> asked = hosts(comparison)
                .map(names -> names.stream().anyMatch(this::isOf))
                .or(() -> folders(comparison).map(names -> names.stream().anyMatch(folder::startsWith)));
        return asked.<Expression>map(value -> new Expression.Truth(value != turned))
                .orElse(comparison);
    }

    private boolean isOf(String named) {
        return named.equals(host) || (named.startsWith("*.") && host.endsWith(named.substring(1)) && !host.isEmpty());
    }
}
