package jarrah.iam;

/** On whose behalf a request is carried out. */
public sealed interface Principal {
    /** Nobody in particular: an unsigned request. */
    record Anonymous() implements Principal {}

    /**
     * A user of an account.
     *
     * @param accountId twelve digits
     * @param canonicalId 64 hex digits, S3's name for the account
     * @param accountName what people call the account; S3's display name
     * @param arn of the user
     * @param userId the user's unique id, {@code AIDA...}
     * @param accessKeyId the key that signed
     * @param administrator whether AdministratorAccess is attached to the user
     */
    record User(
            String accountId,
            String canonicalId,
            String accountName,
            String arn,
            String userId,
            String accessKeyId,
            boolean administrator)
            implements Principal {}

    /** Unsigned requests. */
    Principal ANONYMOUS = new Anonymous();
}
