package jarrah.iam;

/**
 * An access key with what is needed to act for its user.
 *
 * @param id the public half
 * @param secret the secret half, in the clear: never logged
 * @param userName of its user
 * @param userId of its user
 * @param account that the user belongs to
 */
public record AccessKey(String id, String secret, String userName, String userId, Account account) {
    /** The caller that a request signed with this key stands for. */
    public Principal.User principal() {
        return new Principal.User(
                account.id(),
                account.canonicalId(),
                account.name(),
                "arn:aws:iam::" + account.id() + ":user/" + userName,
                userId,
                id,
                true);
    }

    @Override
    public String toString() {
        return "AccessKey[" + id + "]";
    }
}
