package jarrah.accelerator.vcl;

import jarrah.accelerator.site.Network;
import jarrah.accelerator.vcl.Vcl.AclEntry;
import jarrah.accelerator.vcl.Vcl.Expression;
import jarrah.accelerator.vcl.Vcl.Place;
import jarrah.accelerator.vcl.Vcl.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says in a site's terms what the subroutines of a program do within a cell: what each statement means is in Varnish's
 * reference, vcl(7), vcl-var(7) and vcl-step(7).
 */
final class Translation {
    private static final String CONDITION = "its condition is none that a site has";
    private static final String UNKNOWN = "a site has nothing like it";
    private static final Set<String> HANDLED =
            Set.of("vcl_init", "vcl_recv", "vcl_hash", "vcl_backend_fetch", "vcl_backend_response", "vcl_deliver");

    /** Fields that this cache writes or that framing needs; see the configuration's own list. */
    private static final Set<String> OWN_FIELDS =
            Set.of("via", "age", "date", "connection", "content-length", "x-varnish");

    /** A query and nothing else, cut off. */
    private static final Set<String> QUERY = Set.of("\\?.*$", "\\?.*", "\\?(.*)$", "[?].*$", "(\\?.*)$", "\\?.+$");

    private final Vcl program;
    private final Map<String, List<String>> directors;
    private final Leftovers left;
    private final Cell cell;
    private final SiteDraft draft;

    /** Remarks on what HTTP servers would see and S3 does not. */
    private final List<Statement> requestEdits = new ArrayList<>();

    private final List<Statement> pathEdits = new ArrayList<>();

    private Translation(Vcl program, Map<String, List<String>> directors, Leftovers left, Cell cell) {
        this.program = program;
        this.directors = directors;
        this.left = left;
        this.cell = cell;
        draft = new SiteDraft(cell);
    }

    /** What the program does in a cell; what a site cannot do is added to {@code left}. */
    static SiteDraft of(Vcl program, Map<String, List<String>> directors, Leftovers left, Cell cell) {
        var translation = new Translation(program, directors, left, cell);
        translation.all();
        return translation.draft;
    }

    private void all() {
        each("vcl_recv", this::received);
        each("vcl_hash", this::hashed);
        each("vcl_backend_fetch", this::fetched);
        draft.source = new Sources(program, left).of(draft);
        boolean http = draft.source instanceof SiteDraft.Source.Http;
        if (http) {
            requestEdits.forEach(edit -> left.add(
                    edit.place(), "the origin sees the client's fields as they come; answers are keyed by its `Vary`"));
            pathEdits.forEach(edit ->
                    left.add(edit.place(), "requests to HTTP origins keep their path; only buckets have a prefix"));
        }
        each("vcl_backend_response", this::answered);
        each("vcl_deliver", this::delivered);
        program.subs().keySet().stream()
                .filter(sub -> sub.startsWith("vcl_") && !HANDLED.contains(sub))
                .forEach(sub -> each(sub, (statement, _) -> {
                    if (!(statement instanceof Statement.Return)) {
                        left.add(statement.place(), "`" + sub + "` has no counterpart");
                    }
                }));
    }

    private interface Step {
        void take(Statement statement, Guards guards);
    }

    private void each(String sub, Step step) {
        for (Walk.Reached reached : Walk.through(program, sub, cell)) {
            step.take(reached.statement(), Guards.of(reached.guards()));
        }
    }

    // Requests.

    private void received(Statement statement, Guards guards) {
        if (guards.administrative()) {
            administration(statement);
            return;
        }
        switch (statement) {
            case Statement.Return returned -> decision(returned, guards);
            case Statement.Set set -> requestSet(set, guards);
            case Statement.Unset(var _, var name) when name.startsWith("req.http.") -> requestEdits.add(statement);
            case Statement.Do(var _, Expression.Call(var function, var _))
            when function.equals("ban") -> administration(statement);
            case Statement.Do(var place, Expression.Call(var function, var _))
            when function.endsWith(".log") || function.endsWith(".syslog") ->
                left.add(place, "`access-log: json` logs every answer");
            default -> left.add(statement.place(), UNKNOWN);
        }
    }

    private void administration(Statement statement) {
        boolean tells = statement instanceof Statement.Return(var _, var action, var _) && action.equals("purge")
                || statement instanceof Statement.Do;
        if (tells) {
            left.add(
                    statement.place(),
                    "nobody invalidates by request: `jarrah accelerator purge` and `ban` do, on the node's own machine");
        }
    }

    private void decision(Statement.Return returned, Guards guards) {
        switch (returned.action()) {
            case "hash", "lookup", "deliver" -> {}
            case "pass", "pipe" -> passed(returned.place(), guards);
            case "synth", "error" -> refused(returned, guards);
            case "purge" -> administration(returned);
            default -> left.add(returned.place(), "`return (" + returned.action() + ")`: " + UNKNOWN);
        }
    }

    /** What a cache by the book passes anyway needs no setting. */
    private void passed(Place place, Guards guards) {
        boolean unsafe =
                guards.methods().filter(methods -> !methods.contains("GET")).isPresent();
        if (unsafe || guards.others(condition -> asksFor(condition, "req.http.authorization"))) {
            return;
        }
        left.add(
                place,
                guards.others(condition -> asksFor(condition, "req.http.cookie"))
                        ? "cookies keep nothing out of the cache: let the origin answer `Cache-Control: private`"
                        : "a site caches what its origin allows: let the origin answer `Cache-Control: no-store`");
    }

    /** Whether a condition is that a field is there, whatever it holds. */
    private static boolean asksFor(Expression condition, String field) {
        return switch (condition) {
            case Expression.Name(var name) -> name.toLowerCase(Locale.ROOT).equals(field);
            case Expression.Or(var any) -> any.stream().allMatch(each -> asksFor(each, field));
            default -> false;
        };
    }

    private void refused(Statement.Return synth, Guards guards) {
        boolean refuses = !synth.arguments().isEmpty()
                && synth.arguments().getFirst() instanceof Expression.Name(var status)
                && status.matches("4[0-9][0-9]|501|503");
        if (!refuses) {
            left.add(synth.place(), "a site makes no answers or redirects of its own");
        } else if (guards.none()) {
            draft.closed = true;
        } else if (guards.onlyMethods()) {
            draft.refusedMethods.addAll(guards.methods().orElse(List.of()));
        } else if (guards.methods().isPresent() || !guards.others().isEmpty()) {
            left.add(synth.place(), CONDITION);
        } else if (guards.networks().isEmpty()) {
            draft.deniedPaths.addAll(guards.endings());
        } else if (guards.networks().size() == 1 && guards.endings().isEmpty()) {
            refused(synth.place(), guards.networks().getFirst());
        } else {
            left.add(synth.place(), CONDITION);
        }
    }

    private void refused(Place place, Guards.InAcl condition) {
        var listed = new TreeSet<String>();
        var excepted = new TreeSet<String>();
        for (AclEntry entry : program.acls().getOrDefault(condition.acl(), List.of())) {
            (entry.negated() ? excepted : listed).addAll(networks(entry));
        }
        if (condition.inside() && excepted.isEmpty()) {
            draft.deniedNetworks.addAll(listed);
        } else if (!condition.inside() && draft.allowedNetworks.isEmpty() && !listed.isEmpty()) {
            draft.allowedNetworks.addAll(listed);
            draft.deniedNetworks.addAll(excepted);
        } else {
            left.add(place, "such a list of addresses is no rule of a site; see `access`");
        }
    }

    private List<String> networks(AclEntry entry) {
        if (entry.address().equals("localhost")) {
            return List.of("127.0.0.1", "::1");
        }
        String network = entry.address() + (entry.bits() < 0 ? "" : "/" + entry.bits());
        try {
            Network.parse(network);
            return List.of(network);
        } catch (IllegalArgumentException e) {
            left.add(entry.place(), String.valueOf(e.getMessage()));
            return List.of();
        }
    }

    private void requestSet(Statement.Set set, Guards guards) {
        String variable = set.variable().toLowerCase(Locale.ROOT);
        switch (variable) {
            case "req.backend_hint", "bereq.backend", "req.backend" -> backend(set, guards);
            case "req.url", "bereq.url" -> path(set, guards);
            case "req.http.host", "bereq.http.host" -> host(set, guards);
            case "req.http.x-forwarded-for" -> {}
            case "req.grace" -> left.add(set.place(), "`cache: {grace: ...}` is a site's, for all requests");
            default -> {
                if (variable.startsWith("req.http.") || variable.startsWith("bereq.http.")) {
                    requestEdits.add(set);
                } else {
                    left.add(set.place(), UNKNOWN);
                }
            }
        }
    }

    private void backend(Statement.Set set, Guards guards) {
        Optional<String> name = switch (set.value()) {
            case Expression.Name(var backend) -> Optional.of(backend);
            case Expression.Call(var function, var _)
            when function.endsWith(".backend") ->
                Optional.of(function.substring(0, function.length() - ".backend".length()));
            default -> Optional.empty();
        };
        if (name.isEmpty()) {
            left.add(set.place(), UNKNOWN);
            return;
        }
        List<String> chosen = directors.getOrDefault(name.get(), List.of(name.get()));
        if (guards.none()) {
            draft.backends = new ArrayList<>(chosen);
        } else if (guards.others(Translation::sick)) {
            draft.backends.addAll(chosen);
        } else {
            left.add(set.place(), CONDITION);
        }
    }

    private static boolean sick(Expression condition) {
        return condition instanceof Expression.Not(Expression.Call(var function, var _))
                && function.equals("std.healthy");
    }

    private void host(Statement.Set set, Guards guards) {
        if (set.value() instanceof Expression.Text(var text) && guards.none()) {
            draft.originHost = text.toLowerCase(Locale.ROOT);
        } else if (set.value() instanceof Expression.Call(var function, var arguments)
                && function.startsWith("regsub")
                && arguments.size() == 3
                && arguments.get(1) instanceof Expression.Text(var regex)
                && regex.startsWith(":")) {
            // the port, which plays no part in finding a site
        } else {
            left.add(set.place(), "hosts are not rewritten: a site may list several under `host`");
        }
    }

    // Paths.

    private void path(Statement.Set set, Guards guards) {
        switch (set.value()) {
            case Expression.Call(var function, var arguments)
            when function.startsWith("regsub")
                    && arguments.size() == 3
                    && isUrl(arguments.getFirst())
                    && arguments.get(1) instanceof Expression.Text(var regex)
                    && arguments.get(2) instanceof Expression.Text(var to) -> substituted(set, guards, regex, to);
            case Expression.Text(var text)
            when guards.others(condition -> condition.equals(
                            new Expression.Comparison("==", new Expression.Name("req.url"), new Expression.Text("/"))))
                    && text.matches("/[^/]+") -> draft.index = text.substring(1);
            case Expression.Concatenation(var parts)
            when parts.size() == 2 && isUrl(parts.getFirst()) && parts.getLast() instanceof Expression.Text(var text) ->
                appended(set, guards, text);
            case Expression.Concatenation(var parts)
            when parts.size() == 2
                    && isUrl(parts.getLast())
                    && parts.getFirst() instanceof Expression.Text(var text)
                    && guards.none() -> {
                draft.path = text + draft.path;
                pathEdits.add(set);
            }
            default -> left.add(set.place(), "only a bucket's prefix and a cut query are carried over; see `rewrite`");
        }
    }

    private static boolean isUrl(Expression expression) {
        return expression instanceof Expression.Name(var name) && Cell.URLS.contains(name);
    }

    private void appended(Statement.Set set, Guards guards, String text) {
        boolean folders = !guards.endings().isEmpty() && guards.endings().equals(List.of("*/"));
        if (folders && guards.others().isEmpty() && guards.networks().isEmpty() && text.indexOf('/') < 0) {
            draft.index = text;
            pathEdits.add(set);
        } else {
            left.add(set.place(), CONDITION);
        }
    }

    private void substituted(Statement.Set set, Guards guards, String regex, String to) {
        boolean always = guards.none() || guards.others(condition -> isAboutUrl(condition, regex));
        if (QUERY.contains(regex) && to.isEmpty() && always) {
            draft.ignoresQuery = true;
        } else if (regex.equals("/$") && to.matches("/[^/\\\\]+")) {
            draft.index = to.substring(1);
            pathEdits.add(set);
        } else if (regex.startsWith("^") && always && replaced(regex, to)) {
            pathEdits.add(set);
        } else {
            left.add(set.place(), "only a bucket's prefix and a cut query are carried over; see `rewrite`");
        }
    }

    /** A test for what is replaced next is none on what is served. */
    private static boolean isAboutUrl(Expression condition, String regex) {
        return condition instanceof Expression.Comparison(var operator, var of, Expression.Text(var text))
                && operator.equals("~")
                && isUrl(of)
                && (text.equals("\\?") || text.equals(regex));
    }

    /** Whether a pattern says something of the folder alone, whatever follows; then it is replaced. */
    private boolean replaced(String regex, String to) {
        try {
            Pattern pattern = Pattern.compile(regex);
            Matcher matcher = pattern.matcher(draft.path);
            Matcher longer = pattern.matcher(draft.path + "a/b.c");
            if (!matcher.lookingAt() || !longer.lookingAt() || matcher.end() != longer.end()) {
                return false;
            }
            String path = matcher.replaceFirst(to.replace("$", "\\$").replaceAll("\\\\([0-9])", "\\$$1"));
            if (path.startsWith("/")) {
                draft.path = path;
            }
            return path.startsWith("/");
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            return false;
        }
    }

    private void hashed(Statement statement, Guards guards) {
        boolean usual = statement instanceof Statement.Return
                || statement instanceof Statement.Do(var _, Expression.Call(var function, var arguments))
                        && function.equals("hash_data")
                        && arguments.size() == 1
                        && arguments.getFirst() instanceof Expression.Name(var name)
                        && Set.of("req.url", "req.http.host", "server.ip").contains(name.toLowerCase(Locale.ROOT));
        if (!usual) {
            left.add(statement.place(), "the key is site, path and query; variants are by the origin's `Vary`");
        }
    }

    private void fetched(Statement statement, Guards guards) {
        switch (statement) {
            case Statement.Set set -> requestSet(set, guards);
            case Statement.Unset(var _, var name) when name.startsWith("bereq.http.") -> requestEdits.add(statement);
            case Statement.Return(var _, var action, var _) when action.equals("fetch") -> {}
            default -> left.add(statement.place(), UNKNOWN);
        }
    }

    // Answers.

    private void answered(Statement statement, Guards guards) {
        switch (statement) {
            case Statement.Set(var place, var variable, var operator, var value)
            when variable.startsWith("beresp.http.") ->
                field(place, variable.substring("beresp.http.".length()), operator, value, guards);
            case Statement.Unset(var place, var variable)
            when variable.startsWith("beresp.http.") ->
                dropped(place, variable.substring("beresp.http.".length()), guards);
            case Statement.Set set -> freshness(set, guards);
            case Statement.Return(var place, var action, var _) -> {
                if (!Set.of("deliver", "abandon").contains(action)) {
                    left.add(place, "`return (" + action + ")`: " + UNKNOWN);
                }
            }
            default -> left.add(statement.place(), UNKNOWN);
        }
    }

    private void freshness(Statement.Set set, Guards guards) {
        Optional<String> duration = set.operator().equals("=") ? Durations.of(set.value()) : Optional.empty();
        switch (set.variable()) {
            case "beresp.ttl" -> {
                boolean always = guards.others(Translation::succeeded);
                if (duration.isEmpty()) {
                    left.add(set.place(), "a site's `ttl` is a plain duration");
                } else if (always || guards.others(Translation::unsaid)) {
                    draft.ttl = duration.get();
                    draft.ttlAlways = always;
                } else if (!failed(guards)) {
                    left.add(set.place(), "a site has one `ttl`: let the origin say `Cache-Control: max-age`");
                }
            }
            case "beresp.grace", "beresp.keep" -> {
                if (duration.isEmpty() || !guards.others(Translation::succeeded)) {
                    left.add(set.place(), duration.isEmpty() ? "it is a plain duration of a site" : CONDITION);
                } else if (set.variable().endsWith("grace")) {
                    draft.grace = duration.get();
                } else {
                    draft.keep = duration.get();
                }
            }
            case "beresp.do_stream" -> {}
            case "beresp.uncacheable" -> {
                boolean cookies = guards.others(condition -> asksFor(condition, "beresp.http.set-cookie"));
                if (!cookies && !failed(guards)) {
                    left.add(set.place(), "let the origin answer `Cache-Control: no-store`");
                }
            }
            case "beresp.do_gzip" -> left.add(set.place(), "`compress: true` compresses all text of a site");
            case "beresp.do_gunzip", "beresp.do_esi" ->
                left.add(set.place(), "bodies are passed on as the origin sends them");
            default -> left.add(set.place(), UNKNOWN);
        }
    }

    /** Conditions under which only errors are left; those are not stored without a lifetime of their own. */
    private static boolean failed(Guards guards) {
        return !guards.others().isEmpty() && guards.others(condition -> status(condition, "(>=|>) [45]..|== 5..|~ .*"));
    }

    private static boolean succeeded(Expression condition) {
        return status(condition, "== 200|(<|<=) [34]..|>= 200");
    }

    private static boolean status(Expression condition, String wanted) {
        return condition
                        instanceof
                        Expression.Comparison(var operator, Expression.Name(var name), Expression.Name(var value))
                && name.equals("beresp.status")
                && (operator + " " + value).matches(wanted);
    }

    /** Conditions that the origin said nothing of how long its answer holds. */
    private static boolean unsaid(Expression condition) {
        return switch (condition) {
            case Expression.Not(Expression.Name(var name)) ->
                Set.of("beresp.http.cache-control", "beresp.http.expires").contains(name.toLowerCase(Locale.ROOT));
            case Expression.Comparison(var operator, Expression.Name(var name), var _) ->
                name.equals("beresp.ttl") && operator.startsWith("<");
            case Expression.Or(var any) -> any.stream().allMatch(Translation::unsaid);
            default -> succeeded(condition);
        };
    }

    private void delivered(Statement statement, Guards guards) {
        switch (statement) {
            case Statement.Set(var place, var variable, var operator, var value)
            when variable.startsWith("resp.http.") ->
                field(place, variable.substring("resp.http.".length()), operator, value, guards);
            case Statement.Unset(var place, var variable)
            when variable.startsWith("resp.http.") -> dropped(place, variable.substring("resp.http.".length()), guards);
            case Statement.Return(var place, var action, var _) -> {
                if (!action.equals("deliver")) {
                    left.add(place, "`return (" + action + ")`: " + UNKNOWN);
                }
            }
            default -> left.add(statement.place(), UNKNOWN);
        }
    }

    private void field(Place place, String name, String operator, Expression value, Guards guards) {
        if (asksForHits(guards)) {
            left.add(place, "every answer says in `Cache-Status` whether it was a hit");
        } else if (!guards.none()) {
            left.add(place, CONDITION);
        } else if (OWN_FIELDS.contains(name.toLowerCase(Locale.ROOT))) {
            left.add(place, "the accelerator writes `" + name + "` itself");
        } else if (value instanceof Expression.Text(var text) && operator.equals("=")) {
            draft.removedFields.remove(name);
            draft.setFields.put(name, text);
        } else {
            left.add(place, "`headers: set` takes a plain text");
        }
    }

    private static boolean asksForHits(Guards guards) {
        Predicate<Expression> hits =
                condition -> condition instanceof Expression.Comparison(var _, Expression.Name(var name), var _)
                        && name.equals("obj.hits");
        return !guards.others().isEmpty() && guards.others(hits);
    }

    private void dropped(Place place, String name, Guards guards) {
        boolean cookies = name.equalsIgnoreCase("Set-Cookie") && draft.source instanceof SiteDraft.Source.Http;
        if (name.equalsIgnoreCase("X-Varnish") || name.equalsIgnoreCase("X-Cache")) {
            return; // nobody writes them here
        }
        if (!guards.none()) {
            left.add(place, CONDITION);
        } else if (OWN_FIELDS.contains(name.toLowerCase(Locale.ROOT))) {
            left.add(place, "the accelerator writes `" + name + "` itself");
        } else {
            draft.setFields.remove(name);
            draft.removedFields.add(name);
            if (cookies) {
                left.add(
                        place, "dropped from what clients get; an answer with it is still stored only with a lifetime");
            }
        }
    }
}
