package jarrah.s3.store;

/** S3's limits, and the store's own. */
public final class Limits {
    /** The longest key, bytes of UTF-8. */
    public static final int MAX_KEY_BYTES = 1_024;
    /** The most buckets of an account: AWS's default quota since November 2024. */
    public static final int MAX_BUCKETS = 10_000;
    /** The largest object put or copied as one, and the largest part, bytes. */
    public static final long MAX_PUT_BYTES = 5L << 30;
    /** The largest object, bytes: 5 TiB, though AWS went to 50 in 2025. */
    public static final long MAX_OBJECT_BYTES = 5L << 40;
    /** The smallest part but the last, bytes. */
    public static final long MIN_PART_BYTES = 5L << 20;
    /** The most parts, and the highest part number. */
    public static final int MAX_PARTS = 10_000;
    /** The most entries of a page. */
    public static final int MAX_PAGE = 1_000;
    /** Contents up to this size lie in the Kv, so that a durable put is one group commit and no file, bytes. */
    public static final int SMALL_BYTES = 16 * 1024;

    private Limits() {}
}
