package jarrah.iam;

/**
 * An access key with what is needed to act for its user.
 *
 * @param id the public half
 * @param secret the secret half, in the clear: never logged
 * @param account that the user belongs to
 * @param principal the caller that a request signed with this key stands for
 */
public record AccessKey(String id, String secret, Account account, Principal.User principal) {
    /** The name of its user. */
    public String userName() {
        return principal.name();
    }

    @Override
    public String toString() {
        return "AccessKey[" + id + "]";
    }
}
