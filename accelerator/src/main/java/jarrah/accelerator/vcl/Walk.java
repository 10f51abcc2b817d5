package jarrah.accelerator.vcl;

import jarrah.accelerator.vcl.Vcl.Expression;
import jarrah.accelerator.vcl.Vcl.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows a subroutine within a {@link Cell}, through those that it calls, to the statements that are reached there and the
 * conditions that then remain.
 */
final class Walk {
    /** More than a program for people has. */
    private static final int MAX_STEPS = 20_000;

    private final Vcl program;
    private final Cell cell;
    private final List<Reached> reached = new ArrayList<>();
    private final List<String> calling = new ArrayList<>();

    /**
     * A statement that is no condition and no call.
     *
     * @param guards conditions on something else than host and folder, all of which must hold
     */
    record Reached(Statement statement, List<Expression> guards) {}

    private Walk(Vcl program, Cell cell) {
        this.program = program;
        this.cell = cell;
    }

    static List<Reached> through(Vcl program, String sub, Cell cell) {
        var walk = new Walk(program, cell);
        walk.sub(sub, List.of());
        return walk.reached;
    }

    /** Returns whether it goes on behind, as {@link #block}. */
    private boolean sub(String name, List<Expression> guards) {
        if (calling.contains(name)) {
            return true; // VCL itself refuses recursion
        }
        calling.add(name);
        boolean goesOn = block(program.subs().getOrDefault(name, List.of()), guards);
        calling.removeLast();
        return goesOn;
    }

    /**
     * Walks through statements. What lies behind a conditional return is reached by all other requests, and so without a
     * guard.
     *
     * @return whether anything behind is reached
     */
    private boolean block(List<Statement> statements, List<Expression> guards) {
        for (Statement statement : statements) {
            if (reached.size() > MAX_STEPS) {
                return false;
            }
            switch (statement) {
                case Statement.If choice -> {
                    if (!choice(choice, guards)) {
                        return false;
                    }
                }
                case Statement.CallSub(var _, var name) -> {
                    if (!sub(name, guards)) {
                        return false;
                    }
                }
                case Statement.Return(var _, var action, var _)
                when action.isEmpty() -> {
                    return true; // to the caller
                }
                case Statement.Return ending -> {
                    reached.add(new Reached(ending, List.copyOf(guards)));
                    return false;
                }
                default -> reached.add(new Reached(statement, List.copyOf(guards)));
            }
        }
        return true;
    }

    private boolean choice(Statement.If choice, List<Expression> guards) {
        Expression condition = cell.within(choice.condition());
        if (condition instanceof Expression.Truth(var value)) {
            return block(value ? choice.then() : choice.otherwise(), guards);
        }
        boolean after = branch(choice.then(), condition, guards);
        return branch(choice.otherwise(), Cell.not(condition), guards) || after;
    }

    private boolean branch(List<Statement> statements, Expression condition, List<Expression> guards) {
        var more = new ArrayList<>(guards);
        if (condition instanceof Expression.And(var all)) {
            more.addAll(all);
        } else {
            more.add(condition);
        }
        return block(statements, more);
    }

    /** Where each named object of {@code vcl_init} was made, and the backends that were added to it. */
    static Map<String, List<String>> directors(Vcl program) {
        Map<String, List<String>> directors = new HashMap<>();
        for (Reached each : through(program, "vcl_init", new Cell("", "/"))) {
            switch (each.statement) {
                case Statement.New(var _, var name, Expression.Call(var made, var _))
                when made.startsWith("directors.") -> directors.put(name, new ArrayList<>());
                case Statement.Do(var _, Expression.Call(var method, var arguments))
                when method.endsWith(".add_backend")
                        && !arguments.isEmpty()
                        && arguments.getFirst() instanceof Expression.Name(var backend) ->
                    directors
                            .getOrDefault(method.substring(0, method.indexOf('.')), new ArrayList<>())
                            .add(backend);
                default -> {}
            }
        }
        return directors;
    }
}
