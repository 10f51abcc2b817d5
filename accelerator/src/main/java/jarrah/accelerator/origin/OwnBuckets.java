package jarrah.accelerator.origin;

import jarrah.accelerator.site.SiteOrigin;
import jarrah.http.Handler;
import jarrah.http.RequestHead;
import jarrah.storage.StoreChanges;
import org.jspecify.annotations.Nullable;

/** The object store of this process, as the accelerator needs it; the composition root implements this over S3. */
public interface OwnBuckets {
    /**
     * Answers S3 requests in that identity's name.
     *
     * <p>It is called with exchanges that no socket stands behind: unsigned GET and HEAD requests in path style, {@code
     * /BUCKET/KEY} with the key percent-encoded, and no other fields than Host, Range, If-Range, If-None-Match and
     * If-Modified-Since; and ListObjectsV2 as {@code GET /BUCKET/?...}. It runs on the caller's virtual thread.
     */
    Handler reader(SiteOrigin.Identity as);

    /** Whether there is such a bucket. */
    boolean exists(String bucket);

    /**
     * Answers S3 requests, as those to {@link #reader}, in the name of whoever signed a request.
     *
     * @param signed as the client sent it, with Signature Version 4 for the service {@code s3}, in the field Authorization
     *     or in the query
     * @return null if the request is not signed
     * @throws SignatureRefused if it is, by nobody known, wrongly, or for another time
     */
    @Nullable
    Handler signer(RequestHead signed) throws SignatureRefused;

    /** A signature that does not hold; the message is one line for the client. */
    final class SignatureRefused extends Exception {
        public SignatureRefused(String message) {
            super(message);
        }
    }

    /** Watches what decides about a whole bucket: its existence, ACL, policy. Blocks for one read of the store. */
    StoreChanges.Watch watchBucket(String bucket);

    /** Watches an object, whether it exists or not. Blocks for one read of the store. */
    StoreChanges.Watch watchObject(String bucket, String key);
}
