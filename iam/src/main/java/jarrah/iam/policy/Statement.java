package jarrah.iam.policy;

import jarrah.iam.Principal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One rule of a policy.
 *
 * @param sid its name; null if it has none
 * @param principals whom it is about; null in identity policies, which are about their owner
 * @param actions names with wildcards, vendor included; at least one
 * @param notActions whether it is about every action but those
 * @param resources ARNs with wildcards and variables; at least one
 * @param notResources whether it is about every resource but those
 * @param conditions all of which must hold
 */
public record Statement(
        @Nullable String sid,
        Effect effect,
        @Nullable Principals principals,
        List<Template> actions,
        boolean notActions,
        List<Template> resources,
        boolean notResources,
        List<Condition> conditions) {
    public Statement {
        actions = List.copyOf(actions);
        resources = List.copyOf(resources);
        conditions = List.copyOf(conditions);
    }

    /** What a statement does to what it is about. */
    public enum Effect {
        ALLOW,
        DENY
    }

    /** Whether it is about this action, whoever does it to whatever. */
    public boolean coversAction(String action) {
        return notActions != any(actions, action);
    }

    private static boolean any(List<Template> actions, String action) {
        for (Template pattern : actions) {
            if (pattern.matchesIgnoreCase(action, Context.EMPTY)) {
                return true;
            }
        }
        return false;
    }

    private boolean coversResource(String resource, Context context) {
        for (Template pattern : resources) {
            if (pattern.matches(resource, context)) {
                return !notResources;
            }
        }
        return notResources;
    }

    /** How it reaches the caller of a request; {@link Principals.Reach#NOT} if it is not about the request at all. */
    Principals.Reach reach(Principal caller, String action, String resource, Context context) {
        Principals.Reach reach = principals == null ? Principals.Reach.DIRECT : principals.reach(caller);
        if (reach == Principals.Reach.NOT || !coversAction(action) || !coversResource(resource, context)) {
            return Principals.Reach.NOT;
        }
        for (Condition condition : conditions) {
            if (!condition.holds(context)) {
                return Principals.Reach.NOT;
            }
        }
        return reach;
    }
}
