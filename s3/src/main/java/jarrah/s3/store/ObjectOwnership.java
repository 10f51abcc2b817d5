package jarrah.s3.store;

import org.jspecify.annotations.Nullable;

/** Whether a bucket honours ACLs ("Controlling ownership of objects"); the names are those of the wire. */
public enum ObjectOwnership {
    /** ACLs are off: the bucket's owner owns everything in it. */
    BUCKET_OWNER_ENFORCED("BucketOwnerEnforced"),
    /** Objects belong to the bucket's owner if the writer gives it full control. */
    BUCKET_OWNER_PREFERRED("BucketOwnerPreferred"),
    /** Objects belong to who writes them. */
    OBJECT_WRITER("ObjectWriter"),
    /** Nothing was set, or it was taken back: as if {@link #OBJECT_WRITER} were. */
    UNSET("");

    private final String wireName;

    ObjectOwnership(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }

    /** The one of a name; null if there is none. */
    public static @Nullable ObjectOwnership of(String wireName) {
        for (ObjectOwnership ownership : values()) {
            if (ownership != UNSET && ownership.wireName.equals(wireName)) {
                return ownership;
            }
        }
        return null;
    }
}
