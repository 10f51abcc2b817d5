package jarrah.iam;

/**
 * Whether a principal's own policies allow an action. What a bucket's owner grants to others is for the room that owns
 * the bucket to add.
 */
public final class Authorizer {
    /**
     * Judges by identity alone.
     *
     * @param principal the caller
     * @param resourceAccountId the account that owns what the action is about
     * @return true if the caller is an administrator of that very account
     */
    public boolean allows(Principal principal, String resourceAccountId) {
        return switch (principal) {
            case Principal.Anonymous _ -> false;
            case Principal.User user -> user.administrator() && user.accountId().equals(resourceAccountId);
        };
    }
}
