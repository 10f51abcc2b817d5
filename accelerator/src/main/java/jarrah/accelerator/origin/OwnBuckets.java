package jarrah.accelerator.origin;

import jarrah.accelerator.site.SiteOrigin;
import jarrah.http.Handler;
import jarrah.storage.StoreChanges;

/** The object store of this process, as the accelerator needs it; the composition root implements this over S3. */
public interface OwnBuckets {
    /**
     * Answers S3 requests in that identity's name.
     *
     * <p>It is called with exchanges that no socket stands behind: unsigned GET and HEAD requests in path style, {@code
     * /BUCKET/KEY} with the key percent-encoded, and no other fields than Host, Range, If-Range, If-None-Match and
     * If-Modified-Since. It runs on the caller's virtual thread.
     */
    Handler reader(SiteOrigin.Identity as);

    /** Whether there is such a bucket. */
    boolean exists(String bucket);

    /** Watches what decides about a whole bucket: its existence, ACL, policy. Blocks for one read of the store. */
    StoreChanges.Watch watchBucket(String bucket);

    /** Watches an object, whether it exists or not. Blocks for one read of the store. */
    StoreChanges.Watch watchObject(String bucket, String key);
}
