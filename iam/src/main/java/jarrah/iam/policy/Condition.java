package jarrah.iam.policy;

import java.util.List;

/**
 * One condition: an operator, a key, and the values of which one is enough.
 *
 * @param quantifier how the values of a key that may have several are looked at
 * @param ifExists whether it holds where the request does not have the key
 * @param key as {@link Context#normal} writes it
 * @param values of the policy
 */
public record Condition(
        ConditionOperator operator, Quantifier quantifier, boolean ifExists, String key, List<Template> values) {
    public Condition {
        values = List.copyOf(values);
    }

    /** How the request's values are looked at. */
    public enum Quantifier {
        /** Nothing said: as {@link #ANY}, but for negated operators all. */
        NONE,
        ALL,
        ANY
    }

    /** Whether it holds for a request. */
    boolean holds(Context context) {
        List<String> given = context.values(key);
        if (operator == ConditionOperator.NULL) {
            return one(Boolean.toString(given.isEmpty()), context);
        }
        if (given.isEmpty()) {
            return switch (quantifier) {
                case ALL -> true;
                case ANY -> ifExists;
                case NONE -> ifExists || operator.negated();
            };
        }
        boolean every = quantifier == Quantifier.ALL || (quantifier == Quantifier.NONE && operator.negated());
        for (String value : given) {
            boolean holds = operator.negated() != one(value, context);
            if (holds != every) {
                return holds;
            }
        }
        return every;
    }

    private boolean one(String given, Context context) {
        for (Template value : values) {
            if (operator.matches(value, given, context)) {
                return true;
            }
        }
        return false;
    }
}
