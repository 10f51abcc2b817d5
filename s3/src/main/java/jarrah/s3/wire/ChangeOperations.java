package jarrah.s3.wire;

import jarrah.http.Body;
import jarrah.http.PercentCoding;
import jarrah.http.ResponseHead;
import jarrah.s3.store.Acl;
import jarrah.s3.store.ChangeFeed;
import jarrah.s3.store.S3Store;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/**
 * A bucket's changes for caches elsewhere, such as accelerator nodes: an operation of Jarrah's own, since S3 has none that
 * is answered within a moment.
 *
 * <pre>
 *   GET /BUCKET?x-jarrah-changes[&amp;prefix=P][&amp;since=CURSOR]
 *
 *   200, text/plain, lines:
 *   cursor TOKEN     to ask with the next time
 *   broken           more may have changed than is told: since the cursor is unknown or too old
 *   bucket           the bucket's ACL, policy or settings changed, or the bucket came or went
 *   key KEY          an object came, changed or went; percent-encoded
 * </pre>
 *
 * <p>With a cursor the answer waits for a change, half a second at the longest. A change is told before it is
 * acknowledged to whoever made it: what an answer does not tell was not acknowledged when the request for it was sent.
 *
 * <p>Keys show what a listing shows, so who may list the bucket (s3:ListBucket, with that prefix) may ask. A change of the
 * caller's own policies breaks the sequence: what a cache has read in the caller's name may be closed to it now.
 */
final class ChangeOperations {
    static final String SUB_RESOURCE = "x-jarrah-changes";

    /** Well below the lease of two seconds of those who ask, so that an answer that comes late does not end it. */
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final S3Store store;
    private final Access access;

    ChangeOperations(S3Store store, Access access) {
        this.store = store;
        this.access = access;
    }

    void follow(S3Request request) throws InterruptedIOException {
        String bucket = access.bucket(request, Acl.Permission.READ).name();
        String rights = Integer.toHexString(request.principal().hashCode());
        ChangeFeed.News news;
        try {
            news = store.feed()
                    .await(
                            bucket,
                            request.query().get("prefix", ""),
                            cursor(request.query().get("since"), rights),
                            PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
        var text = new StringBuilder("cursor ")
                .append(news.cursor())
                .append('-')
                .append(rights)
                .append('\n');
        text.append(news.broken() ? "broken\n" : "").append(news.bucket() ? "bucket\n" : "");
        for (String key : new LinkedHashSet<>(news.keys())) {
            text.append("key ").append(PercentCoding.encode(key)).append('\n');
        }
        ResponseHead head = request.head(200);
        head.headers().add("Content-Type", "text/plain; charset=utf-8").add("Cache-Control", "no-store");
        request.answer(head, Body.of(text.toString()));
    }

    /** The feed's part of a cursor; null if it is not of a caller with these rights. */
    private static @Nullable String cursor(@Nullable String since, String rights) {
        int dash = since == null ? -1 : since.lastIndexOf('-');
        return since == null || dash < 0 || !since.substring(dash + 1).equals(rights) ? null : since.substring(0, dash);
    }
}
