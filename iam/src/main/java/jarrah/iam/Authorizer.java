package jarrah.iam;

import jarrah.aws.QueryException;
import jarrah.aws.QueryRequest;
import jarrah.http.RequestHead;
import jarrah.iam.policy.CallerContext;
import jarrah.iam.policy.Context;
import jarrah.iam.policy.Decision;
import jarrah.iam.policy.Evaluator;
import jarrah.iam.policy.Policy;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** Judges what a caller may do, by its own policies and by that of the resource. */
public final class Authorizer {
    private final Clock clock;

    /** @param clock tells {@code aws:CurrentTime} */
    public Authorizer(Clock clock) {
        this.clock = clock;
    }

    /**
     * The verdict of both sides.
     *
     * @param principal the caller
     * @param action with its vendor, e.g. {@code iam:CreateUser}
     * @param resource ARN, or {@code *} for an action that is about no resource in particular
     * @param resourceAccountId the account that owns the resource
     * @param context the condition keys, e.g. {@link #context}
     * @param ofResource the resource's policy; null if it has none
     */
    public Decision decide(
            Principal principal,
            String action,
            String resource,
            String resourceAccountId,
            Context context,
            @Nullable Policy ofResource) {
        return Evaluator.decide(
                new Evaluator.Request(principal, action, resource, context), resourceAccountId, ofResource);
    }

    /** Whether {@link #decide} allows. */
    public boolean allows(
            Principal principal,
            String action,
            String resource,
            String resourceAccountId,
            Context context,
            @Nullable Policy ofResource) {
        return decide(principal, action, resource, resourceAccountId, context, ofResource) == Decision.ALLOW;
    }

    /**
     * Passes if a user may do this in its own account.
     *
     * @throws QueryException.AccessDenied in the words of IAM and STS
     */
    public void require(Principal.User user, String action, String resource, QueryRequest request) {
        Decision decision = decide(user, action, resource, user.accountId(), context(user, request.head()), null);
        if (decision != Decision.ALLOW) {
            throw new QueryException.AccessDenied("User: " + user.arn() + " is not authorized to perform: " + action
                    + (resource.equals("*") ? "" : " on resource: " + resource) + because(decision, action));
        }
    }

    /** The end of AWS's sentence on a refusal. */
    public static String because(Decision decision, String action) {
        return decision == Decision.EXPLICIT_DENY
                ? " with an explicit deny in an identity-based policy"
                : " because no identity-based policy allows the " + action + " action";
    }

    /**
     * The global condition keys.
     *
     * @param head of the request; null if a service of this region makes it on the principal's behalf
     */
    public CallerContext context(Principal principal, @Nullable RequestHead head) {
        if (head == null) {
            return new CallerContext(principal, clock.instant(), null, true, true, null, null);
        }
        // Never resolved: an address that is a name says nothing.
        var address = head.remote().getAddress();
        return new CallerContext(
                principal,
                clock.instant(),
                address == null ? null : address.getHostAddress(),
                head.secure(),
                false,
                head.headers().first("User-Agent"),
                head.headers().first("Referer"));
    }
}
