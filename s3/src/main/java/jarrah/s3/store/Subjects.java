package jarrah.s3.store;

/**
 * The names under which {@link jarrah.storage.StoreChanges} knows buckets and objects. A bucket's name has no slash, so
 * no two subjects have the same name.
 */
public final class Subjects {
    private Subjects() {}

    /** A bucket itself: its ACL and whether it exists; not its objects. */
    public static String bucket(String name) {
        return "b/" + name;
    }

    /** An object: its bytes, metadata and ACL. */
    public static String object(String bucket, String key) {
        return "o/" + bucket + "/" + key;
    }
}
