package jarrah.s3.store;

import jarrah.s3.store.Acl.Grant;
import jarrah.s3.store.Acl.Grantee.CanonicalUser;
import jarrah.s3.store.Acl.Grantee.Group;
import jarrah.s3.store.Acl.Permission;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The ACLs that {@code x-amz-acl} names. */
public enum CannedAcl {
    PRIVATE("private"),
    PUBLIC_READ("public-read"),
    PUBLIC_READ_WRITE("public-read-write"),
    AUTHENTICATED_READ("authenticated-read"),
    AWS_EXEC_READ("aws-exec-read"),
    BUCKET_OWNER_READ("bucket-owner-read"),
    BUCKET_OWNER_FULL_CONTROL("bucket-owner-full-control"),
    LOG_DELIVERY_WRITE("log-delivery-write");

    /** The account that EC2 reads bundled images with ("za-team"), on AWS and in every clone. */
    public static final String EXEC_READ_ID = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

    private final String wireName;

    CannedAcl(String wireName) {
        this.wireName = wireName;
    }

    /** The value of {@code x-amz-acl}. */
    public String wireName() {
        return wireName;
    }

    /** The canned ACL of a name; null if there is none. */
    public static @Nullable CannedAcl of(String wireName) {
        for (CannedAcl acl : values()) {
            if (acl.wireName.equals(wireName)) {
                return acl;
            }
        }
        return null;
    }

    /**
     * The grants that the name stands for.
     *
     * @param ownerId canonical id of the bucket's or object's owner
     * @param bucketOwnerId canonical id of the owner of the bucket that an object is in; for a bucket its own owner
     */
    public Acl expand(String ownerId, String bucketOwnerId) {
        var grants = new ArrayList<Grant>();
        grants.add(new Grant(new CanonicalUser(ownerId), Permission.FULL_CONTROL));
        switch (this) {
            case PRIVATE -> {}
            case PUBLIC_READ -> grants.add(new Grant(Group.ALL_USERS, Permission.READ));
            case PUBLIC_READ_WRITE -> {
                grants.add(new Grant(Group.ALL_USERS, Permission.READ));
                grants.add(new Grant(Group.ALL_USERS, Permission.WRITE));
            }
            case AUTHENTICATED_READ -> grants.add(new Grant(Group.AUTHENTICATED_USERS, Permission.READ));
            case AWS_EXEC_READ -> grants.add(new Grant(new CanonicalUser(EXEC_READ_ID), Permission.READ));
            case BUCKET_OWNER_READ -> addFor(bucketOwnerId, ownerId, Permission.READ, grants);
            case BUCKET_OWNER_FULL_CONTROL -> addFor(bucketOwnerId, ownerId, Permission.FULL_CONTROL, grants);
            case LOG_DELIVERY_WRITE -> {
                grants.add(new Grant(Group.LOG_DELIVERY, Permission.WRITE));
                grants.add(new Grant(Group.LOG_DELIVERY, Permission.READ_ACP));
            }
        }
        return new Acl(ownerId, grants);
    }

    private static void addFor(String bucketOwnerId, String ownerId, Permission permission, List<Grant> grants) {
        if (!bucketOwnerId.equals(ownerId)) {
            grants.add(new Grant(new CanonicalUser(bucketOwnerId), permission));
        }
    }
}
