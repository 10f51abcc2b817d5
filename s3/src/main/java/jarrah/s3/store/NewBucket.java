package jarrah.s3.store;

/**
 * A bucket to be created.
 *
 * @param accountId of the owner, 12 digits
 * @param ownerId canonical id of the owner
 * @param acl e.g. {@link CannedAcl#expand}
 * @param ownership whether ACLs count in it
 * @param objectLock whether versions in it can be locked; then it is versioned from the start
 */
public record NewBucket(
        String name,
        String accountId,
        String ownerId,
        String region,
        Acl acl,
        ObjectOwnership ownership,
        boolean objectLock) {
    /** One without object lock. */
    public NewBucket(String name, String accountId, String ownerId, String region, Acl acl, ObjectOwnership ownership) {
        this(name, accountId, ownerId, region, acl, ownership, false);
    }
}
