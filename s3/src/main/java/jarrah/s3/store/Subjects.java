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

    /** The bucket that a subject is, or is in. */
    static String bucketOf(String subject) {
        int slash = subject.startsWith("b/") ? -1 : subject.indexOf('/', 2);
        return slash < 0 ? subject.substring(2) : subject.substring(2, slash);
    }

    /** The key of an object's subject; empty for a bucket's. */
    static String keyOf(String subject) {
        return subject.startsWith("b/") ? "" : subject.substring(subject.indexOf('/', 2) + 1);
    }

    /** An object: its bytes, metadata and ACL. */
    public static String object(String bucket, String key) {
        return "o/" + bucket + "/" + key;
    }
}
