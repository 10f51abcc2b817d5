package jarrah.iam.policy;

import jarrah.iam.Principal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Callers and contexts for tests. */
final class Callers {
    static final String ACCOUNT = "111122223333";
    static final String OTHER = "444455556666";

    private Callers() {}

    static Principal.User user(String accountId, String name, String... policies) {
        return new Principal.User(
                accountId,
                "canonical-" + accountId,
                "account",
                name,
                "arn:aws:iam::" + accountId + ":user/" + name,
                "AIDA" + name,
                "AKIA" + name,
                Map.of("team", "red*"),
                new IdentityPolicies(
                        Arrays.stream(policies).map(PolicyParser::identity).toList()));
    }

    /** A context of these keys; values are separated by blanks. */
    static Context context(String... keysAndValues) {
        var values = new HashMap<String, List<String>>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            String text = keysAndValues[i + 1];
            values.put(Context.normal(keysAndValues[i]), text.isEmpty() ? List.of() : List.of(text.split(" ")));
        }
        return key -> values.getOrDefault(key, List.of());
    }
}
