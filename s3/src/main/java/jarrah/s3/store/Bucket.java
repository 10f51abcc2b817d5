package jarrah.s3.store;

import java.time.Instant;
import java.util.Optional;

/**
 * A bucket as it is recorded.
 *
 * @param name unique in this cloud
 * @param id of the bucket's keys in the store; never used again when the bucket is deleted
 * @param accountId of the owner, 12 digits
 * @param ownerId canonical id of the owner
 * @param region where it was created
 * @param created to the millisecond
 * @param generation number of the last change of the bucket itself (ACL, settings), not of its objects
 * @param acl of the bucket
 * @param ownership whether ACLs count in it
 * @param versioning whether it keeps versions
 * @param objectLock whether versions in it can be locked; never off again once it is on
 * @param defaultRetention of new versions; only with object lock
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
        ObjectOwnership ownership,
        Versioning versioning,
        boolean objectLock,
        Optional<DefaultRetention> defaultRetention) {

    /** Whether ACLs give anybody a right here. */
    public boolean honoursAcls() {
        return ownership != ObjectOwnership.BUCKET_OWNER_ENFORCED;
    }

    /** The same after a change of one of its settings. */
    Bucket withGeneration(long number) {
        return with(number, acl, ownership, versioning, objectLock, defaultRetention);
    }

    Bucket withAcl(Acl next) {
        return with(generation, next, ownership, versioning, objectLock, defaultRetention);
    }

    Bucket withOwnership(ObjectOwnership next) {
        return with(generation, acl, next, versioning, objectLock, defaultRetention);
    }

    Bucket withVersioning(Versioning next) {
        return with(generation, acl, ownership, next, objectLock, defaultRetention);
    }

    /** With object lock, from now on. */
    Bucket withObjectLock(Optional<DefaultRetention> next) {
        return with(generation, acl, ownership, versioning, true, next);
    }

    private Bucket with(
            long nextGeneration,
            Acl nextAcl,
            ObjectOwnership nextOwnership,
            Versioning nextVersioning,
            boolean locks,
            Optional<DefaultRetention> nextRetention) {
        return new Bucket(
                name,
                id,
                accountId,
                ownerId,
                region,
                created,
                nextGeneration,
                nextAcl,
                nextOwnership,
                nextVersioning,
                locks,
                nextRetention);
    }
}
