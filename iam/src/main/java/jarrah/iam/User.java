package jarrah.iam;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A user of an account.
 *
 * @param name unique in its account, whatever the case of its letters
 * @param path a folder for people, {@code /} or {@code /a/b/}; part of the ARN
 * @param userId its unique id, {@code AIDA...}; never used again
 * @param created when it was made
 * @param attached ARNs of the managed policies that are attached to it, in the order of attaching
 * @param tags by key
 * @param accountKey the access key that was made with the account, which only its administrator has
 */
public record User(
        String name,
        String path,
        String userId,
        Instant created,
        List<String> attached,
        Map<String, String> tags,
        Optional<String> accountKey) {
    public User {
        attached = List.copyOf(attached);
        tags = Map.copyOf(tags);
    }

    /** Its ARN in an account. */
    public String arn(String accountId) {
        return "arn:aws:iam::" + accountId + ":user" + path + name;
    }

    User withAttached(List<String> arns) {
        return new User(name, path, userId, created, arns, tags, accountKey);
    }

    User withTags(Map<String, String> newTags) {
        return new User(name, path, userId, created, attached, newTags, accountKey);
    }
}
