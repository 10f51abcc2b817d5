package jarrah.iam.policy;

import jarrah.iam.Principal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Judges a request by policies ("Policy evaluation logic" of the IAM user guide). */
public final class Evaluator {
    private Evaluator() {}

    /**
     * What is asked.
     *
     * @param caller who asks
     * @param action with its vendor, e.g. {@code s3:GetObject}
     * @param resource ARN
     * @param context the condition keys
     */
    public record Request(Principal caller, String action, String resource, Context context) {}

    /**
     * What a resource's policy says, with how it reaches the caller.
     *
     * @param reach of the strongest statement that allows; {@link Principals.Reach#NOT} unless the decision is ALLOW
     */
    public record OfResource(Decision decision, Principals.Reach reach) {
        static final OfResource SILENT = new OfResource(Decision.IMPLICIT_DENY, Principals.Reach.NOT);
        static final OfResource DENIED = new OfResource(Decision.EXPLICIT_DENY, Principals.Reach.NOT);
        static final OfResource DIRECT = new OfResource(Decision.ALLOW, Principals.Reach.DIRECT);
        static final OfResource THROUGH_ACCOUNT = new OfResource(Decision.ALLOW, Principals.Reach.THROUGH_ACCOUNT);
    }

    /** What a caller's own policies say. */
    public static Decision byIdentity(Request request) {
        return request.caller() instanceof Principal.User user
                ? user.policies().decide(request)
                : Decision.IMPLICIT_DENY;
    }

    /** What some policies say, all of whose statements are about the caller. */
    static Decision decide(List<Policy> policies, Request request) {
        Decision decision = Decision.IMPLICIT_DENY;
        for (Policy policy : policies) {
            OfResource one = byResource(policy, request);
            if (one.decision() == Decision.EXPLICIT_DENY) {
                return one.decision();
            }
            decision = one.decision() == Decision.ALLOW ? Decision.ALLOW : decision;
        }
        return decision;
    }

    /** What the policy of a resource says; nothing if it has none. */
    public static OfResource byResource(@Nullable Policy policy, Request request) {
        if (policy == null) {
            return OfResource.SILENT;
        }
        Principals.Reach allowed = Principals.Reach.NOT;
        for (Statement statement : policy.statements()) {
            Principals.Reach reach =
                    statement.reach(request.caller(), request.action(), request.resource(), request.context());
            if (reach == Principals.Reach.NOT) {
                continue;
            }
            if (statement.effect() == Statement.Effect.DENY) {
                return OfResource.DENIED;
            }
            allowed = reach.compareTo(allowed) > 0 ? reach : allowed;
        }
        return switch (allowed) {
            case NOT -> OfResource.SILENT;
            case THROUGH_ACCOUNT -> OfResource.THROUGH_ACCOUNT;
            case DIRECT -> OfResource.DIRECT;
        };
    }

    /**
     * Both sides together: within an account either may allow, across accounts both must.
     *
     * @param ownerAccountId the account that the resource belongs to
     */
    public static Decision decide(Request request, String ownerAccountId, @Nullable Policy ofResource) {
        return combine(request.caller(), byIdentity(request), ownerAccountId, byResource(ofResource, request));
    }

    /** The verdict of the caller's account and the owner's. */
    public static Decision combine(Principal caller, Decision identity, String ownerAccountId, OfResource resource) {
        if (identity == Decision.EXPLICIT_DENY || resource.decision() == Decision.EXPLICIT_DENY) {
            return Decision.EXPLICIT_DENY;
        }
        boolean byIdentity = identity == Decision.ALLOW;
        boolean allowed = switch (caller) {
            case Principal.Anonymous _ -> resource.reach() == Principals.Reach.DIRECT;
            case Principal.User user ->
                user.accountId().equals(ownerAccountId)
                        ? byIdentity || resource.reach() == Principals.Reach.DIRECT
                        : byIdentity && resource.decision() == Decision.ALLOW;
        };
        return allowed ? Decision.ALLOW : Decision.IMPLICIT_DENY;
    }
}
