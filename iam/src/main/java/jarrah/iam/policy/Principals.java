package jarrah.iam.policy;

import jarrah.iam.Principal;
import java.util.List;

/**
 * Whom a statement is about.
 *
 * @param negated whether it is everybody but those named ({@code NotPrincipal})
 * @param named at least one
 */
public record Principals(boolean negated, List<Named> named) {
    public Principals {
        named = List.copyOf(named);
    }

    /** One that a statement names. */
    public sealed interface Named {
        /** {@code *}: everybody, the unsigned too. */
        record Everybody() implements Named {}

        /** An account, by its id or by the ARN of its root: those in it whom the account itself lets. */
        record WholeAccount(String accountId) implements Named {}

        /** A user or a role, by its ARN. */
        record Identity(String arn) implements Named {}

        /** An account by the id that S3 uses. */
        record CanonicalUser(String canonicalId) implements Named {}

        /** A service or an identity provider: nobody who calls here. */
        record Outside(String name) implements Named {}
    }

    /** How a statement reaches a caller. */
    public enum Reach {
        NOT,
        /** Through the account: its own policies have to allow it too. */
        THROUGH_ACCOUNT,
        /** The caller himself, or everybody. */
        DIRECT
    }

    /** Whether and how the statement is about a caller. */
    public Reach reach(Principal caller) {
        Reach best = Reach.NOT;
        for (Named one : named) {
            Reach reach = reach(one, caller);
            best = reach.compareTo(best) > 0 ? reach : best;
        }
        if (!negated) {
            return best;
        }
        return best == Reach.NOT ? Reach.DIRECT : Reach.NOT;
    }

    private static Reach reach(Named named, Principal caller) {
        if (named instanceof Named.Everybody) {
            return Reach.DIRECT;
        }
        if (!(caller instanceof Principal.User user)) {
            return Reach.NOT;
        }
        return switch (named) {
            case Named.Everybody _ -> Reach.DIRECT;
            case Named.WholeAccount(var id) -> id.equals(user.accountId()) ? Reach.THROUGH_ACCOUNT : Reach.NOT;
            case Named.CanonicalUser(var id) -> id.equals(user.canonicalId()) ? Reach.THROUGH_ACCOUNT : Reach.NOT;
            case Named.Identity(var arn) -> arn.equals(user.arn()) ? Reach.DIRECT : Reach.NOT;
            case Named.Outside _ -> Reach.NOT;
        };
    }

    /** Whether everybody is among them. */
    public boolean includesEverybody() {
        return negated || named.stream().anyMatch(Named.Everybody.class::isInstance);
    }
}
