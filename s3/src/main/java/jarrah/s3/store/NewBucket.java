package jarrah.s3.store;

/**
 * A bucket to be created.
 *
 * @param accountId of the owner, 12 digits
 * @param ownerId canonical id of the owner
 * @param acl e.g. {@link CannedAcl#expand}
 * @param ownership whether ACLs count in it
 */
public record NewBucket(
        String name, String accountId, String ownerId, String region, Acl acl, ObjectOwnership ownership) {}
