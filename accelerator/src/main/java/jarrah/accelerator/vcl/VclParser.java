package jarrah.accelerator.vcl;

import jarrah.accelerator.vcl.Vcl.AclEntry;
import jarrah.accelerator.vcl.Vcl.Expression;
import jarrah.accelerator.vcl.Vcl.Place;
import jarrah.accelerator.vcl.Vcl.Statement;
import jarrah.accelerator.vcl.Vcl.Value;
import jarrah.accelerator.vcl.VclLexer.Kind;
import jarrah.accelerator.vcl.VclLexer.Token;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes a {@link Vcl} of the text of a program and of what it includes. */
final class VclParser {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_INCLUDES = 10;
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "~", "!~", "<", ">", "<=", ">=");

    private final Vcl program;
    private final Includes includes;
    private final int included;
    private final List<Token> tokens;
    private int at;
    private int depth;

    /** Where included files come from. */
    interface Includes {
        String read(Place place, String name) throws VclException;
    }

    private VclParser(Vcl program, Includes includes, int included, List<Token> tokens) {
        this.program = program;
        this.includes = includes;
        this.included = included;
        this.tokens = tokens;
    }

    /** @throws VclException in one line what is no VCL, and where */
    static Vcl parse(String file, String text, Includes includes) throws VclException {
        var program =
                new Vcl(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
        new VclParser(program, includes, 0, VclLexer.tokens(file, text)).declarations();
        return program;
    }

    private Token peek() {
        return tokens.get(at);
    }

    private Token take() {
        Token token = tokens.get(at);
        if (token.kind() != Kind.END) {
            at++;
        }
        return token;
    }

    private boolean sees(String sign) {
        return peek().kind() != Kind.TEXT && peek().text().equals(sign);
    }

    private boolean takes(String sign) {
        if (sees(sign)) {
            at++;
            return true;
        }
        return false;
    }

    private VclException error(String wanted) {
        return new VclException(peek().place() + ": " + wanted + " is expected, not `" + peek().text() + "`");
    }

    private void expect(String sign) throws VclException {
        if (!takes(sign)) {
            throw error("`" + sign + "`");
        }
    }

    private String expect(Kind kind, String what) throws VclException {
        if (peek().kind() != kind) {
            throw error(what);
        }
        return take().text();
    }

    private String word(String what) throws VclException {
        return expect(Kind.WORD, what);
    }

    // Declarations.

    private void declarations() throws VclException {
        while (peek().kind() != Kind.END) {
            Place place = peek().place();
            String word = word("a declaration");
            switch (word) {
                case "vcl" -> {
                    String version = expect(Kind.NUMBER, "a version");
                    if (!version.startsWith("4.")) {
                        throw new VclException(place + ": only VCL 4 is understood, this is " + version);
                    }
                    expect(";");
                }
                case "import" -> {
                    while (!takes(";")) {
                        if (take().kind() == Kind.END) {
                            throw error("`;`");
                        }
                    }
                }
                case "include" -> include(place);
                case "backend" -> named(program.backends());
                case "probe" -> named(program.probes());
                case "acl" -> acl();
                case "sub" -> {
                    String name = word("a name");
                    program.subs().computeIfAbsent(name, _ -> new ArrayList<>()).addAll(block());
                }
                default -> throw new VclException(place + ": `" + word + "` is no declaration of VCL 4");
            }
        }
    }

    private void include(Place place) throws VclException {
        boolean glob = takes("+");
        String name = expect(Kind.TEXT, "the name of a file");
        expect(";");
        if (glob || included >= MAX_INCLUDES) {
            throw new VclException(place + ": " + name + (glob ? ": patterns are not read" : ": too deep"));
        }
        List<Token> more = VclLexer.tokens(name, includes.read(place, name));
        new VclParser(program, includes, included + 1, more).declarations();
    }

    private void named(Map<String, Map<String, Value>> into) throws VclException {
        String name = word("a name");
        if (takes("none")) {
            expect(";");
            into.put(name, Map.of());
            return;
        }
        into.put(name, fields());
    }

    private Map<String, Value> fields() throws VclException {
        var fields = new LinkedHashMap<String, Value>();
        expect("{");
        while (!takes("}")) {
            expect(".");
            Place place = peek().place();
            String name = word("the name of a field");
            expect("=");
            if (sees("{")) {
                fields.put(name, new Value.Fields(place, fields()));
                takes(";");
                continue;
            }
            var text = new StringBuilder();
            while (!takes(";")) {
                if (peek().kind() == Kind.END) {
                    throw error("`;`");
                }
                text.append(take().text());
            }
            fields.put(name, new Value.Scalar(place, text.toString()));
        }
        return fields;
    }

    private void acl() throws VclException {
        String name = word("a name");
        while (!sees("{")) { // flags such as +log
            if (take().kind() == Kind.END) {
                throw error("`{`");
            }
        }
        take();
        var entries = new ArrayList<AclEntry>();
        while (!takes("}")) {
            boolean optional = takes("(");
            boolean negated = takes("!");
            Place place = peek().place();
            String address = expect(Kind.TEXT, "an address");
            int slash = address.indexOf('/');
            int bits = slash < 0 ? -1 : number(place, address.substring(slash + 1));
            if (takes("/")) {
                bits = number(place, expect(Kind.NUMBER, "a number of bits"));
            }
            if (optional) {
                expect(")");
            }
            expect(";");
            entries.add(new AclEntry(place, slash < 0 ? address : address.substring(0, slash), bits, negated));
        }
        program.acls().put(name, entries);
    }

    private static int number(Place place, String text) throws VclException {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new VclException(place + ": `" + text + "` is no number of bits");
        }
    }

    // Statements.

    private List<Statement> block() throws VclException {
        deeper();
        expect("{");
        var statements = new ArrayList<Statement>();
        while (!takes("}")) {
            statements.add(statement());
        }
        depth--;
        return statements;
    }

    private void deeper() throws VclException {
        if (++depth > MAX_DEPTH) {
            throw new VclException(peek().place() + ": nested too deep");
        }
    }

    private Statement statement() throws VclException {
        Place place = peek().place();
        if (takes("if")) {
            return conditional(place);
        }
        if (peek().kind() != Kind.WORD) {
            throw error("a statement");
        }
        String word = take().text();
        Statement statement = switch (word) {
            case "set" -> {
                String variable = word("a variable");
                String operator = take().text();
                yield new Statement.Set(place, variable, operator, expression());
            }
            case "unset", "remove" -> new Statement.Unset(place, word("a variable"));
            case "call" -> {
                var called = new Statement.CallSub(place, word("a subroutine"));
                if (takes("(")) {
                    expect(")");
                }
                yield called;
            }
            case "return" -> returned(place);
            case "new" -> {
                String name = word("a name");
                expect("=");
                yield new Statement.New(place, name, expression());
            }
            default ->
                sees("(")
                        ? new Statement.Do(place, new Expression.Call(word, arguments()))
                        : new Statement.Other(place, word + rest());
        };
        expect(";");
        return statement;
    }

    private String rest() throws VclException {
        var text = new StringBuilder();
        while (!sees(";")) {
            if (peek().kind() == Kind.END) {
                throw error("`;`");
            }
            text.append(' ').append(take().text());
        }
        return text.toString();
    }

    private Statement returned(Place place) throws VclException {
        if (!takes("(")) {
            return new Statement.Return(place, "", List.of());
        }
        String action = word("an action");
        List<Expression> arguments = sees("(") ? arguments() : List.of();
        expect(")");
        return new Statement.Return(place, action, arguments);
    }

    private Statement conditional(Place place) throws VclException {
        deeper();
        expect("(");
        Expression condition = expression();
        expect(")");
        List<Statement> then = block();
        List<Statement> otherwise = List.of();
        Place next = peek().place();
        if (takes("else")) {
            otherwise = takes("if") ? List.of(conditional(next)) : block();
        } else if (takes("elseif") || takes("elsif") || takes("elif")) {
            otherwise = List.of(conditional(next));
        }
        depth--;
        return new Statement.If(place, condition, then, otherwise);
    }

    // Expressions, the loosest first.

    private Expression expression() throws VclException {
        deeper();
        var any = new ArrayList<Expression>(List.of(conjunction()));
        while (takes("||")) {
            any.add(conjunction());
        }
        depth--;
        return any.size() == 1 ? any.getFirst() : new Expression.Or(any);
    }

    private Expression conjunction() throws VclException {
        var all = new ArrayList<Expression>(List.of(comparison()));
        while (takes("&&")) {
            all.add(comparison());
        }
        return all.size() == 1 ? all.getFirst() : new Expression.And(all);
    }

    private Expression comparison() throws VclException {
        if (takes("!")) {
            deeper();
            Expression of = comparison();
            depth--;
            return new Expression.Not(of);
        }
        Expression left = concatenation();
        if (peek().kind() == Kind.SIGN && COMPARISONS.contains(peek().text())) {
            String operator = take().text();
            return new Expression.Comparison(operator, left, concatenation());
        }
        return left;
    }

    private Expression concatenation() throws VclException {
        var parts = new ArrayList<Expression>(List.of(operand()));
        while (takes("+") || peek().kind() == Kind.TEXT || peek().kind() == Kind.WORD) {
            parts.add(operand());
        }
        return parts.size() == 1 ? parts.getFirst() : new Expression.Concatenation(parts);
    }

    private Expression operand() throws VclException {
        if (takes("(")) {
            Expression inside = expression();
            expect(")");
            return inside;
        }
        Token token = peek();
        return switch (token.kind()) {
            case TEXT -> new Expression.Text(take().text());
            case NUMBER -> new Expression.Name(take().text());
            case WORD -> {
                take();
                yield switch (token.text()) {
                    case "true" -> new Expression.Truth(true);
                    case "false" -> new Expression.Truth(false);
                    default ->
                        sees("(") ? new Expression.Call(token.text(), arguments()) : new Expression.Name(token.text());
                };
            }
            case SIGN, END -> throw error("a value");
        };
    }

    private List<Expression> arguments() throws VclException {
        expect("(");
        var arguments = new ArrayList<Expression>();
        while (!takes(")")) {
            arguments.add(expression());
            if (!sees(")")) {
                expect(",");
            }
        }
        return arguments;
    }
}
