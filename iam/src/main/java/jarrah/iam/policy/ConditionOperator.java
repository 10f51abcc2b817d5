package jarrah.iam.policy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How a condition compares ("IAM JSON policy elements: Condition operators"). */
@SuppressWarnings("ImmutableEnumChecker") // the fields are functions without state
public enum ConditionOperator {
    STRING_EQUALS("StringEquals", false, false, Template::matches),
    STRING_NOT_EQUALS("StringNotEquals", false, true, Template::matches),
    STRING_EQUALS_IGNORE_CASE("StringEqualsIgnoreCase", false, false, Template::matchesIgnoreCase),
    STRING_NOT_EQUALS_IGNORE_CASE("StringNotEqualsIgnoreCase", false, true, Template::matchesIgnoreCase),
    STRING_LIKE("StringLike", true, false, Template::matches),
    STRING_NOT_LIKE("StringNotLike", true, true, Template::matches),
    NUMERIC_EQUALS("NumericEquals", false, numbers(order -> order == 0)),
    NUMERIC_NOT_EQUALS("NumericNotEquals", true, numbers(order -> order == 0)),
    NUMERIC_LESS_THAN("NumericLessThan", false, numbers(order -> order < 0)),
    NUMERIC_LESS_THAN_EQUALS("NumericLessThanEquals", false, numbers(order -> order <= 0)),
    NUMERIC_GREATER_THAN("NumericGreaterThan", false, numbers(order -> order > 0)),
    NUMERIC_GREATER_THAN_EQUALS("NumericGreaterThanEquals", false, numbers(order -> order >= 0)),
    DATE_EQUALS("DateEquals", false, dates(order -> order == 0)),
    DATE_NOT_EQUALS("DateNotEquals", true, dates(order -> order == 0)),
    DATE_LESS_THAN("DateLessThan", false, dates(order -> order < 0)),
    DATE_LESS_THAN_EQUALS("DateLessThanEquals", false, dates(order -> order <= 0)),
    DATE_GREATER_THAN("DateGreaterThan", false, dates(order -> order > 0)),
    DATE_GREATER_THAN_EQUALS("DateGreaterThanEquals", false, dates(order -> order >= 0)),
    BOOL("Bool", false, new Typed<>(ConditionOperator::truth, Boolean::equals)),
    BINARY_EQUALS("BinaryEquals", false, new Typed<>(ConditionOperator::bytes, Arrays::equals)),
    IP_ADDRESS("IpAddress", false, new Typed<>(IpRange::parse, IpRange::isIn)),
    NOT_IP_ADDRESS("NotIpAddress", true, new Typed<>(IpRange::parse, IpRange::isIn)),
    ARN_EQUALS("ArnEquals", true, false, Template::matchesArn),
    ARN_LIKE("ArnLike", true, false, Template::matchesArn),
    ARN_NOT_EQUALS("ArnNotEquals", true, true, Template::matchesArn),
    ARN_NOT_LIKE("ArnNotLike", true, true, Template::matchesArn),
    /** Whether the request has the key at all; {@link Condition} does it. */
    NULL("Null", false, new Typed<>(ConditionOperator::truth, Boolean::equals));

    private static final Map<String, ConditionOperator> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(operator -> operator.wireName, it -> it));

    private final String wireName;
    private final boolean wildcards;
    private final boolean negated;
    private final Test test;
    private final Predicate<String> wellFormed;

    /** Compares a value of a request with one of the policy. */
    private interface Test {
        boolean holds(Template wanted, String given, Context context);
    }

    /**
     * Compares by what the texts stand for; a text that stands for nothing of the kind equals nothing.
     *
     * @param parse null for what is none
     * @param compare the request's value with the policy's
     */
    private record Typed<T>(Function<String, @Nullable T> parse, BiPredicate<T, T> compare) implements Test {
        @Override
        public boolean holds(Template wanted, String given, Context context) {
            String text = wanted.text(context);
            T right = text == null ? null : parse.apply(text);
            T left = parse.apply(given);
            return left != null && right != null && compare.test(left, right);
        }
    }

    ConditionOperator(String wireName, boolean wildcards, boolean negated, Test test) {
        this.wireName = wireName;
        this.wildcards = wildcards;
        this.negated = negated;
        this.test = test;
        this.wellFormed = _ -> true;
    }

    ConditionOperator(String wireName, boolean negated, Typed<?> typed) {
        this.wireName = wireName;
        this.wildcards = false;
        this.negated = negated;
        this.test = typed;
        this.wellFormed = text -> typed.parse().apply(text) != null;
    }

    /** The operator of a name; null if there is none. */
    static @Nullable ConditionOperator of(String wireName) {
        return BY_NAME.get(wireName);
    }

    /** Whether {@code *} and {@code ?} are wildcards in the policy's values. */
    boolean wildcards() {
        return wildcards;
    }

    /** Whether it holds where its positive does not: also, then, where the key is missing. */
    boolean negated() {
        return negated;
    }

    /** Whether a text of a policy is of the operator's kind. */
    boolean isWellFormed(String text) {
        return wellFormed.test(text);
    }

    /** The positive comparison. */
    boolean matches(Template wanted, String given, Context context) {
        return test.holds(wanted, given, context);
    }

    private static Typed<BigDecimal> numbers(IntPredicate order) {
        return new Typed<>(PolicyValues::number, (given, wanted) -> order.test(given.compareTo(wanted)));
    }

    private static Typed<Instant> dates(IntPredicate order) {
        return new Typed<>(PolicyValues::instant, (given, wanted) -> order.test(given.compareTo(wanted)));
    }

    private static @Nullable Boolean truth(String text) {
        return text.equalsIgnoreCase("true") ? Boolean.TRUE : text.equalsIgnoreCase("false") ? Boolean.FALSE : null;
    }

    private static byte @Nullable [] bytes(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
