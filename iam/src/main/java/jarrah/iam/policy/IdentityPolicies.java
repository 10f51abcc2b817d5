package jarrah.iam.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is attached to a user, parsed once. */
public final class IdentityPolicies {
    /** Nothing at all: nothing is allowed. */
    public static final IdentityPolicies NONE = new IdentityPolicies(List.of());

    private final List<Policy> policies;
    private final boolean unrestricted;

    public IdentityPolicies(List<Policy> policies) {
        this.policies = List.copyOf(policies);
        unrestricted = policies.stream().anyMatch(IdentityPolicies::allowsAll)
                && policies.stream()
                        .flatMap(policy -> policy.statements().stream())
                        .noneMatch(statement -> statement.effect() == Statement.Effect.DENY);
    }

    private static boolean allowsAll(Policy policy) {
        return policy.statements().stream()
                .anyMatch(statement -> statement.effect() == Statement.Effect.ALLOW
                        && statement.conditions().isEmpty()
                        && !statement.notActions()
                        && !statement.notResources()
                        && statement.actions().stream().anyMatch(Template::isEverything)
                        && statement.resources().stream().anyMatch(Template::isEverything));
    }

    /** Whether everything is allowed and nothing denied, whatever the request: known without looking at it. */
    public boolean unrestricted() {
        return unrestricted;
    }

    /** What they say of a request of their owner. */
    public Decision decide(Evaluator.Request request) {
        return unrestricted ? Decision.ALLOW : Evaluator.decide(policies, request);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof IdentityPolicies same && same.policies.equals(policies);
    }

    @Override
    public int hashCode() {
        return policies.hashCode();
    }
}
