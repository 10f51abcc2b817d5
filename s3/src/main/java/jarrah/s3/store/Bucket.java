package jarrah.s3.store;

import java.time.Instant;

/**
 * A bucket as it is recorded.
 *
 * @param name unique in this cloud
 * @param id of the bucket's keys in the store; never used again when the bucket is deleted
 * @param accountId of the owner, 12 digits
 * @param ownerId canonical id of the owner
 * @param region where it was created
 * @param created to the millisecond
 * @param generation number of the last change of the bucket itself (ACL, owner), not of its objects
 * @param acl of the bucket
 * @param ownership whether ACLs count in it
 */
public record Bucket(
        String name,
        long id,
        String accountId,
        String ownerId,
        String region,
        Instant created,
        long generation,
        Acl acl,
        ObjectOwnership ownership) {

    /** Whether ACLs give anybody a right here. */
    public boolean honoursAcls() {
        return ownership != ObjectOwnership.BUCKET_OWNER_ENFORCED;
    }

    /** The same after a change of one of its settings. */
    Bucket withGeneration(long number) {
        return new Bucket(name, id, accountId, ownerId, region, created, number, acl, ownership);
    }
}
