package jarrah.accelerator.vcl;

import java.util.List;
import java.util.Map;

/**
 * A program, as written: the grammar of VCL 4 in Varnish's reference, vcl(7), as far as it matters here.
 *
 * @param backends fields of each backend; a probe in place is under {@code .probe}
 * @param probes fields of each probe with a name
 * @param acls entries of each list of addresses
 * @param subs bodies; a name may have several, one after the other
 */
record Vcl(
        Map<String, Map<String, Value>> backends,
        Map<String, Map<String, Value>> probes,
        Map<String, List<AclEntry>> acls,
        Map<String, List<Statement>> subs) {

    /** What a field of a backend or probe is set to. */
    sealed interface Value {
        Place place();

        record Scalar(Place place, String text) implements Value {}

        record Fields(Place place, Map<String, Value> fields) implements Value {}
    }

    /**
     * A line of an acl.
     *
     * @param address an address or name
     * @param bits of the network's prefix; -1 for none given
     */
    record AclEntry(Place place, String address, int bits, boolean negated) {}

    /** Where something stands. */
    record Place(String file, int line) {
        @Override
        public String toString() {
            return file + ":" + line;
        }
    }

    sealed interface Expression {
        record Text(String value) implements Expression {}

        /** A variable, number, duration or the name of something declared. */
        record Name(String name) implements Expression {}

        record Truth(boolean value) implements Expression {}

        record Not(Expression of) implements Expression {}

        record And(List<Expression> all) implements Expression {}

        record Or(List<Expression> any) implements Expression {}

        /** @param operator {@code ==}, {@code !=}, {@code ~}, {@code !~}, {@code <}, {@code >}, {@code <=}, {@code >=} */
        record Comparison(String operator, Expression left, Expression right) implements Expression {}

        record Call(String function, List<Expression> arguments) implements Expression {}

        record Concatenation(List<Expression> parts) implements Expression {}
    }

    sealed interface Statement {
        Place place();

        record Set(Place place, String variable, String operator, Expression value) implements Statement {}

        record Unset(Place place, String variable) implements Statement {}

        record If(Place place, Expression condition, List<Statement> then, List<Statement> otherwise)
                implements Statement {}

        /** @param action empty where a subroutine of the program's own ends */
        record Return(Place place, String action, List<Expression> arguments) implements Statement {}

        record CallSub(Place place, String sub) implements Statement {}

        record New(Place place, String name, Expression value) implements Statement {}

        /** A call for its effect. */
        record Do(Place place, Expression call) implements Statement {}

        /** What is no statement of VCL 4's core. */
        record Other(Place place, String text) implements Statement {}
    }
}
