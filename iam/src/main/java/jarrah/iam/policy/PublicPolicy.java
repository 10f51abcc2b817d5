package jarrah.iam.policy;

import java.util.List;
import java.util.Set;

/**
 * Whether a bucket's policy lets the world in, by "The meaning of public" of the S3 user guide: it does unless every
 * statement that allows names fixed principals, or ties the request by a condition to fixed values of a key that nobody
 * can choose for himself.
 */
public final class PublicPolicy {
    /** The keys that the guide lists. */
    private static final Set<String> FIXING_KEYS = Set.of(
            "aws:principalarn",
            "aws:principalaccount",
            "aws:principalorgid",
            "aws:principalorgpaths",
            "aws:sourcearn",
            "aws:sourceaccount",
            "aws:sourceowner",
            "aws:sourcevpc",
            "aws:sourcevpce",
            "aws:sourceip",
            "aws:userid",
            "aws:username",
            "aws:calledvia",
            "s3:x-amz-server-side-encryption-aws-kms-key-id",
            "s3:dataaccesspointarn",
            "s3:dataaccesspointaccount");

    private static final Set<ConditionOperator> FIXING_OPERATORS = Set.of(
            ConditionOperator.STRING_EQUALS,
            ConditionOperator.STRING_EQUALS_IGNORE_CASE,
            ConditionOperator.STRING_LIKE,
            ConditionOperator.ARN_EQUALS,
            ConditionOperator.ARN_LIKE,
            ConditionOperator.IP_ADDRESS);

    /** Broader ranges of addresses than /8 and, in IPv6, /32 count as the world. */
    private static final int WIDEST_IPV4_BITS = 24;

    private static final int WIDEST_IPV6_BITS = 96;

    private PublicPolicy() {}

    /** Whether the policy is public. */
    public static boolean isPublic(Policy policy) {
        return policy.statements().stream().anyMatch(PublicPolicy::isPublic);
    }

    private static boolean isPublic(Statement statement) {
        Principals principals = statement.principals();
        return statement.effect() == Statement.Effect.ALLOW
                && principals != null
                && principals.includesEverybody()
                && statement.conditions().stream().noneMatch(PublicPolicy::fixes);
    }

    private static boolean fixes(Condition condition) {
        // ForAllValues and IfExists hold where the key is missing, and so tie nobody.
        if (condition.ifExists()
                || condition.quantifier() == Condition.Quantifier.ALL
                || !FIXING_OPERATORS.contains(condition.operator())
                || !FIXING_KEYS.contains(condition.key())) {
            return false;
        }
        List<Template> values = condition.values();
        return condition.operator() == ConditionOperator.IP_ADDRESS
                ? values.stream().allMatch(PublicPolicy::isNarrow)
                : values.stream().allMatch(value -> isFixed(condition.key(), value));
    }

    private static boolean isFixed(String key, Template value) {
        if (!value.isOpen()) {
            return true;
        }
        // The account has to be fixed in an ARN, and nothing else.
        String[] segments = value.source().split(":", 6);
        return value.isFixed()
                && key.endsWith("arn")
                && segments.length == 6
                && !segments[4].isEmpty()
                && segments[4].indexOf('*') < 0
                && segments[4].indexOf('?') < 0;
    }

    private static boolean isNarrow(Template value) {
        IpRange range = value.isFixed() ? IpRange.parse(value.source()) : null;
        return range != null && range.freeBits() <= (range.isIpv4() ? WIDEST_IPV4_BITS : WIDEST_IPV6_BITS);
    }
}
