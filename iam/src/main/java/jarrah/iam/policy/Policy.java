package jarrah.iam.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A policy as it was read.
 *
 * @param version {@code 2012-10-17} or {@code 2008-10-17}
 * @param id its name for people; null if it has none
 */
public record Policy(String version, @Nullable String id, List<Statement> statements) {
    public Policy {
        statements = List.copyOf(statements);
    }
}
